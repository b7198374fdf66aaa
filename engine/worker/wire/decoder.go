package wire

import (
	"encoding/binary"
	"fmt"
	"math"
)

// Decoder takes a payload apart, in the order in which it was written. After the first fault all it returns is zero, and Err
// says what it was. What it returns does not refer to the payload, except for Raw.
type Decoder struct {
	rest []byte
	err  error
}

// NewDecoder returns a Decoder of a payload.
func NewDecoder(payload []byte) *Decoder { return &Decoder{rest: payload} }

// Err returns an error that is ErrMalformed where the payload is not what was asked for.
func (d *Decoder) Err() error { return d.err }

// Fail makes the payload one that is malformed.
func (d *Decoder) Fail(what string) {
	if d.err == nil {
		d.err = fmt.Errorf("%w: %s", ErrMalformed, what)
	}
	d.rest = nil
}

// Len is how many bytes are left.
func (d *Decoder) Len() int { return len(d.rest) }

// Byte takes a byte.
func (d *Decoder) Byte() byte {
	if len(d.rest) == 0 {
		d.Fail("it is too short")
		return 0
	}
	b := d.rest[0]
	d.rest = d.rest[1:]
	return b
}

// Bool takes a bool.
func (d *Decoder) Bool() bool { return d.Byte() != 0 }

// Uint takes what Payload.Uint appended.
func (d *Decoder) Uint() uint64 {
	n, size := binary.Uvarint(d.rest)
	if size <= 0 {
		d.Fail("a number is too short or too long")
		return 0
	}
	d.rest = d.rest[size:]
	return n
}

// Int takes what Payload.Int appended.
func (d *Decoder) Int() int64 {
	n, size := binary.Varint(d.rest)
	if size <= 0 {
		d.Fail("a number is too short or too long")
		return 0
	}
	d.rest = d.rest[size:]
	return n
}

// Float takes what Payload.Float appended.
func (d *Decoder) Float() float64 {
	if len(d.rest) < 8 {
		d.Fail("it is too short")
		return 0
	}
	f := math.Float64frombits(binary.LittleEndian.Uint64(d.rest))
	d.rest = d.rest[8:]
	return f
}

// Count takes how many things follow, each of at least one byte.
func (d *Decoder) Count() int {
	n := d.Uint()
	if n > uint64(len(d.rest)) {
		d.Fail("it is too short")
		return 0
	}
	return int(n)
}

// Raw takes bytes, which are the payload's.
func (d *Decoder) Raw() []byte {
	n := d.Count()
	b := d.rest[:n:n]
	d.rest = d.rest[n:]
	return b
}

// Rest takes all that is left, which is the payload's.
func (d *Decoder) Rest() []byte {
	b := d.rest
	d.rest = nil
	return b
}

// Bytes takes bytes.
func (d *Decoder) Bytes() []byte { return append([]byte(nil), d.Raw()...) }

// String takes a string.
func (d *Decoder) String() string { return string(d.Raw()) }
