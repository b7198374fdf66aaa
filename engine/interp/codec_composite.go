package interp

import (
	"fmt"
	"go/types"
	"reflect"
	"strconv"

	"github.com/scriptd/scriptd/engine/box"
	"github.com/scriptd/scriptd/engine/schema"
)

// structField is a field with its codec.
type structField struct {
	schema.Field
	codec *codec
}

func (t *typeTable) structCodec(c *codec, s *types.Struct, built *[]types.Type) error {
	var fields []structField
	for _, f := range schema.Fields(s) {
		inner, err := t.build(f.Var.Type(), built)
		if err != nil {
			return fmt.Errorf("field %s: %w", f.Var.Name(), err)
		}
		if f.Quoted {
			inner = quoted(inner)
		}
		fields = append(fields, structField{f, inner})
	}
	c.encode = func(v reflect.Value, depth int) (any, error) { return t.encodeStruct(fields, v, depth) }
	c.decode = func(from any, to reflect.Value) error { return decodeStruct(fields, from, to) }
	return nil
}

func (t *typeTable) encodeStruct(fields []structField, v reflect.Value, depth int) (any, error) {
	if depth > maxDepth {
		return nil, errTooDeep
	}
	object := make(map[string]any, len(fields))
	for i := range fields {
		f := &fields[i]
		fv, err := v.FieldByIndexErr(f.Index)
		if err != nil || t.omits(f, fv) {
			continue // the first is a field of an embedded struct that is nil
		}
		if object[f.Name], err = f.codec.encode(fv, depth+1); err != nil {
			return nil, at(f.Name, err)
		}
	}
	return object, nil
}

// omits is what omitempty and omitzero mean.
func (t *typeTable) omits(f *structField, v reflect.Value) bool {
	return f.OmitEmpty && isEmpty(box.Erased(f.Var.Type(), v)) || f.OmitZero && t.boxes.IsZero(f.Var.Type(), v)
}

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

// isCompiled reports whether a named type is one of the symbol tables.
func isCompiled(t types.Type) bool {
	named, ok := types.Unalias(t).(*types.Named)
	return ok && !named.Obj().Pos().IsValid()
}

func decodeStruct(fields []structField, from any, to reflect.Value) error {
	if from == nil {
		return nil
	}
	object, ok := from.(map[string]any)
	if !ok {
		return wrongType("object", from)
	}
	for i := range fields {
		f := &fields[i]
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

// listCodec is for slices and arrays.
func (t *typeTable) listCodec(c *codec, elemType types.Type, built *[]types.Type) error {
	elem, err := t.build(elemType, built)
	if err != nil {
		return err
	}
	c.encode = func(v reflect.Value, depth int) (any, error) { return encodeList(elem.encode, v, depth) }
	c.decode = func(from any, to reflect.Value) error { return decodeList(elem, from, to) }
	return nil
}

func encodeList(elem encodeFunc, v reflect.Value, depth int) (any, error) {
	if v.Kind() == reflect.Slice && v.IsNil() {
		return nil, nil
	}
	if depth > maxDepth {
		return nil, errTooDeep
	}
	list := make([]any, v.Len())
	for i := range list {
		var err error
		if list[i], err = elem(v.Index(i), depth+1); err != nil {
			return nil, at(strconv.Itoa(i), err)
		}
	}
	return list, nil
}

func decodeList(elem *codec, from any, to reflect.Value) error {
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

func (t *typeTable) mapCodec(c *codec, m *types.Map, built *[]types.Type) error {
	if !isCompiled(m.Key()) && hasAny(m.Key(), "MarshalText", "UnmarshalText") {
		*c = *t.ownCodec(m)
		return nil
	}
	key, err := keyCodecOf(m.Key())
	if err != nil {
		return err
	}
	elem, err := t.build(m.Elem(), built)
	if err != nil {
		return err
	}
	c.encode = func(v reflect.Value, depth int) (any, error) { return encodeMap(key, elem.encode, v, depth) }
	kept := !isPlain(m.Key()) || !isPlain(m.Elem())
	c.decode = func(from any, to reflect.Value) error { return decodeMap(key, elem, kept, from, to) }
	return nil
}

func encodeMap(key *keyCodec, elem encodeFunc, v reflect.Value, depth int) (any, error) {
	if v.IsNil() {
		return nil, nil
	}
	if depth > maxDepth {
		return nil, errTooDeep
	}
	object := make(map[string]any, v.Len())
	for k, e := range v.Seq2() {
		name, err := key.encode(k)
		if err != nil {
			return nil, err
		}
		if object[name], err = elem(e, depth+1); err != nil {
			return nil, at(name, err)
		}
	}
	return object, nil
}

// decodeMap decodes into a new map. Kept says that methods of the program see where keys and elements are decoded into: each
// needs a place of its own.
func decodeMap(key *keyCodec, elem *codec, kept bool, from any, to reflect.Value) error {
	if from == nil {
		to.SetZero()
		return nil
	}
	object, ok := from.(map[string]any)
	if !ok {
		return wrongType("object", from)
	}
	typ := to.Type()
	if typ == reflect.TypeFor[map[string]any]() {
		to.Set(reflect.ValueOf(plain(object)))
		return nil
	}
	out := reflect.MakeMapWithSize(typ, len(object))
	k, e := reflect.New(typ.Key()).Elem(), reflect.New(typ.Elem()).Elem()
	for name, v := range object {
		if kept {
			k, e = reflect.New(typ.Key()).Elem(), reflect.New(typ.Elem()).Elem()
		} else {
			k.SetZero()
			e.SetZero()
		}
		if err := key.decode(name, k); err != nil {
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
