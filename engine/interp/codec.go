package interp

import (
	"errors"
	"fmt"
	"go/types"
	"reflect"

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

// codec returns the codec of a static type. It fails for a type that has no JSON form, and for one of the program that
// encodes itself, because its methods are not called here.
func (t *typeTable) codec(typ types.Type) (*codec, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	var built []types.Type
	c, err := t.build(typ, &built)
	if err != nil {
		for _, b := range built { // those that refer to what failed
			delete(t.codecs, b)
		}
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
	return c, t.fill(c, typ, built)
}

func (t *typeTable) fill(c *codec, typ types.Type, built *[]types.Type) error {
	if named, ok := typ.(*types.Named); ok {
		custom, err := customCodec(c, named)
		if custom || err != nil {
			return err
		}
	}
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
		c.encode, c.decode = t.dynamic, decodeAny
		return nil
	}
	return fmt.Errorf("type %s has no JSON form", typ)
}

// selfCoders are the methods with which a type decides on its JSON form.
var selfCoders = []string{"MarshalJSON", "MarshalText", "UnmarshalJSON", "UnmarshalText"}

// customCodec fills in the codec of a named type with a JSON form of its own.
func customCodec(c *codec, named *types.Named) (bool, error) {
	if isNamed(named, "encoding/json", "Number") {
		*c = numberCodec
		return true, nil
	}
	for _, method := range selfCoders {
		if !schema.Has(named, method) {
			continue
		}
		if obj, _, _ := types.LookupFieldOrMethod(types.NewPointer(named), true, nil, method); obj.Pos().IsValid() {
			return false, fmt.Errorf("type %s has a method %s, which is not called for parameters and results: convert it to a plain type first",
				named.Obj().Name(), method)
		}
		*c = hostCodec
		return true, nil
	}
	return false, nil
}

func (t *typeTable) pointerCodec(c *codec, p *types.Pointer, built *[]types.Type) error {
	elem, err := t.build(p.Elem(), built)
	if err != nil {
		return err
	}
	c.encode = func(v reflect.Value, depth int) (any, error) {
		switch v = concrete(v); {
		case !v.IsValid() || v.IsNil():
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
		if to.Kind() != reflect.Pointer {
			return fmt.Errorf("cannot decode into a %s", to.Type())
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
