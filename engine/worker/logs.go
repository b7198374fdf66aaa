package worker

import (
	"bufio"
	"io"
	"log/slog"

	"github.com/hashicorp/go-hclog"
)

// newLogger returns a logger for go-plugin. What it has to say is of interest to whoever looks for a fault; that a process
// is gone is told by other means.
func newLogger(to *slog.Logger) hclog.Logger {
	l := hclog.NewInterceptLogger(&hclog.LoggerOptions{Name: "go-plugin", Level: hclog.Error, Output: io.Discard})
	l.RegisterSink(sink{to})
	return l
}

type sink struct{ to *slog.Logger }

// Accept implements hclog.SinkAdapter.
func (s sink) Accept(_ string, level hclog.Level, msg string, args ...any) {
	s.to.Debug(msg, append([]any{"of", "go-plugin", "severity", level.String()}, args...)...)
}

// maxLine bounds what is kept of a line that does not end.
const maxLine = 16 << 10

// logLines logs what is read, line by line, until its end.
func logLines(r io.Reader, log *slog.Logger, stream string) {
	lines := bufio.NewReaderSize(r, maxLine)
	for {
		line, _, err := lines.ReadLine()
		if err != nil {
			return
		}
		log.Info(string(line), "stream", stream)
	}
}
