package interp

import (
	"fmt"
	"go/types"
	"reflect"
	"strconv"

	"github.com/scriptd/scriptd/engine/schema"
)

// structField is a field with its codec.
type structField struct {
	schema.Field
	codec *codec
}

func (t *typeTable) structCodec(c *codec, s *types.Struct) error {
	var fields []structField
	for _, f := range schema.Fields(s) {
		inner, err := t.build(f.Var.Type())
		if err != nil {
			return fmt.Errorf("field %s: %w", f.Var.Name(), err)
		}
		if f.Quoted {
			inner = quoted(inner)
		}
		fields = append(fields, structField{f, inner})
	}
	c.encode = func(v reflect.Value) (any, error) { return encodeStruct(fields, concrete(v)) }
	c.decode = func(from any, to reflect.Value) error { return decodeStruct(fields, from, to) }
	return nil
}

func encodeStruct(fields []structField, v reflect.Value) (any, error) {
	object := make(map[string]any, len(fields))
	for _, f := range fields {
		fv, err := v.FieldByIndexErr(f.Index)
		if err != nil || f.OmitEmpty && isEmpty(fv) || f.OmitZero && fv.IsZero() {
			continue // the first is a field of an embedded struct that is nil
		}
		if object[f.Name], err = f.codec.encode(fv); err != nil {
			return nil, at(f.Name, err)
		}
	}
	return object, nil
}

func decodeStruct(fields []structField, from any, to reflect.Value) error {
	if from == nil {
		return nil
	}
	object, ok := from.(map[string]any)
	if !ok {
		return wrongType("object", from)
	}
	for _, f := range fields {
		v, ok := object[f.Name]
		if !ok {
			continue
		}
		if err := f.codec.decode(v, fieldByIndex(to, f.Index)); err != nil {
			return at(f.Name, err)
		}
	}
	return nil
}

// fieldByIndex returns a field to be set; embedded pointers on the way are filled in.
func fieldByIndex(v reflect.Value, index []int) reflect.Value {
	for i, n := range index {
		if i > 0 && v.Kind() == reflect.Pointer {
			if v.IsNil() {
				v.Set(reflect.New(v.Type().Elem()))
			}
			v = v.Elem()
		}
		v = v.Field(n)
	}
	return v
}

// isEmpty is what omitempty means.
func isEmpty(v reflect.Value) bool {
	switch v.Kind() {
	case reflect.Array, reflect.Map, reflect.Slice, reflect.String:
		return v.Len() == 0
	case reflect.Struct:
		return false
	default:
		return v.IsZero()
	}
}

// quoted is the codec of a field with the option string.
func quoted(inner *codec) *codec {
	return &codec{
		encode: func(v reflect.Value) (any, error) {
			plain, err := inner.encode(v)
			if err != nil || plain == nil {
				return plain, err
			}
			return jsonText(plain)
		},
		decode: func(from any, to reflect.Value) error {
			text, ok := from.(string)
			if !ok {
				return wrongType("string", from)
			}
			plain, err := parseJSON([]byte(text))
			if err != nil {
				return fmt.Errorf("want a JSON value in a string: %w", err)
			}
			return inner.decode(plain, to)
		},
	}
}

// listCodec is for slices and arrays.
func (t *typeTable) listCodec(c *codec, elemType types.Type) error {
	elem, err := t.build(elemType)
	if err != nil {
		return err
	}
	c.encode = func(v reflect.Value) (any, error) {
		if v = concrete(v); !v.IsValid() || v.Kind() == reflect.Slice && v.IsNil() {
			return nil, nil
		}
		list := make([]any, v.Len())
		for i := range list {
			if list[i], err = elem.encode(v.Index(i)); err != nil {
				return nil, at(strconv.Itoa(i), err)
			}
		}
		return list, nil
	}
	c.decode = func(from any, to reflect.Value) error {
		if from == nil {
			to.SetZero()
			return nil
		}
		list, ok := from.([]any)
		if !ok {
			return wrongType("array", from)
		}
		if to.Kind() == reflect.Slice {
			to.Set(reflect.MakeSlice(to.Type(), len(list), len(list)))
		}
		for i := range min(len(list), to.Len()) {
			if err := elem.decode(list[i], to.Index(i)); err != nil {
				return at(strconv.Itoa(i), err)
			}
		}
		return nil
	}
	return nil
}

func (t *typeTable) mapCodec(c *codec, m *types.Map) error {
	key, ok := m.Key().Underlying().(*types.Basic)
	if !ok || key.Info()&(types.IsString|types.IsInteger) == 0 {
		return fmt.Errorf("map with keys of type %s has no JSON form: want strings or integers", m.Key())
	}
	elem, err := t.build(m.Elem())
	if err != nil {
		return err
	}
	isString := key.Info()&types.IsString != 0
	c.encode = func(v reflect.Value) (any, error) {
		if v = concrete(v); !v.IsValid() || v.IsNil() {
			return nil, nil
		}
		object := make(map[string]any, v.Len())
		for iter := v.MapRange(); iter.Next(); {
			name := fmt.Sprint(iter.Key())
			encoded, err := elem.encode(iter.Value())
			if err != nil {
				return nil, at(name, err)
			}
			object[name] = encoded
		}
		return object, nil
	}
	c.decode = func(from any, to reflect.Value) error {
		if from == nil {
			to.SetZero()
			return nil
		}
		object, ok := from.(map[string]any)
		if !ok {
			return wrongType("object", from)
		}
		out := reflect.MakeMapWithSize(to.Type(), len(object))
		for name, v := range object {
			k, e := reflect.New(to.Type().Key()).Elem(), reflect.New(to.Type().Elem()).Elem()
			if isString {
				k.SetString(name)
			} else if err := decodeKey(name, k); err != nil {
				return at(name, err)
			}
			if err := elem.decode(v, e); err != nil {
				return at(name, err)
			}
			out.SetMapIndex(k, e)
		}
		to.Set(out)
		return nil
	}
	return nil
}

// decodeKey reads an integer key.
func decodeKey(name string, k reflect.Value) error {
	n := jsonNumber(name)
	if k.CanUint() {
		return decodeUint(n, k)
	}
	return decodeInt(n, k)
}
