package carry

// Errors that a callback returns are lent: while the call goes on that brought the callback, one that comes back is the error
// that it was, so that who gave the callback finds it with errors.Is and errors.As whatever its type.

// maxLent bounds how many errors are kept for a call: the newest.
const maxLent = 64

// origin is where a foreign error is at home.
type origin struct {
	link *Session
	id   uint64
}

// originOf returns the place where a foreign error has it, nil for any other.
func originOf(err error) *origin {
	switch e := err.(type) { //nolint:errorlint // itself, not what it wraps
	case *foreign:
		return &e.from
	case *foreignOne:
		return &e.from
	case *foreignList:
		return &e.from
	case *foreignTimeout:
		return originOf(e.error)
	case *foreignNetError:
		return originOf(e.error)
	}
	return nil
}

// lend keeps an error for as long as the call goes on that brought the callback, and returns its number: 0 where it is not kept.
func (y *dynamics) lend(e *encoder, err error) uint64 {
	if e.lender == nil || e.link == nil {
		return 0
	}
	if _, ok := y.opts.Table.errorName(err); ok {
		return 0 // it is the same on both sides
	}
	return e.link.lend(e.lender, err)
}

func (s *Session) lend(scope *Scope, err error) uint64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.cause != nil || scope.ended.Load() {
		return 0
	}
	if len(scope.lent) == maxLent {
		delete(s.lent, scope.lent[0])
		scope.lent = append(scope.lent[:0], scope.lent[1:]...)
	}
	s.last++
	if s.lent == nil {
		s.lent = make(map[uint64]error)
	}
	s.lent[s.last] = err
	scope.lent = append(scope.lent, s.last)
	return s.last
}

// takeHome takes an error that this side has itself, or had: what is left of it follows.
func (y *dynamics) takeHome(d *decoder, depth int) error {
	id := d.uint()
	left := y.takeChain(d, depth+1)
	if left == nil || d.link == nil {
		return left
	}
	d.link.mu.Lock()
	defer d.link.mu.Unlock()
	if err, ok := d.link.lent[id]; ok {
		return err
	}
	return left
}
