package carry

import (
	"fmt"
	"reflect"
)

// fillStruct makes the codec of a struct: its fields one after the other, in the order of the side that encodes. What the other
// side does not have stays zero, and what only it has is skipped.
func (c *compiler) fillStruct(made *codec, n, peer *node) error {
	type step struct {
		index int
		codec *codec
	}
	ours, theirs := make([]step, len(n.fields)), make([]step, len(peer.fields))
	for i, f := range n.fields {
		j := indexOf(peer.fields, f.name)
		against := f.node // nothing of it is decoded
		if j >= 0 {
			against = peer.fields[j].node
		}
		fc, err := c.codec(f.node, against)
		if err != nil {
			return fmt.Errorf("%s.%s: %w", n.typ, f.name, err)
		}
		ours[i] = step{f.index, fc}
		if j >= 0 {
			theirs[j] = ours[i]
		}
	}
	for j, f := range peer.fields {
		if theirs[j].codec == nil {
			theirs[j] = step{-1, &codec{dec: c.skip(f.node)}}
		}
	}
	made.enc = func(e *encoder, v reflect.Value) {
		for i := range ours {
			ours[i].codec.enc(e, v.Field(ours[i].index))
		}
	}
	made.dec = func(d *decoder, v reflect.Value) {
		for i := range theirs {
			if d.err != nil {
				return
			}
			if theirs[i].index < 0 {
				theirs[i].codec.dec(d, reflect.Value{})
				continue
			}
			theirs[i].codec.dec(d, v.Field(theirs[i].index))
		}
	}
	return nil
}

func indexOf(fields []field, name string) int {
	for i, f := range fields {
		if f.name == name {
			return i
		}
	}
	return -1
}

// skip returns what passes over a value that only the other side has a place for.
func (c *compiler) skip(peer *node) func(*decoder, reflect.Value) {
	key := [2]*node{nil, peer}
	if made := c.codecs[key]; made != nil {
		return func(d *decoder, v reflect.Value) { made.dec(d, v) }
	}
	made := &codec{}
	c.codecs[key] = made
	switch peer.form {
	case formSlice:
		elem, hears := c.skip(peer.elem), peer.elem.min()
		made.dec = skipMany(func(d *decoder) (int, bool) { return d.length(hears) }, hears > 0, elem)
	case formArray:
		elem, hears := c.skip(peer.elem), peer.elem.min()
		made.dec = skipMany(func(*decoder) (int, bool) { return peer.length, true }, hears > 0, elem)
	case formMap:
		key, elem := c.skip(peer.key), c.skip(peer.elem)
		made.dec = skipMany(func(d *decoder) (int, bool) { return d.length(1) }, true, func(d *decoder, v reflect.Value) {
			d.byte()
			key(d, v)
			elem(d, v)
		})
	case formPointer:
		elem := c.skip(peer.elem)
		made.dec = skipMany(func(d *decoder) (int, bool) { return 1, d.bool() }, true, elem)
	case formStruct:
		fields := make([]func(*decoder, reflect.Value), len(peer.fields))
		for i, f := range peer.fields {
			fields[i] = c.skip(f.node)
		}
		made.dec = func(d *decoder, v reflect.Value) {
			for _, f := range fields {
				f(d, v)
			}
		}
	case formBytes:
		made.dec = func(d *decoder, _ reflect.Value) {
			if n, ok := d.length(1); ok {
				d.take(n)
			}
		}
	case formBinary, formGob, formJSON, formText:
		made.dec = func(d *decoder, _ reflect.Value) {
			if d.bool() {
				d.raw()
			}
		}
	default:
		made.dec = c.skipOther(peer.form)
	}
	return made.dec
}

// skipMany passes over as many values as count says, which does not where there is nothing.
func skipMany(count func(*decoder) (int, bool), says bool, elem func(*decoder, reflect.Value)) func(*decoder, reflect.Value) {
	return func(d *decoder, v reflect.Value) {
		n, ok := count(d)
		if !ok || !says {
			return
		}
		if d.deeper() {
			for i := 0; i < n && d.err == nil; i++ {
				elem(d, v)
			}
		}
		d.depth--
	}
}

// skipOther decodes what it passes over, and drops it.
func (c *compiler) skipOther(f form) func(*decoder, reflect.Value) {
	into := func(t reflect.Type, dec func(*decoder, reflect.Value)) func(*decoder, reflect.Value) {
		return func(d *decoder, _ reflect.Value) { dec(d, reflect.New(t).Elem()) }
	}
	switch f {
	case formAny:
		return into(anyType, c.dynamics.decode)
	case formError:
		return into(errorType, c.dynamics.decodeErrorValue)
	case formContext:
		return into(contextType, contextCodec().dec)
	case formFunc, formInterface:
		return func(d *decoder, _ reflect.Value) { c.dynamics.skipReference(d) }
	}
	t := basicTypes[reflect.Kind(f)]
	return into(t, basicCodec(t).dec)
}

// basicTypes are the predeclared types.
var basicTypes = map[reflect.Kind]reflect.Type{
	reflect.Bool: reflect.TypeFor[bool](), reflect.String: reflect.TypeFor[string](),
	reflect.Int: reflect.TypeFor[int](), reflect.Int8: reflect.TypeFor[int8](), reflect.Int16: reflect.TypeFor[int16](),
	reflect.Int32: reflect.TypeFor[int32](), reflect.Int64: reflect.TypeFor[int64](),
	reflect.Uint: reflect.TypeFor[uint](), reflect.Uint8: reflect.TypeFor[uint8](), reflect.Uint16: reflect.TypeFor[uint16](),
	reflect.Uint32: reflect.TypeFor[uint32](), reflect.Uint64: reflect.TypeFor[uint64](),
	reflect.Float32: reflect.TypeFor[float32](), reflect.Float64: reflect.TypeFor[float64](),
	reflect.Complex64: reflect.TypeFor[complex64](), reflect.Complex128: reflect.TypeFor[complex128](),
}
