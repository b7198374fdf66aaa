package wire

import (
	"encoding/binary"
	"math"
	"unsafe"
)

const (
	// byReference is from which size on a string or bytes are not copied before they are written.
	byReference = 8 << 10
	// keepBuffer bounds the memory that is kept for the next payload.
	keepBuffer = 64 << 10
)

// Payload is what a message holds, being written. The zero value is empty.
type Payload struct {
	small []byte
	refs  []ref
	size  int // of refs
}

// ref is a large piece that stands behind the first at bytes of the small ones.
type ref struct {
	at   int
	data []byte
}

// Len is how many bytes there are. A nil payload is empty.
func (p *Payload) Len() int {
	if p == nil {
		return 0
	}
	return len(p.small) + p.size
}

// Reset makes the payload empty, and keeps memory for the next one.
func (p *Payload) Reset() {
	if cap(p.small) > keepBuffer {
		p.small = nil
	}
	clear(p.refs)
	p.small, p.refs, p.size = p.small[:0], p.refs[:0], 0
}

// Byte appends a byte.
func (p *Payload) Byte(b byte) { p.small = append(p.small, b) }

// Bool appends a bool.
func (p *Payload) Bool(b bool) {
	if b {
		p.Byte(1)
	} else {
		p.Byte(0)
	}
}

// Uint appends a number that is often small.
func (p *Payload) Uint(n uint64) { p.small = binary.AppendUvarint(p.small, n) }

// Int appends a number that is often near zero.
func (p *Payload) Int(n int64) { p.small = binary.AppendVarint(p.small, n) }

// Float appends a number, bit by bit.
func (p *Payload) Float(f float64) {
	p.small = binary.LittleEndian.AppendUint64(p.small, math.Float64bits(f))
}

// String appends a string, with its length.
func (p *Payload) String(s string) {
	p.Uint(uint64(len(s)))
	if len(s) < byReference {
		p.small = append(p.small, s...)
		return
	}
	p.refer(unsafe.Slice(unsafe.StringData(s), len(s))) // it is only read
}

// Bytes appends bytes, with their number. They must not change until the message has been written, which nobody is
// told.
func (p *Payload) Bytes(b []byte) {
	p.Uint(uint64(len(b)))
	p.raw(b)
}

func (p *Payload) raw(b []byte) {
	if len(b) < byReference {
		p.small = append(p.small, b...)
		return
	}
	p.refer(b)
}

func (p *Payload) refer(b []byte) {
	p.refs = append(p.refs, ref{len(p.small), b})
	p.size += len(b)
}

// Append has f append bytes as they are. The error is f's, and leaves the payload as it was.
func (p *Payload) Append(f func([]byte) ([]byte, error)) error {
	b, err := f(p.small)
	if err == nil {
		p.small = b
	}
	return err
}

// Join appends another payload, which may be nil.
func (p *Payload) Join(q *Payload) {
	if q == nil {
		return
	}
	for _, r := range q.refs {
		p.refs = append(p.refs, ref{len(p.small) + r.at, r.data})
	}
	p.small = append(p.small, q.small...)
	p.size += q.size
}

// appendParts appends the pieces in their order.
func (p *Payload) appendParts(parts [][]byte) [][]byte {
	from := 0
	for _, r := range p.refs {
		if r.at > from {
			parts = append(parts, p.small[from:r.at])
			from = r.at
		}
		parts = append(parts, r.data)
	}
	if from < len(p.small) {
		parts = append(parts, p.small[from:])
	}
	return parts
}

// AppendTo appends all of the payload to b, as the other side gets it.
func (p *Payload) AppendTo(b []byte) []byte {
	for _, part := range p.appendParts(nil) {
		b = append(b, part...)
	}
	return b
}
