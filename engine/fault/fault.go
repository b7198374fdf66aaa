// Package fault has the errors of calls that an engine and its clients on other machines have in common. Packages engine and client
// have them under the same names.
package fault

import (
	"errors"
	"fmt"
)

// Errors to be matched with errors.Is.
var (
	// ErrNotFound: no plugin of that name is registered.
	ErrNotFound = errors.New("no such plugin")
	// ErrNoSource: no source of that name is configured.
	ErrNoSource = errors.New("no such source")
	// ErrInvalid: the parameters do not hold under the plugin's schema.
	ErrInvalid = errors.New("invalid parameters")
	// ErrTimeout: the call did not end in time.
	ErrTimeout = errors.New("timed out")
	// ErrBusy: the plugin runs as many calls as its concurrency allows, and as many wait as may, or no place became free
	// in time.
	ErrBusy = errors.New("busy")
	// ErrStopped: the version that ran the call was taken out of service, and did not end the call in the time it had
	// left. The call may be tried again.
	ErrStopped = errors.New("stopped: its version was taken out of service")
	// ErrQuarantined: the plugin was taken out of service, because its calls kept failing, and there is no version before it.
	ErrQuarantined = errors.New("quarantined")
	// ErrNoPackage: no package of that name, SOURCE/PATH, is known.
	ErrNoPackage = errors.New("no such package")
	// ErrNoVersion: the package has no such version, or none that it could go back to.
	ErrNoVersion = errors.New("no such version")
	// ErrClosed: the engine is closed.
	ErrClosed = errors.New("engine is closed")
	// ErrVersion: the plugin implements a version of the contract that cannot serve callers of the one that is wanted.
	ErrVersion = errors.New("another version of the contract")
	// ErrMismatch: the interfaces that a client and its server have of one contract do not fit.
	ErrMismatch = errors.New("the interfaces do not fit")
)

// VersionError says which version of a contract an implementation has, and which one was wanted. It matches ErrVersion.
type VersionError struct {
	// Implementation is CONTRACT/NAME.
	Implementation string
	Has, Wants     int
}

func (e *VersionError) Error() string {
	return fmt.Sprintf("%s implements version %d of the contract, and version %d is wanted: the host has no upgrade between them",
		e.Implementation, e.Has, e.Wants)
}

// Is makes errors.Is(err, ErrVersion) true.
func (e *VersionError) Is(target error) bool { return target == ErrVersion }
