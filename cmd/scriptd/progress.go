package main

import (
	"fmt"
	"io"
	"strings"
	"sync"
	"unicode"
)

const (
	eraseLine = "\r\x1b[K"
	barWidth  = 30
	noteWidth = 40
)

// progress draws a bar on a terminal. It is safe for concurrent use.
type progress struct {
	w io.Writer

	mu    sync.Mutex
	drawn string
}

// newProgress returns nil where w is no terminal.
func newProgress(w io.Writer) *progress {
	if !isTerminal(w) {
		return nil
	}
	return &progress{w: w}
}

// update draws how far a call is.
func (p *progress) update(done, total int, note string) {
	line := progressLine(done, total, note)
	p.mu.Lock()
	defer p.mu.Unlock()
	if line != p.drawn {
		fmt.Fprint(p.w, eraseLine, line)
		p.drawn = line
	}
}

// clear removes the bar, so that what is printed next starts on a line of its own.
func (p *progress) clear() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.drawn != "" {
		fmt.Fprint(p.w, eraseLine)
		p.drawn = ""
	}
}

func progressLine(done, total int, note string) string {
	note = strings.Join(strings.Fields(strings.Map(printable, note)), " ")
	if runes := []rune(note); len(runes) > noteWidth {
		note = string(runes[:noteWidth-1]) + "…"
	}
	if total <= 0 {
		return strings.TrimSuffix(fmt.Sprintf("%d done  %s", done, note), "  ")
	}
	done = min(max(done, 0), total)
	filled := barWidth * done / total
	bar := strings.Repeat("=", filled) + strings.Repeat(" ", barWidth-filled)
	return strings.TrimSuffix(fmt.Sprintf("[%s] %d/%d  %s", bar, done, total, note), "  ")
}

// printable drops what would move the cursor, and keeps line breaks as blanks.
func printable(r rune) rune {
	switch {
	case unicode.IsSpace(r):
		return ' '
	case unicode.IsControl(r):
		return -1
	default:
		return r
	}
}
