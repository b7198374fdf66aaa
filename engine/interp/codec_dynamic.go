package interp

import (
	"bytes"
	"encoding"
	"encoding/json"
	"fmt"
	"go/types"
	"reflect"
)

type jsonNumber = json.Number

// hostCodec is for compiled types that know their JSON form.
func hostCodec(c *codec) {
	c.encode = encodeHost
	c.decode = func(from any, to reflect.Value) error {
		text, err := json.Marshal(from)
		if err != nil {
			return err
		}
		if err := json.Unmarshal(text, to.Addr().Interface()); err != nil {
			return fmt.Errorf("does not decode into a %s", to.Type())
		}
		return nil
	}
}

func encodeHost(v reflect.Value) (any, error) {
	if v.CanAddr() { // for methods with a pointer receiver, as encoding/json does
		v = v.Addr()
	}
	text, err := json.Marshal(v.Interface())
	if err != nil {
		return nil, err
	}
	return parseJSON(text)
}

// parseJSON decodes to JSON values; a number is a float64 where that is exact, else a json.Number.
func parseJSON(text []byte) (any, error) {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		return nil, err
	}
	return exact(v), nil
}

func exact(v any) any {
	switch v := v.(type) {
	case json.Number:
		f, err := v.Float64()
		if n, intErr := v.Int64(); intErr == nil && (n > maxExact || n < -maxExact) || err != nil {
			return v
		}
		return f
	case []any:
		for i := range v {
			v[i] = exact(v[i])
		}
	case map[string]any:
		for k := range v {
			v[k] = exact(v[k])
		}
	}
	return v
}

// jsonText is the JSON text of a JSON value, as a string.
func jsonText(v any) (any, error) {
	text, err := json.Marshal(v)
	return string(text), err
}

// decodeAny puts a JSON value into an interface.
func decodeAny(from any, to reflect.Value) error {
	if from == nil {
		to.SetZero()
		return nil
	}
	v := reflect.ValueOf(exact(from))
	if !v.Type().AssignableTo(to.Type()) {
		return fmt.Errorf("cannot decode into a %s", to.Type())
	}
	to.Set(v)
	return nil
}

// dynamic encodes a value whose static type is an interface.
func (t *typeTable) dynamic(v reflect.Value) (any, error) {
	if v = concrete(v); !v.IsValid() {
		return nil, nil
	}
	typ := v.Type()
	if typ.Implements(reflect.TypeFor[json.Marshaler]()) || typ.Implements(reflect.TypeFor[encoding.TextMarshaler]()) ||
		typ == reflect.TypeFor[json.Number]() { // a string that encodes as a number
		return encodeHost(v)
	}
	switch v.Kind() {
	case reflect.Pointer:
		if v.IsNil() {
			return nil, nil
		}
		return t.dynamic(v.Elem())
	case reflect.Struct:
		if typ.Name() != "" {
			return encodeHost(v)
		}
		static, err := t.static(typ)
		if err != nil {
			return nil, err
		}
		c, err := t.codec(static)
		if err != nil {
			return nil, err
		}
		return c.encode(v)
	}
	c := &codec{}
	if err := t.dynamicCodec(c, v); err != nil {
		return nil, err
	}
	return c.encode(v)
}

// anyType stands for the elements of a dynamic container, which are dynamic themselves.
var anyType = types.Universe.Lookup("any").Type()

// dynamicCodec fills in the codec of what is not a struct, by the kind of the value.
func (t *typeTable) dynamicCodec(c *codec, v reflect.Value) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	switch v.Kind() {
	case reflect.Slice:
		if v.Type().Elem().Kind() == reflect.Uint8 {
			bytesCodec(c)
			return nil
		}
		return t.listCodec(c, anyType)
	case reflect.Array:
		return t.listCodec(c, anyType)
	case reflect.Map:
		key, ok := basicTypes[v.Type().Key().Kind()]
		if !ok {
			return fmt.Errorf("map with keys of type %s has no JSON form: want strings or integers", v.Type().Key())
		}
		return t.mapCodec(c, types.NewMap(key, anyType))
	}
	b, ok := basicTypes[v.Kind()]
	if !ok {
		return fmt.Errorf("type %s has no JSON form", v.Type())
	}
	return basicCodec(c, b)
}

var basicTypes = map[reflect.Kind]*types.Basic{
	reflect.Bool: types.Typ[types.Bool], reflect.String: types.Typ[types.String],
	reflect.Int: types.Typ[types.Int], reflect.Int8: types.Typ[types.Int], reflect.Int16: types.Typ[types.Int],
	reflect.Int32: types.Typ[types.Int], reflect.Int64: types.Typ[types.Int],
	reflect.Uint: types.Typ[types.Uint], reflect.Uint8: types.Typ[types.Uint], reflect.Uint16: types.Typ[types.Uint],
	reflect.Uint32: types.Typ[types.Uint], reflect.Uint64: types.Typ[types.Uint], reflect.Uintptr: types.Typ[types.Uint],
	reflect.Float32: types.Typ[types.Float64], reflect.Float64: types.Typ[types.Float64],
}
