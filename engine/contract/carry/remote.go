package carry

import "reflect"

// Remote is what the other side has offered, for those who make values of it themselves. It is safe for concurrent use.
type Remote struct{ remote *remote }

// Remote returns what the other side has offered. It lets the other side know when it is garbage.
func (s *Session) Remote(reference uint64) *Remote {
	d := decoder{rest: binaryUint(reference), link: s}
	return &Remote{d.remote()}
}

// Call calls a method of the plan that the offer was made with. What the method returns, an error included, are the results. The error
// is about the call itself: it is a *PanicError for a method that panics, wraps ErrClosed where the session ended before it was
// answered, and is that of the context where the answer did not come in the time of SetPatience after its end.
func (r *Remote) Call(m *Method, args []reflect.Value) ([]reflect.Value, error) {
	return r.remote.invoke(m, args)
}
