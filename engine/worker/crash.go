package worker

import (
	"bufio"
	"cmp"
	"regexp"
	"strconv"
	"strings"
	"sync"

	"github.com/scriptd/scriptd/engine/runtime"
)

// The labels of goroutines that run a plugin: its name, and where it was registered.
const (
	labelPlugin = "plugin"
	labelPlace  = "at"
)

// maxTail bounds what is kept of what a process writes to its standard error.
const maxTail = 8 << 10

// tail keeps the end of what is written.
type tail struct {
	mu  sync.Mutex
	buf []byte
}

// Write implements io.Writer.
func (t *tail) Write(b []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.buf = append(t.buf, b...)
	if over := len(t.buf) - maxTail; over > 0 {
		t.buf = t.buf[:copy(t.buf, t.buf[over:])]
	}
	return len(b), nil
}

// String returns what is kept, without space around it.
func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return strings.TrimSpace(string(t.buf))
}

// maxReason bounds the reason of a crash, in bytes: a panic may have any text.
const maxReason = 500

// crashError says why a process is gone: what the Go runtime reported, else how it ended and what it wrote last.
func crashError(pkg, status, report, stderr string) *runtime.CrashError {
	e := &runtime.CrashError{Package: pkg, Reason: status, Output: cmp.Or(report[:min(len(report), maxTail)], stderr)}
	if line := fatalLine(report); line != "" {
		e.Reason = line[:min(len(line), maxReason)] + " (" + status + ")"
	}
	labels := crashLabels(report)
	e.Plugin = labels[labelPlugin]
	if m := place.FindStringSubmatch(labels[labelPlace]); m != nil {
		e.File = m[1]
		e.Line, _ = strconv.Atoi(m[2]) // digits
		e.Column, _ = strconv.Atoi(m[3])
	}
	return e
}

// fatalLine returns the line of a report that says what is wrong.
func fatalLine(report string) string {
	for lines := bufio.NewScanner(strings.NewReader(report)); lines.Scan(); {
		line := lines.Text()
		if strings.HasPrefix(line, "fatal error: ") || strings.HasPrefix(line, "panic: ") || strings.HasPrefix(line, "SIG") {
			return line
		}
	}
	return ""
}

// labelled matches the labels of a goroutine, which the Go runtime prints as {"key": "value", …}. The first goroutine is the
// one that crashed.
var (
	labelled = regexp.MustCompile(`(?m)^goroutine \d+ .*labels:\{(.*)\}\]:$`)
	pair     = regexp.MustCompile(`("(?:[^"\\]|\\.)*"): ("(?:[^"\\]|\\.)*")`)
	place    = regexp.MustCompile(`^(.+):(\d+):(\d+)$`)
)

func crashLabels(report string) map[string]string {
	labels := make(map[string]string)
	first := strings.Index(report, "\ngoroutine ")
	if first < 0 {
		return labels
	}
	line, _, _ := strings.Cut(report[first+1:], "\n")
	m := labelled.FindStringSubmatch(line)
	if m == nil {
		return labels
	}
	for _, p := range pair.FindAllStringSubmatch(m[1], -1) {
		key, _ := strconv.Unquote(p[1]) // it matches
		labels[key], _ = strconv.Unquote(p[2])
	}
	return labels
}
