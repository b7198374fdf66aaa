package git

import "encoding/binary"

// patch returns what a delta makes of a base, see gitformat-pack(5): the two sizes, then what to copy from the base and
// what to insert. It takes no more memory than the result has: go-git's takes three times that.
func patch(base, delta []byte) ([]byte, error) {
	from, n := binary.Uvarint(delta)
	if n <= 0 || from != uint64(len(base)) {
		return nil, errDamaged
	}
	delta = delta[n:]
	size, n := binary.Uvarint(delta)
	if n <= 0 || size > maxPatched {
		return nil, errDamaged
	}
	delta = delta[n:]
	out := make([]byte, 0, size)
	for len(delta) > 0 {
		op := delta[0]
		delta = delta[1:]
		var piece []byte
		switch {
		case op == 0:
			return nil, errDamaged // it is reserved
		case op&0x80 == 0:
			if int(op) > len(delta) {
				return nil, errDamaged
			}
			piece, delta = delta[:op], delta[op:]
		default:
			offset, rest, ok := number(op, 4, delta)
			length, rest, ok2 := number(op>>4, 3, rest)
			if length == 0 {
				length = 0x10000
			}
			if !ok || !ok2 || offset > len(base) || length > len(base)-offset {
				return nil, errDamaged
			}
			piece, delta = base[offset:offset+length], rest
		}
		if len(piece) > cap(out)-len(out) {
			return nil, errDamaged
		}
		out = append(out, piece...)
	}
	if uint64(len(out)) != size {
		return nil, errDamaged
	}
	return out, nil
}

// number reads a number of up to n bytes, the lowest first. Bits of which say which of them are there; the others are
// zero.
func number(which byte, n int, from []byte) (value int, rest []byte, ok bool) {
	for i := range n {
		if which>>i&1 == 0 {
			continue
		}
		if len(from) == 0 {
			return 0, nil, false
		}
		value |= int(from[0]) << (8 * i)
		from = from[1:]
	}
	return value, from, true
}
