package interp

import (
	"bytes"
	"log/slog"
	"sync"
)

// maxLine bounds what is kept of a line that does not end.
const maxLine = 16 << 10

// lineWriter logs what a package prints, line by line.
type lineWriter struct {
	log *slog.Logger

	mu      sync.Mutex
	pending []byte
}

func (w *lineWriter) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.pending = append(w.pending, p...)
	for {
		line, rest, found := bytes.Cut(w.pending, []byte("\n"))
		if !found {
			break
		}
		w.log.Info(string(line), "stream", "stdout")
		w.pending = rest
	}
	if len(w.pending) > maxLine {
		w.log.Info(string(w.pending), "stream", "stdout")
		w.pending = nil
	}
	return len(p), nil
}

// flush logs a last line that was not ended.
func (w *lineWriter) flush() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.pending) > 0 {
		w.log.Info(string(w.pending), "stream", "stdout")
		w.pending = nil
	}
}
