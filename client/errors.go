package client

import (
	"errors"
	"fmt"
	"time"

	"github.com/scriptd/scriptd/engine/fault"
	"github.com/scriptd/scriptd/engine/runtime"
	"github.com/scriptd/scriptd/plugin"
)

// Errors of the server, to be matched with errors.Is. They are those of package engine.
var (
	ErrNotFound       = fault.ErrNotFound
	ErrNoSource       = fault.ErrNoSource
	ErrInvalid        = fault.ErrInvalid
	ErrTimeout        = fault.ErrTimeout
	ErrBusy           = fault.ErrBusy
	ErrStopped        = fault.ErrStopped
	ErrCrashed        = runtime.ErrCrashed
	ErrQuarantined    = fault.ErrQuarantined
	ErrVersion        = fault.ErrVersion
	ErrMismatch       = fault.ErrMismatch
	ErrNotImplemented = runtime.ErrNotImplemented
)

// PanicError is the error of a method that panicked, with the place in the plugin's source.
type PanicError = runtime.PanicError

var (
	// ErrUnavailable: the server cannot be reached, or the connection to it broke while a call was under way, of which nothing is known
	// then. The error is an *UnavailableError; it is worth a retry, as plugin.IsRetryable says.
	ErrUnavailable = errors.New("the server is away")
	// ErrClosed: the client is closed.
	ErrClosed = errors.New("client is closed")

	errLater = errors.New("try again later")
)

// UnavailableError says that a server is away. It matches ErrUnavailable.
type UnavailableError struct {
	// Server is its URL.
	Server string
	// Broke: there was a connection, and calls were lost with it.
	Broke bool
	// Err is why.
	Err error
	// Seen is when the server was last heard of, the zero time for never.
	Seen time.Time
}

func (e *UnavailableError) Error() string {
	if e.Broke {
		return fmt.Sprintf("the connection to scriptd at %s broke, and what came of the call is not known: %v", e.Server, e.Err)
	}
	text := fmt.Sprintf("scriptd at %s cannot be reached: %v", e.Server, e.Err)
	if !e.Seen.IsZero() {
		text += ", last seen " + e.Seen.UTC().Format(time.RFC3339)
	}
	return text
}

// Unwrap returns why, and ErrUnavailable, worth a retry.
func (e *UnavailableError) Unwrap() []error { return []error{plugin.Retryable(ErrUnavailable), e.Err} }
