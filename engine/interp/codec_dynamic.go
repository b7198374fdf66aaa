package interp

import (
	"encoding"
	"encoding/json"
	"fmt"
	"reflect"
	"unsafe"

	"github.com/traefik/yaegi/interp"

	"github.com/scriptd/scriptd/engine/box"
)

// decodeAny puts a JSON value into an interface. It is a copy: the caller's stays the caller's.
func decodeAny(from any, to reflect.Value) error {
	if from == nil {
		to.SetZero()
		return nil
	}
	v := reflect.ValueOf(plain(from))
	if !v.Type().AssignableTo(to.Type()) {
		return fmt.Errorf("cannot decode into a %s", to.Type())
	}
	to.Set(v)
	return nil
}

var (
	jsonMarshaler = reflect.TypeFor[json.Marshaler]()
	textMarshaler = reflect.TypeFor[encoding.TextMarshaler]()
	jsonNumber    = reflect.TypeFor[json.Number]()
)

// dynamic encodes a value whose static type is an interface.
func (t *typeTable) dynamic(v reflect.Value, depth int) (any, error) {
	switch v = concrete(v); {
	case !v.IsValid():
		return nil, nil
	case depth > maxDepth:
		return nil, errTooDeep
	}
	if b, ok := box.Unwrap(v.Interface()).(box.Box); ok {
		c, err := t.codec(b.T.Type)
		if err != nil {
			return nil, err
		}
		return c.encode(reflect.ValueOf(b.V), depth)
	}
	typ, kind := v.Type(), v.Kind()
	if kind == reflect.Pointer && v.IsNil() {
		return nil, nil
	}
	if typ.Implements(jsonMarshaler) || typ.Implements(textMarshaler) {
		return encodeHost(v, depth)
	}
	switch kind {
	case reflect.Bool:
		return encodeBool(v, depth)
	case reflect.String:
		if typ == jsonNumber {
			return numberCodec.encode(v, depth)
		}
		return encodeString(v, depth)
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return encodeInt(v, depth)
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		return encodeUint(v, depth)
	case reflect.Float32, reflect.Float64:
		return encodeFloat(v, depth)
	case reflect.Slice:
		if typ.Elem().Kind() == reflect.Uint8 {
			return encodeBytes(v, depth)
		}
		return encodeList(t.dynamic, v, depth)
	case reflect.Array:
		return encodeList(t.dynamic, v, depth)
	case reflect.Map:
		key, err := keyCodecFor(typ.Key())
		if err != nil {
			return nil, err
		}
		return encodeMap(key, t.dynamic, v, depth)
	case reflect.Pointer:
		return t.dynamic(v.Elem(), depth+1)
	case reflect.Struct:
		return t.dynamicStruct(v, depth)
	default:
		return nil, fmt.Errorf("type %s has no JSON form", typ)
	}
}

// dynamicStruct encodes a struct by its static type.
func (t *typeTable) dynamicStruct(v reflect.Value, depth int) (any, error) {
	static, err := t.static(v.Type())
	if err != nil {
		return nil, err
	}
	c, err := t.codec(static)
	if err != nil {
		return nil, err
	}
	return c.encode(v, depth)
}

// concrete returns what an interface holds, and what the interpreter wraps: it keeps some values of concrete static types
// in an interface, those of interfaces with methods in a struct of its own, and shows them to compiled code in a
// wrapper with the methods of the interface.
func concrete(v reflect.Value) reflect.Value {
	for {
		switch {
		case v.Kind() == reflect.Interface:
			v = v.Elem()
		case v.Kind() != reflect.Struct || v.Type().Name() == "":
			return v
		case isWrapper(v.Type()):
			v = v.Field(0)
		case isValueInterface(v.Type()):
			v = valueOf(v)
		default:
			return v
		}
	}
}

// isWrapper reports whether a type is one of those through which an interpreted value becomes an interface.
func isWrapper(t reflect.Type) bool {
	return t.Name()[0] == '_' && t.NumField() > 0 && t.Field(0).Name == "IValue"
}

var interpreterPath = reflect.TypeFor[interp.Interpreter]().PkgPath()

// isValueInterface reports whether a type is the struct in which the interpreter keeps values of interfaces with
// methods: struct{node *node; value reflect.Value}. A test sees to it that this is so in the release in use.
func isValueInterface(t reflect.Type) bool {
	return t.Name() == "valueInterface" && t.PkgPath() == interpreterPath && t.NumField() == 2 &&
		t.Field(1).Type == reflect.TypeFor[reflect.Value]()
}

// valueOf returns the field value of a valueInterface, which is not exported.
func valueOf(v reflect.Value) reflect.Value {
	held := reflect.New(v.Type()).Elem()
	held.Set(v)
	return *(*reflect.Value)(unsafe.Pointer(held.Field(1).UnsafeAddr()))
}
