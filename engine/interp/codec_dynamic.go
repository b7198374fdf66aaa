package interp

import (
	"encoding/json"
	"fmt"
	"go/types"
	"reflect"

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

// encodeAny encodes what an interface holds.
func (t *typeTable) encodeAny(v reflect.Value, depth int) (any, error) {
	if v.IsNil() {
		return nil, nil
	}
	return t.dynamic(v.Interface(), depth)
}

// dynamic encodes a value by its dynamic type.
func (t *typeTable) dynamic(x any, depth int) (any, error) {
	if depth > maxDepth {
		return nil, errTooDeep
	}
	var c *codec
	var err error
	switch b := box.Unwrap(x).(type) {
	case nil:
		return nil, nil
	case bool:
		return b, nil
	case string:
		return encodeString(reflect.ValueOf(b), depth)
	case float64:
		return encodeFloat(reflect.ValueOf(b), depth)
	case box.Box:
		c, err = t.codec(b.T.Type)
		x = b.V
	default:
		c, err = t.compiled(reflect.TypeOf(b))
		x = b
	}
	if err != nil {
		return nil, err
	}
	return c.encode(reflect.ValueOf(x), depth)
}

// compiled returns the codec of a type that is known by reflection.
func (t *typeTable) compiled(typ reflect.Type) (*codec, error) {
	if c, ok := t.known.Load(typ); ok {
		return c.(*codec), nil
	}
	c, err := t.codec(t.universe.TypeOf(typ))
	if err == nil {
		t.known.Store(typ, c)
	}
	return c, err
}

// ownCodec is for types of the program with methods that decide on their JSON form, and for maps with keys of such types.
func (t *typeTable) ownCodec(typ types.Type) *codec {
	return &codec{
		encode: func(v reflect.Value, _ int) (any, error) {
			text, err := t.boxes.EncodeJSON(typ, v)
			if err != nil {
				return nil, err
			}
			return parseJSON(text)
		},
		decode: func(from any, to reflect.Value) error {
			text, err := json.Marshal(from)
			if err != nil {
				return err
			}
			return t.boxes.DecodeJSON(text, typ, to)
		},
	}
}
