package runtime

import (
	"errors"
	"fmt"

	"github.com/scriptd/scriptd/plugin"
)

// ErrCrashed matches every CrashError.
var ErrCrashed = errors.New("what executes the package is gone")

// CrashError says that what executed a package is gone though nobody closed it, and the calls that it ran with it. The
// package's next instance may well answer: the error is worth a retry, as plugin.IsRetryable says.
type CrashError struct {
	// Package is the name of the package.
	Package string
	// Culprit is the package that ended it, where that is another one of its group. It is empty where that is not known, too.
	Culprit string
	// Reason is what ended it: a fatal error of the Go runtime, a signal, an exit status, or that it did not answer.
	Reason string
	// Plugin is whose call ended it, of the culprit where there is one, and File, Line and Column are where that plugin was
	// registered. They are zero where that is not known.
	Plugin       string
	File         string
	Line, Column int
	// Output is the end of what it wrote to its standard error, or the beginning of the Go runtime's report.
	Output string
}

// Error tells all but the output.
func (e *CrashError) Error() string {
	text := e.Package + " crashed"
	if e.Culprit != "" {
		text += " with " + e.Culprit
	}
	text += ": " + e.Reason
	if e.Plugin != "" {
		text += ", in plugin " + e.Plugin
	}
	if e.File != "" {
		text += fmt.Sprintf(" of %s:%d:%d", e.File, e.Line, e.Column)
	}
	return text
}

var crashed = plugin.Retryable(ErrCrashed)

// Unwrap returns an error that is ErrCrashed and worth a retry.
func (e *CrashError) Unwrap() error { return crashed }
