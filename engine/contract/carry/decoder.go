package carry

import (
	"encoding/binary"
	"fmt"
)

// decoder takes apart what an encoder has appended. After the first fault all it returns is zero.
type decoder struct {
	rest   []byte
	link   *Session // nil where there is nothing to call back over
	scope  *Scope   // that references last as long as; nil is the session
	depth  int
	memory int // that may still be allocated
	err    error
}

func (d *decoder) fail(err error) {
	if d.err == nil {
		d.err = err
	}
	d.rest = nil
}

func (d *decoder) malformed(format string, args ...any) {
	d.fail(fmt.Errorf("%w: %w", ErrMalformed, fmt.Errorf(format, args...)))
}

// deeper is false where a value is nested too deep, or there is no use in going on.
func (d *decoder) deeper() bool {
	d.depth++
	if d.depth > maxDepth {
		d.malformed("it is nested too deep")
	}
	return d.err == nil
}

// charge is false where there is no memory left for n things of that size.
func (d *decoder) charge(n int, size uintptr) bool {
	if d.err != nil {
		return false
	}
	if size != 0 && uint64(n) > uint64(max(d.memory, 0))/uint64(size) {
		d.fail(fmt.Errorf("%w: it takes too much memory", ErrTooLarge))
		return false
	}
	d.memory -= n * int(size)
	return true
}

func (d *decoder) byte() byte {
	if len(d.rest) == 0 {
		d.malformed("it is too short")
		return 0
	}
	b := d.rest[0]
	d.rest = d.rest[1:]
	return b
}

func (d *decoder) bool() bool {
	b := d.byte()
	if b > 1 {
		d.malformed("a bool of %d", b)
	}
	return b == 1
}

func (d *decoder) uint() uint64 {
	if len(d.rest) > 0 && d.rest[0] < 0x80 {
		n := d.rest[0]
		d.rest = d.rest[1:]
		return uint64(n)
	}
	n, size := binary.Uvarint(d.rest)
	if size <= 0 {
		d.malformed("a number is too short or too long")
		return 0
	}
	d.rest = d.rest[size:]
	return n
}

func (d *decoder) int() int64 {
	n := d.uint()
	x := int64(n >> 1)
	if n&1 != 0 {
		x = ^x
	}
	return x
}

// take takes n bytes, which are not copied.
func (d *decoder) take(n int) []byte {
	if n > len(d.rest) {
		d.malformed("it is too short")
		return make([]byte, min(n, 16)) // for numbers, which are 16 bytes at most
	}
	b := d.rest[:n:n]
	d.rest = d.rest[n:]
	return b
}

// count takes how many things follow of at least that many bytes each.
func (d *decoder) count(atLeast int) int {
	n := d.uint()
	if atLeast > 0 && n > uint64(len(d.rest)/atLeast) || n > 1<<48 {
		d.malformed("it is too short for what it is to hold")
		return 0
	}
	return int(n)
}

// raw takes bytes with their number, which are not copied.
func (d *decoder) raw() []byte {
	n := d.count(1)
	b := d.rest[:n:n]
	d.rest = d.rest[n:]
	return b
}

func (d *decoder) string() string {
	b := d.raw()
	if !d.charge(len(b), 1) {
		return ""
	}
	return string(b)
}
