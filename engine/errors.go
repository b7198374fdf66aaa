package engine

import (
	"fmt"
	"strings"

	"github.com/scriptd/scriptd/engine/fault"
	"github.com/scriptd/scriptd/engine/runtime"
	"github.com/scriptd/scriptd/engine/schema"
)

// Errors that Call returns, to be matched with errors.Is. They are the host's side of a call: what a plugin answered,
// failure included, is in the result.
var (
	// ErrNotFound: no plugin of that name is registered.
	ErrNotFound = fault.ErrNotFound
	// ErrNoSource: no source of that name is configured.
	ErrNoSource = fault.ErrNoSource
	// ErrInvalid: the parameters do not hold under the plugin's schema. The error is an *InvalidError.
	ErrInvalid = fault.ErrInvalid
	// ErrTimeout: the call did not end in time.
	ErrTimeout = fault.ErrTimeout
	// ErrBusy: the plugin runs as many calls as its concurrency allows, and as many wait as may, or no place became free
	// in time.
	ErrBusy = fault.ErrBusy
	// ErrStopped: the version that ran the call was taken out of service, and did not end the call in the time it had
	// left. The call may be tried again.
	ErrStopped = fault.ErrStopped
	// ErrCrashed: the process that ran the call is gone, and the call with it. The error is a *runtime.CrashError; the call
	// may be tried again.
	ErrCrashed = runtime.ErrCrashed
	// ErrQuarantined: the plugin was taken out of service, because its calls kept failing, and there is no version before it.
	ErrQuarantined = fault.ErrQuarantined
	// ErrNoPackage: no package of that name, SOURCE/PATH, is known.
	ErrNoPackage = fault.ErrNoPackage
	// ErrNoVersion: the package has no such version, or none that it could go back to.
	ErrNoVersion = fault.ErrNoVersion
	// ErrClosed: the engine is closed.
	ErrClosed = fault.ErrClosed
)

// FieldError is one parameter that does not hold: its JSON pointer and what was expected.
type FieldError = schema.Fault

// InvalidError lists the parameters that do not hold. It matches ErrInvalid.
type InvalidError struct {
	Plugin string
	Fields []FieldError
}

func (e *InvalidError) Error() string {
	parts := make([]string, len(e.Fields))
	for i, f := range e.Fields {
		parts[i] = f.String()
	}
	return fmt.Sprintf("%s: %v: %s", e.Plugin, ErrInvalid, strings.Join(parts, "; "))
}

// Is makes errors.Is(err, ErrInvalid) true.
func (e *InvalidError) Is(target error) bool { return target == ErrInvalid }
