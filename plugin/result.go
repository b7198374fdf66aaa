package plugin

import (
	"errors"
	"fmt"
)

// Result is the envelope of an answer: what every caller gets, over every way of calling. A handler that returns a
// Result sets Data and Message itself; one that returns anything else has it put into Data.
type Result struct {
	// Success is set by the engine: true where the handler returned no error.
	Success bool `json:"success"`
	// Data is what the handler returned. A caller finds it as JSON decodes: nil, bool, float64, string, []any and
	// map[string]any, with json.Number for an integer that a float64 cannot hold.
	Data any `json:"data"`
	// Message is a sentence for people.
	Message string `json:"message"`
	// Error is why the call failed; empty where it succeeded.
	Error string `json:"error"`
	// Retry says that the same call may succeed later.
	Retry bool `json:"retry"`
	// Stack is where a handler panicked: its calls, the innermost first, each with file:line:column of the source. It is
	// empty for other failures.
	Stack string `json:"stack,omitempty"`
	// Invalid says that the handler refused a parameter (see Invalid). It is not part of the JSON envelope.
	Invalid bool `json:"-"`

	// Plugin, Revision, Digest and DurationMS say who answered, from which source, and how long it took in
	// milliseconds. The engine sets them.
	Plugin     string  `json:"plugin,omitempty"`
	Revision   string  `json:"revision,omitempty"`
	Digest     string  `json:"digest,omitempty"`
	DurationMS float64 `json:"duration_ms"`
}

// Marks that a callError matches under errors.Is.
var (
	errInvalid   = errors.New("invalid parameter")
	errRetryable = errors.New("worth a retry")
)

// callError is an error that says more about the call than its text: it matches its mark.
type callError struct {
	err  error
	mark error
}

func (e *callError) Error() string        { return e.err.Error() }
func (e *callError) Unwrap() error        { return e.err }
func (e *callError) Is(target error) bool { return target == e.mark }

// Invalid returns an error for a parameter that the handler cannot accept. The format is that of fmt.Errorf, %w
// included.
func Invalid(format string, args ...any) error {
	return &callError{err: fmt.Errorf(format, args...), mark: errInvalid}
}

// Retryable marks err as one that may not come back: the envelope says "retry": true. Retryable(nil) is nil.
func Retryable(err error) error {
	if err == nil {
		return nil
	}
	return &callError{err: err, mark: errRetryable}
}

// IsInvalid reports whether err, or an error that it wraps, was made by Invalid.
func IsInvalid(err error) bool { return errors.Is(err, errInvalid) }

// IsRetryable reports whether err, or an error that it wraps, was made by Retryable.
func IsRetryable(err error) bool { return errors.Is(err, errRetryable) }
