package sources

import (
	"context"
	"errors"
	"fmt"
)

// Kind classifies what went wrong with an origin, for those who decide whether to try again.
type Kind int

const (
	// Transient: the origin was out of reach or busy, or changed while it was read. The next try may succeed.
	Transient Kind = iota
	// NotFound: the repository, ref, bucket or folder does not exist.
	NotFound
	// Denied: the origin refused the credentials, or wants some.
	Denied
	// Refused: the origin's content is not accepted: a path that is not safe, a tree over the limits.
	Refused
	// Misconfigured: the source cannot work as it is configured: an unset secret, a key that does not parse.
	Misconfigured
	// Unverified: the origin's content is not signed by whom it should be. Keys may change, or a signature come later.
	Unverified
)

func (k Kind) String() string {
	switch k {
	case NotFound:
		return "not found"
	case Denied:
		return "denied"
	case Refused:
		return "refused"
	case Misconfigured:
		return "misconfigured"
	case Unverified:
		return "unverified"
	default:
		return "transient"
	}
}

// Error is a failure of a source.
type Error struct {
	Kind Kind
	// Op is what was tried, in words: "list refs of https://…". It holds no credentials.
	Op  string
	Err error
}

func (e *Error) Error() string { return e.Op + ": " + e.Err.Error() }
func (e *Error) Unwrap() error { return e.Err }

// Fail returns an *Error, or nil for a nil err. An err that has a kind already keeps it, and so does the end of a
// context.
func Fail(kind Kind, err error, format string, args ...any) error {
	if err == nil {
		return nil
	}
	known, ok := errors.AsType[*Error](err)
	switch {
	case ok:
		kind = known.Kind
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		kind = Transient
	}
	return &Error{Kind: kind, Op: fmt.Sprintf(format, args...), Err: err}
}

// KindOf returns the kind of err; Transient where it has none.
func KindOf(err error) Kind {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Kind
	}
	return Transient
}
