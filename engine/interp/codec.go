package interp

import (
	"errors"
	"fmt"
	"go/types"
	"reflect"
	"slices"

	"github.com/scriptd/scriptd/engine/box"
	"github.com/scriptd/scriptd/engine/lower"
	"github.com/scriptd/scriptd/engine/schema"
)

// codec turns values of one static type into JSON values and back, as encoding/json does for compiled types.
type codec struct {
	encode encodeFunc
	decode func(from any, to reflect.Value) error
}

// encodeFunc encodes a value that is depth values deep in a result.
type encodeFunc func(v reflect.Value, depth int) (any, error)

// maxDepth bounds how deep a result is nested: a value may contain itself. It is as deep as encoding/json decodes.
const maxDepth = 10000

var errTooDeep = fmt.Errorf("nested more than %d deep: does a value contain itself?", maxDepth)

// codec returns the codec of a static type. It fails for a type that has no JSON form.
func (t *typeTable) codec(typ types.Type) (*codec, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	var built []types.Type
	c, err := t.build(typ, &built)
	if err != nil {
		t.forget(built)
	}
	return c, err
}

// build is codec for a caller that holds the lock, and keeps account of what it builds. A type that contains itself
// finds its codec, not filled in yet.
func (t *typeTable) build(typ types.Type, built *[]types.Type) (*codec, error) {
	typ = types.Unalias(typ)
	if c, ok := t.codecs[typ]; ok {
		return c, nil
	}
	c := &codec{}
	t.codecs[typ] = c
	*built = append(*built, typ)
	inner := len(*built)
	if named, ok := typ.(*types.Named); ok && compiledCodec(c, named) {
		return c, nil
	}
	err := t.fill(c, typ, built)
	marshals, unmarshals := hasAny(typ, "MarshalJSON", "MarshalText"), hasAny(typ, "UnmarshalJSON", "UnmarshalText")
	switch {
	case !marshals && !unmarshals:
		return c, err
	case err != nil: // what it is made of does not matter to its methods
		t.forget((*built)[inner:])
		*c = codec{
			encode: func(reflect.Value, int) (any, error) { return nil, err },
			decode: func(any, reflect.Value) error { return err },
		}
	}
	if marshals {
		c.encode = t.ownCodec(typ).encode
	}
	if unmarshals {
		c.decode = t.ownCodec(typ).decode
	}
	return c, nil
}

// forget drops codecs that refer to one that could not be built.
func (t *typeTable) forget(list []types.Type) {
	for _, typ := range list {
		delete(t.codecs, typ)
	}
}

// fill makes a codec of what a type is made of.
func (t *typeTable) fill(c *codec, typ types.Type, built *[]types.Type) error {
	err := t.fillErased(c, typ, built)
	if named, ok := typ.(*types.Named); err != nil || !ok || !lower.Wrapped(named) {
		return err
	}
	encode, decode := c.encode, c.decode
	c.encode = func(v reflect.Value, depth int) (any, error) { return encode(box.Erased(typ, v), depth) }
	c.decode = func(from any, to reflect.Value) error { return decode(from, box.Erased(typ, to)) }
	return nil
}

// fillErased is fill for values in their erased form.
func (t *typeTable) fillErased(c *codec, typ types.Type, built *[]types.Type) error {
	switch u := typ.Underlying().(type) {
	case *types.Basic:
		return basicCodec(c, u)
	case *types.Pointer:
		return t.pointerCodec(c, u, built)
	case *types.Struct:
		return t.structCodec(c, u, built)
	case *types.Slice:
		if b, ok := u.Elem().Underlying().(*types.Basic); ok && b.Kind() == types.Uint8 {
			*c = bytesCodec
			return nil
		}
		return t.listCodec(c, u.Elem(), built)
	case *types.Array:
		return t.listCodec(c, u.Elem(), built)
	case *types.Map:
		return t.mapCodec(c, u, built)
	case *types.Interface:
		c.encode, c.decode = t.encodeAny, decodeAny
		return nil
	}
	return fmt.Errorf("type %s has no JSON form", typ)
}

// compiledCodec fills in the codec of a compiled type that knows its JSON form. It is false for other types.
func compiledCodec(c *codec, named *types.Named) bool {
	switch {
	case !isCompiled(named):
		return false
	case isNamed(named, "encoding/json", "Number"):
		*c = numberCodec
	case hasAny(named, "MarshalJSON", "MarshalText", "UnmarshalJSON", "UnmarshalText"):
		*c = hostCodec
	default:
		return false
	}
	return true
}

// hasAny reports whether a type, or a pointer to it, has one of these methods.
func hasAny(t types.Type, methods ...string) bool {
	return slices.ContainsFunc(methods, func(m string) bool { return schema.Has(t, m) })
}

func (t *typeTable) pointerCodec(c *codec, p *types.Pointer, built *[]types.Type) error {
	elem, err := t.build(p.Elem(), built)
	if err != nil {
		return err
	}
	c.encode = func(v reflect.Value, depth int) (any, error) {
		switch {
		case v.IsNil():
			return nil, nil
		case depth > maxDepth:
			return nil, errTooDeep
		}
		return elem.encode(v.Elem(), depth+1)
	}
	c.decode = func(from any, to reflect.Value) error {
		if from == nil {
			to.SetZero()
			return nil
		}
		p := reflect.New(to.Type().Elem())
		if err := elem.decode(from, p.Elem()); err != nil {
			return err
		}
		to.Set(p)
		return nil
	}
	return nil
}

// at adds a step to the pointer of an error.
func at(step string, err error) error {
	if err == nil || errors.Is(err, errTooDeep) {
		return err
	}
	if f, ok := errors.AsType[*codecError](err); ok {
		f.pointer = schema.Pointer(step) + f.pointer
		return f
	}
	return &codecError{pointer: schema.Pointer(step), err: err}
}

// codecError is a value that does not fit its type, or has no JSON form.
type codecError struct {
	pointer string
	err     error
}

func (e *codecError) Error() string { return e.pointer + ": " + e.err.Error() }
func (e *codecError) Unwrap() error { return e.err }
