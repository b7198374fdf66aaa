package box

import (
	"go/types"
	"reflect"
	"strings"
)

// typeName is a reflect type under the name that the author gave it: errors of compiled packages print it.
type typeName struct {
	reflect.Type
	name string
	bare string
}

func (t typeName) String() string { return t.name }

// Name returns the name without its package.
func (t typeName) Name() string { return t.bare }

// named returns rt, which values of type t have, as errors should show it.
func (p *Program) named(t types.Type, rt reflect.Type) reflect.Type {
	name := p.name(t)
	if rt == nil || rt.String() == name {
		return rt
	}
	return typeName{Type: rt, name: name, bare: p.bareName(t)}
}

// bareName returns the name of a type without its package, as reflect.Type.Name does.
func (p *Program) bareName(t types.Type) string {
	switch t := types.Unalias(t).(type) {
	case *types.Basic:
		return t.Name()
	case *types.Named:
		name := p.name(t)
		bracket := strings.IndexByte(name, '[')
		if bracket < 0 {
			bracket = len(name)
		}
		return name[strings.LastIndexByte(name[:bracket], '.')+1:]
	}
	return ""
}

// isNamed reports whether a type has a name, which compiled code needs to look for methods of its pointer.
func isNamed(t types.Type) bool {
	switch types.Unalias(t).(type) {
	case *types.Named, *types.Basic:
		return true
	}
	return false
}

// isHost reports whether values of rt have a type that compiled code declares. An erased type has no name.
func isHost(rt reflect.Type) bool {
	if rt.Kind() == reflect.Pointer && rt.Name() == "" {
		rt = rt.Elem()
	}
	return rt.PkgPath() != ""
}

func isInterface(t types.Type) bool {
	_, ok := t.Underlying().(*types.Interface)
	return ok
}

// odd reports whether values of type t are not kept in their erased form where their reflect type is rt: see Erased.
func odd(t types.Type, rt reflect.Type) bool {
	switch rt.Kind() {
	case reflect.Interface:
		return !isInterface(t)
	case reflect.Struct:
		_, isStruct := t.Underlying().(*types.Struct)
		return !isStruct && rt.Name() == "" && rt.NumField() == 1
	}
	return false
}

// even returns v in its erased form. It is invalid for a zero value that was never set.
func even(t types.Type, v reflect.Value) reflect.Value { return Erased(t, v) }

// dynamic returns the type and the value that an interface holds. The type is nil for nil.
func (p *Program) dynamic(v reflect.Value) (types.Type, reflect.Value) {
	if !v.IsValid() || v.IsNil() {
		return nil, reflect.Value{}
	}
	return p.dynamicOf(v.Interface())
}

// dynamicOf is dynamic for a value that an any holds.
func (p *Program) dynamicOf(x any) (types.Type, reflect.Value) {
	switch b := Unwrap(x).(type) {
	case nil:
		return nil, reflect.Value{}
	case Box:
		return b.T.Type, reflect.ValueOf(b.V)
	default:
		return p.universe.TypeOf(reflect.TypeOf(b)), reflect.ValueOf(b)
	}
}

// plain reports whether values of a reflect type cannot hold values of the program's types, so that compiled code may have
// them as they are.
func plain(rt reflect.Type) bool {
	if rt == nil || rt.PkgPath() != "" {
		return rt != reflect.TypeFor[Box]()
	}
	switch rt.Kind() {
	case reflect.Interface, reflect.Struct:
		return false
	case reflect.Pointer, reflect.Slice, reflect.Array:
		return plain(rt.Elem())
	case reflect.Map:
		return plain(rt.Key()) && plain(rt.Elem())
	}
	return true
}

// typed is a type and the reflect type that values of it have.
type typed struct {
	t  types.Type
	rt reflect.Type
}

// opened are the values that a decoder is reading, from the outermost to the innermost.
type opened []typed

// erased returns the erased form of a type that leads back to one of them. It is nil for other types.
func (o opened) erased(t types.Type) reflect.Type {
	for _, p := range o {
		if types.Identical(p.t, t) {
			return p.rt
		}
	}
	if b, ok := t.Underlying().(*types.Basic); ok {
		return basicType(b)
	}
	switch u := types.Unalias(t).(type) {
	case *types.Pointer:
		if elem := o.erased(u.Elem()); elem != nil {
			return reflect.PointerTo(elem)
		}
	case *types.Slice:
		if elem := o.erased(u.Elem()); elem != nil {
			return reflect.SliceOf(elem)
		}
	case *types.Array:
		if elem := o.erased(u.Elem()); elem != nil {
			return reflect.ArrayOf(int(u.Len()), elem)
		}
	case *types.Map:
		key, elem := o.erased(u.Key()), o.erased(u.Elem())
		if key != nil && elem != nil {
			return reflect.MapOf(key, elem)
		}
	}
	return nil
}

// basicType returns the predeclared type that t is.
func basicType(t *types.Basic) reflect.Type {
	for _, rt := range basicTypes {
		if rt.Kind().String() == types.Typ[t.Kind()].Name() {
			return rt
		}
	}
	return nil
}

var basicTypes = []reflect.Type{
	reflect.TypeFor[bool](), reflect.TypeFor[string](), reflect.TypeFor[int](), reflect.TypeFor[int8](),
	reflect.TypeFor[int16](), reflect.TypeFor[int32](), reflect.TypeFor[int64](), reflect.TypeFor[uint](),
	reflect.TypeFor[uint8](), reflect.TypeFor[uint16](), reflect.TypeFor[uint32](), reflect.TypeFor[uint64](),
	reflect.TypeFor[uintptr](), reflect.TypeFor[float32](), reflect.TypeFor[float64](), reflect.TypeFor[complex64](),
	reflect.TypeFor[complex128](),
}
