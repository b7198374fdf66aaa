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
	encode func(reflect.Value) (any, error)
	decode func(from any, to reflect.Value) error
}

// codec returns the codec of a static type. It fails for a type that has no JSON form, and for one of the program that
// encodes itself, because its methods are not called here.
func (t *typeTable) codec(typ types.Type) (*codec, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.build(typ)
}

// build is codec for a caller that holds the lock. A type that contains itself finds its codec, not filled in yet.
func (t *typeTable) build(typ types.Type) (*codec, error) {
	typ = types.Unalias(typ)
	if c, ok := t.codecs[typ]; ok {
		return c, nil
	}
	c := &codec{}
	t.codecs[typ] = c
	if err := t.fill(c, typ); err != nil {
		delete(t.codecs, typ)
		return nil, err
	}
	return c, nil
}

func (t *typeTable) fill(c *codec, typ types.Type) error {
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
		return t.pointerCodec(c, u)
	case *types.Struct:
		return t.structCodec(c, u)
	case *types.Slice:
		if b, ok := u.Elem().Underlying().(*types.Basic); ok && b.Kind() == types.Uint8 {
			bytesCodec(c)
			return nil
		}
		return t.listCodec(c, u.Elem())
	case *types.Array:
		return t.listCodec(c, u.Elem())
	case *types.Map:
		return t.mapCodec(c, u)
	case *types.Interface:
		c.encode = t.dynamic
		c.decode = decodeAny
		return nil
	}
	return fmt.Errorf("type %s has no JSON form", typ)
}

// selfCoders are the methods with which a type decides on its JSON form.
var selfCoders = []string{"MarshalJSON", "MarshalText", "UnmarshalJSON", "UnmarshalText"}

// customCodec fills in the codec of a named type with methods of its own for JSON.
func customCodec(c *codec, named *types.Named) (bool, error) {
	for _, method := range selfCoders {
		if !schema.Has(named, method) {
			continue
		}
		if obj, _, _ := types.LookupFieldOrMethod(types.NewPointer(named), true, nil, method); obj.Pos().IsValid() {
			return false, fmt.Errorf("type %s has a method %s, which is not called for parameters and results: convert it to a plain type first",
				named.Obj().Name(), method)
		}
		hostCodec(c)
		return true, nil
	}
	// A compiled struct knows its own fields.
	if _, isStruct := named.Underlying().(*types.Struct); isStruct && !named.Obj().Pos().IsValid() {
		hostCodec(c)
		return true, nil
	}
	return false, nil
}

func (t *typeTable) pointerCodec(c *codec, p *types.Pointer) error {
	elem, err := t.build(p.Elem())
	if err != nil {
		return err
	}
	c.encode = func(v reflect.Value) (any, error) {
		if v = concrete(v); !v.IsValid() || v.IsNil() {
			return nil, nil
		}
		return elem.encode(v.Elem())
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

// concrete returns what an interface holds. The interpreter puts some values of concrete static types into one.
func concrete(v reflect.Value) reflect.Value {
	for v.Kind() == reflect.Interface {
		v = v.Elem()
	}
	return v
}

// at adds a step to the pointer of a decoding error.
func at(step string, err error) error {
	if err == nil {
		return nil
	}
	if f, ok := errors.AsType[*decodeError](err); ok {
		f.pointer = schema.Pointer(step) + f.pointer
		return f
	}
	return &decodeError{pointer: schema.Pointer(step), err: err}
}

// decodeError is a value that does not fit its type.
type decodeError struct {
	pointer string
	err     error
}

func (e *decodeError) Error() string { return e.pointer + ": " + e.err.Error() }
func (e *decodeError) Unwrap() error { return e.err }
