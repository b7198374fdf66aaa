package interp

import (
	"fmt"
	"go/types"
	"reflect"
	"slices"

	"github.com/scriptd/scriptd/engine/schema"
)

// static returns the static type of a struct: that of the compiled type, or that of the program which has its shape.
// Where several have, and would not be the same in JSON, there is no telling.
func (t *typeTable) static(v reflect.Type) (types.Type, error) {
	if v.Name() != "" {
		return t.universe.TypeOf(v), nil
	}
	var found types.Type
	for _, candidate := range t.structs {
		switch {
		case !t.fits(v, candidate, nil):
		case found == nil:
			found = candidate
		case !sameJSON(found, candidate):
			return nil, fmt.Errorf("struct that may be a %s or a %s: return it as its own type, not in an interface", found, candidate)
		}
	}
	if found == nil {
		return nil, fmt.Errorf("struct of an unknown type: return it as its own type, not in an interface")
	}
	return found, nil
}

// fits reports whether the interpreter may hold values of a static type as values of a reflect type. Above are the
// static types that this is being asked of.
func (t *typeTable) fits(v reflect.Type, static types.Type, above []types.Type) bool {
	static = types.Unalias(static)
	if v.Kind() == reflect.Interface || slices.Contains(above, static) {
		return true // where a type contains itself, the interpreter falls back on interfaces
	}
	if named, ok := static.(*types.Named); ok {
		if isCompiled(named) {
			return t.universe.TypeOf(v) == static
		}
		above = append(slices.Clip(above), static)
	}
	switch s := static.Underlying().(type) {
	case *types.Basic:
		return v.Kind() == kindOf[s.Kind()]
	case *types.Pointer:
		return v.Kind() == reflect.Pointer && t.fits(v.Elem(), s.Elem(), above)
	case *types.Slice:
		return v.Kind() == reflect.Slice && t.fits(v.Elem(), s.Elem(), above)
	case *types.Array:
		return v.Kind() == reflect.Array && int64(v.Len()) == s.Len() && t.fits(v.Elem(), s.Elem(), above)
	case *types.Map:
		return v.Kind() == reflect.Map && t.fits(v.Key(), s.Key(), above) && t.fits(v.Elem(), s.Elem(), above)
	case *types.Chan:
		return v.Kind() == reflect.Chan
	case *types.Signature:
		return v.Kind() == reflect.Func
	case *types.Interface:
		return isValueInterface(v)
	case *types.Struct:
		return t.fitsStruct(v, s, above)
	}
	return false
}

// fitsStruct is fits for structs: the interpreter exports the fields that are not, by a leading X.
func (t *typeTable) fitsStruct(v reflect.Type, s *types.Struct, above []types.Type) bool {
	if v.Kind() != reflect.Struct || v.NumField() != s.NumFields() {
		return false
	}
	for i := range s.NumFields() {
		f, name := v.Field(i), s.Field(i).Name()
		if !s.Field(i).Exported() {
			name = "X" + name
		}
		if f.Name != name || string(f.Tag) != s.Tag(i) || !t.fits(f.Type, s.Field(i).Type(), above) {
			return false
		}
	}
	return true
}

// kindOf are the kinds of the basic types.
var kindOf = map[types.BasicKind]reflect.Kind{
	types.Bool: reflect.Bool, types.String: reflect.String, types.UnsafePointer: reflect.UnsafePointer,
	types.Int: reflect.Int, types.Int8: reflect.Int8, types.Int16: reflect.Int16, types.Int32: reflect.Int32, types.Int64: reflect.Int64,
	types.Uint: reflect.Uint, types.Uint8: reflect.Uint8, types.Uint16: reflect.Uint16, types.Uint32: reflect.Uint32,
	types.Uint64: reflect.Uint64, types.Uintptr: reflect.Uintptr, types.Float32: reflect.Float32, types.Float64: reflect.Float64,
	types.Complex64: reflect.Complex64, types.Complex128: reflect.Complex128,
}

// sameJSON reports whether values of two struct types of one shape are encoded alike.
func sameJSON(a, b types.Type) bool {
	if ownForm(a) || ownForm(b) {
		return types.Identical(a, b)
	}
	fa, fb := schema.Fields(a.Underlying().(*types.Struct)), schema.Fields(b.Underlying().(*types.Struct))
	return slices.EqualFunc(fa, fb, func(x, y schema.Field) bool {
		return x.Name == y.Name && slices.Equal(x.Index, y.Index) && types.Identical(x.Var.Type(), y.Var.Type())
	})
}

// ownForm reports whether a type decides on its JSON form.
func ownForm(t types.Type) bool {
	named, ok := t.(*types.Named)
	return ok && slices.ContainsFunc(selfCoders, func(method string) bool { return schema.Has(named, method) })
}
