package carry

// foreign is what is left of an error of the other side.
type foreign struct {
	text string
	from origin
}

func (e *foreign) Error() string { return e.text }

// foreignOne is one that wraps another.
type foreignOne struct {
	text string
	err  error
	from origin
}

func (e *foreignOne) Error() string { return e.text }

func (e *foreignOne) Unwrap() error { return e.err }

// foreignList is one that wraps several.
type foreignList struct {
	text string
	errs []error
	from origin
}

func (e *foreignList) Error() string { return e.text }

func (e *foreignList) Unwrap() []error { return e.errs }

// What an error says of time, as those of package net do.
const (
	saysTimeout = 1 << iota
	isTimeout
	saysTemporary
	isTemporary
)

// foreignTimeout is a foreign error that says whether time was up.
type foreignTimeout struct {
	error
	timeout bool
}

func (e *foreignTimeout) Unwrap() error { return e.error }

// Timeout is that of the other side.
func (e *foreignTimeout) Timeout() bool { return e.timeout }

// foreignNetError is one with both methods of a net.Error.
type foreignNetError struct {
	foreignTimeout
	temporary bool
}

// Temporary is that of the other side.
func (e *foreignNetError) Temporary() bool { return e.temporary }

// timingOf returns what an error itself says, not one that it wraps.
func timingOf(err error) (b byte) {
	defer func() {
		if recover() != nil {
			b = 0
		}
	}()
	t, ok := err.(interface{ Timeout() bool })
	if !ok {
		return 0
	}
	b = saysTimeout
	if t.Timeout() {
		b |= isTimeout
	}
	if t, ok := err.(interface{ Temporary() bool }); ok {
		if b |= saysTemporary; t.Temporary() {
			b |= isTemporary
		}
	}
	return b
}

// timed gives an error what the other side said of time.
func timed(err error, b byte) error {
	if b&saysTimeout == 0 {
		return err
	}
	t := foreignTimeout{err, b&isTimeout != 0}
	if b&saysTemporary == 0 {
		return &t
	}
	return &foreignNetError{t, b&isTemporary != 0}
}
