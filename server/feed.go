package server

import (
	"bytes"
	"fmt"
	"log/slog"
	"strings"
	"sync"
)

// Bounds of what waits for a client that is slow.
const (
	maxNoteBytes = 4 << 10
	maxLogs      = 256
	maxLogBytes  = 1 << 20
)

// feed is what a call says of itself until somebody has the time to write it down. Saying something never waits: of
// progress the latest counts, of logs the latest are kept. It is safe for concurrent use.
type feed struct {
	// news holds a token where there is something to take.
	news chan struct{}

	mu       sync.Mutex
	closed   bool
	progress *progress
	logs     [][]byte
	logBytes int
	lost     int // logs that there was no room for, before those in logs
}

// progress is the data of an event.
type progress struct {
	Done  int    `json:"done"`
	Total int    `json:"total"`
	Note  string `json:"note"`
}

func newFeed() *feed { return &feed{news: make(chan struct{}, 1)} }

// update says how far the call is.
func (f *feed) update(done, total int, note string) {
	if len(note) > maxNoteBytes {
		note = strings.ToValidUTF8(note[:maxNoteBytes], "")
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if !f.closed {
		f.progress = &progress{done, total, note}
		f.wake()
	}
}

// handler returns what the call logs to. Attributes are kept apart from what every line has, so that none can pass for
// that.
func (f *feed) handler() slog.Handler {
	return slog.NewJSONHandler(f, &slog.HandlerOptions{ReplaceAttr: func(groups []string, a slog.Attr) slog.Attr {
		if len(groups) == 0 && a.Key == slog.MessageKey {
			a.Key = "message"
		}
		return a
	}}).WithGroup("attrs")
}

// Write takes a line of the log.
func (f *feed) Write(line []byte) (int, error) {
	n := len(line)
	line = bytes.Clone(bytes.TrimSuffix(line, []byte("\n")))
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.closed {
		return n, nil
	}
	f.logs = append(f.logs, line)
	f.logBytes += len(line)
	for len(f.logs) > maxLogs || f.logBytes > maxLogBytes {
		f.logBytes -= len(f.logs[0])
		f.logs[0] = nil
		f.logs = f.logs[1:]
		f.lost++
	}
	f.wake()
	return n, nil
}

func (f *feed) wake() {
	select {
	case f.news <- struct{}{}:
	default: // it is known already
	}
}

// take adds to a stream what there is to tell, and reports whether progress was part of it. Progress can be left for
// later.
func (f *feed) take(st *stream, withProgress bool) (progressed bool, err error) {
	f.mu.Lock()
	logs, lost, p := f.logs, f.lost, f.progress
	f.logs, f.logBytes, f.lost = nil, 0, 0
	if withProgress {
		f.progress = nil
	}
	f.mu.Unlock()
	for _, line := range logs {
		if lost > 0 {
			line = fmt.Appendf(nil, `{"lost":%d,%s`, lost, line[1:])
			lost = 0
		}
		st.raw("log", line)
	}
	if lost > 0 { // a line that is larger than all there is room for
		st.raw("log", fmt.Appendf(nil, `{"lost":%d}`, lost))
	}
	if p == nil || !withProgress {
		return false, nil
	}
	return true, st.event("", "progress", p)
}

// close has the feed take nothing more: what goes on after the call is nobody's concern.
func (f *feed) close() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.closed = true
}
