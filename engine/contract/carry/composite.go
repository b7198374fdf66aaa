package carry

import "reflect"

// A nil slice or map is a 0; others begin with their length and one.

// sliceCodec carries slices whose elements are no bytes. Elements that say nothing, those of a []struct{}, take no bytes either.
func sliceCodec(n, peer *node, elem *codec) codec {
	t, size := n.typ, n.typ.Elem().Size()
	says, hears := n.elem.min() > 0, peer.elem.min()
	return codec{
		func(e *encoder, v reflect.Value) {
			if v.IsNil() {
				e.byte(0)
				return
			}
			length := v.Len()
			e.uint(uint64(length) + 1)
			if e.deeper() && says {
				for i := 0; i < length && e.err == nil; i++ {
					elem.enc(e, v.Index(i))
				}
			}
			e.depth--
		},
		func(d *decoder, v reflect.Value) {
			length, ok := d.length(hears)
			if !ok || !d.charge(length, size) {
				return
			}
			made := reflect.MakeSlice(t, length, length)
			if d.deeper() && hears > 0 {
				for i := 0; i < length && d.err == nil; i++ {
					elem.dec(d, made.Index(i))
				}
			}
			d.depth--
			v.Set(made)
		},
	}
}

// length takes the length of a slice or map of which each element takes at least that many bytes. It is not ok where the value is
// nil.
func (d *decoder) length(atLeast int) (int, bool) {
	n := d.uint()
	if n == 0 {
		return 0, false
	}
	n--
	if atLeast > 0 && n > uint64(len(d.rest)/atLeast) || n > 1<<48 {
		d.malformed("it is too short for what it is to hold")
		return 0, false
	}
	return int(n), true
}

func arrayCodec(n, peer *node, elem *codec) codec {
	length := n.length
	says, hears := n.elem.min() > 0, peer.elem.min() > 0
	return codec{
		func(e *encoder, v reflect.Value) {
			for i := 0; i < length && e.err == nil && says; i++ {
				elem.enc(e, v.Index(i))
			}
		},
		func(d *decoder, v reflect.Value) {
			for i := 0; i < length && d.err == nil && hears; i++ {
				elem.dec(d, v.Index(i))
			}
		},
	}
}

func pointerCodec(t reflect.Type, elem *codec) codec {
	to := t.Elem()
	return codec{
		func(e *encoder, v reflect.Value) {
			if v.IsNil() {
				e.byte(0)
				return
			}
			e.byte(1)
			if e.deeper() {
				elem.enc(e, v.Elem())
			}
			e.depth--
		},
		func(d *decoder, v reflect.Value) {
			if !d.bool() || !d.charge(1, to.Size()) {
				return
			}
			made := reflect.New(to)
			if d.deeper() {
				elem.dec(d, made.Elem())
			}
			d.depth--
			if made.Type() != t {
				made = made.Convert(t)
			}
			v.Set(made)
		},
	}
}

func mapCodec(t reflect.Type, key, elem *codec) codec {
	size := t.Key().Size() + t.Elem().Size() + 1
	return codec{
		func(e *encoder, v reflect.Value) {
			if v.IsNil() {
				e.byte(0)
				return
			}
			e.uint(uint64(v.Len()) + 1)
			if e.deeper() {
				written := 0
				for iter := v.MapRange(); iter.Next() && e.err == nil; written++ {
					e.byte(0) // so that what it is to hold has as many bytes at least
					key.enc(e, iter.Key())
					elem.enc(e, iter.Value())
				}
				if written != v.Len() {
					e.failf("a map changes while it is sent")
				}
			}
			e.depth--
		},
		func(d *decoder, v reflect.Value) {
			length, ok := d.length(1)
			if !ok {
				return
			}
			made := reflect.MakeMapWithSize(t, min(length, 1024)) // what a number alone claims is not believed
			if d.deeper() {
				for i := 0; i < length && d.charge(1, size); i++ {
					d.byte()
					k, value := reflect.New(t.Key()).Elem(), reflect.New(t.Elem()).Elem()
					key.dec(d, k)
					elem.dec(d, value)
					if d.err != nil {
						break
					}
					if !k.Comparable() {
						d.malformed("a key that cannot be compared")
						break
					}
					made.SetMapIndex(k, value)
				}
			}
			d.depth--
			v.Set(made)
		},
	}
}

func bytesCodec() codec {
	return codec{
		func(e *encoder, v reflect.Value) {
			if v.IsNil() {
				e.byte(0)
				return
			}
			b := v.Bytes()
			e.uint(uint64(len(b)) + 1)
			if e.room(len(b)) {
				e.buf = append(e.buf, b...)
			}
		},
		func(d *decoder, v reflect.Value) {
			n, ok := d.length(1)
			if !ok || !d.charge(n, 1) {
				return
			}
			v.SetBytes(append(make([]byte, 0, n), d.take(n)...))
		},
	}
}
