package carry

import (
	"encoding/binary"
	"fmt"
)

// encoder appends values. After the first fault what it appends has no meaning.
type encoder struct {
	buf   []byte
	link  *Session // nil where there is nothing to call back over
	scope *Scope   // that references last as long as; nil is the session
	// lender is the call that errors are kept for; nil keeps none.
	lender *Scope
	depth  int
	limit  int // of buf
	err    error
}

func (e *encoder) fail(err error) {
	if e.err == nil {
		e.err = err
	}
}

func (e *encoder) failf(format string, args ...any) { e.fail(fmt.Errorf(format, args...)) }

// deeper is false where a value is nested too deep, or there is no use in going on.
func (e *encoder) deeper() bool {
	e.depth++
	switch {
	case e.err != nil:
		return false
	case e.depth > maxDepth:
		e.failf("a value is nested more than %d deep, or contains itself", maxDepth)
		return false
	case len(e.buf) > e.limit:
		e.fail(ErrTooLarge)
		return false
	}
	return true
}

func (e *encoder) byte(b byte) { e.buf = append(e.buf, b) }

func (e *encoder) bool(b bool) {
	if b {
		e.byte(1)
	} else {
		e.byte(0)
	}
}

func (e *encoder) uint(n uint64) { e.buf = binary.AppendUvarint(e.buf, n) }

func (e *encoder) int(n int64) { e.buf = binary.AppendVarint(e.buf, n) }

func (e *encoder) string(s string) {
	e.uint(uint64(len(s)))
	if e.room(len(s)) {
		e.buf = append(e.buf, s...)
	}
}

func (e *encoder) bytes(b []byte) {
	e.uint(uint64(len(b)))
	if e.room(len(b)) {
		e.buf = append(e.buf, b...)
	}
}

func (e *encoder) room(n int) bool {
	if len(e.buf)+n > e.limit {
		e.fail(ErrTooLarge)
		return false
	}
	return true
}
