package box

import (
	"fmt"
	"go/types"
	"reflect"
	"slices"

	"golang.org/x/tools/go/types/typeutil"
)

// Eraser makes the erased forms of types, recursive ones among them, which reflect itself cannot make. Structs that are not
// recursive are those that reflect.StructOf makes of the same fields. It is not safe for concurrent use; the recursive
// types that two of them make of the same declarations are the same.
type Eraser struct {
	// Symbol finds a compiled symbol. The value of a type is a nil pointer to it.
	Symbol func(importPath, name string) (reflect.Value, bool)
	// FieldName returns the name of a field in the erased struct.
	FieldName func(t *types.Struct, i int) string
	// Wrapped reports whether a recursive type that is no struct is kept in a struct of one field, W.
	Wrapped func(t *types.Named) bool

	made typeutil.Map // of reflect.Type, by node
}

// eraseError is what panics carry out of the recursion.
type eraseError struct{ err error }

// Type returns the erased form of a type. There is none where the type mentions a compiled one without a symbol, or where
// this build's reflect does not keep its types as this package knows it.
func (e *Eraser) Type(t types.Type) (r reflect.Type, err error) {
	defer func() {
		switch v := recover().(type) {
		case nil:
		case eraseError:
			r, err = nil, fmt.Errorf("make type %s: %w", t, v.err)
		default:
			panic(v)
		}
	}()
	return e.typ(t), nil
}

// node returns what identifies the erased struct that t has the form of: a struct type, or a named one that is wrapped. It
// is nil for other types, and for structs without fields.
func (e *Eraser) node(t types.Type) types.Type {
	t = types.Unalias(t)
	if named, ok := t.(*types.Named); ok {
		if !ownType(named) {
			return nil
		}
		if e.Wrapped(named) {
			return named
		}
		t = named.Underlying()
	}
	if s, ok := t.(*types.Struct); ok && s.NumFields() > 0 {
		return s
	}
	return nil
}

// ownType reports whether a type is declared in source, so that it has a place.
func ownType(t *types.Named) bool { return t.Obj().Pkg() != nil && t.Obj().Pos().IsValid() }

// part is a field of an erased struct.
type part struct {
	name, tag string
	typ       types.Type
}

// fields returns the fields of a node.
func (e *Eraser) fields(node types.Type) []part {
	s, ok := node.(*types.Struct)
	if !ok {
		return []part{{name: "W", typ: node.Underlying()}}
	}
	list := make([]part, s.NumFields())
	for i := range list {
		list[i] = part{e.FieldName(s, i), s.Tag(i), s.Field(i).Type()}
	}
	return list
}

// emptyStruct is the form of named structs without fields.
var emptyStruct = []reflect.StructField{{Name: "F_", Type: reflect.TypeFor[bool]()}}

func (e *Eraser) typ(t types.Type) reflect.Type {
	if n := e.node(t); n != nil {
		return e.structure(n)
	}
	switch t := types.Unalias(t).(type) {
	case *types.Basic:
		if r := basicType(t); r != nil {
			return r
		}
	case *types.Named:
		return e.named(t)
	case *types.Pointer:
		return reflect.PointerTo(e.typ(t.Elem()))
	case *types.Slice:
		return reflect.SliceOf(e.typ(t.Elem()))
	case *types.Array:
		return reflect.ArrayOf(int(t.Len()), e.typ(t.Elem()))
	case *types.Map:
		return reflect.MapOf(e.typ(t.Key()), e.typ(t.Elem()))
	case *types.Chan:
		return reflect.ChanOf(chanDir(t), e.typ(t.Elem()))
	case *types.Signature:
		return reflect.FuncOf(e.tuple(t.Params()), e.tuple(t.Results()), t.Variadic())
	case *types.Struct:
		return reflect.StructOf(nil)
	case *types.Interface:
		return reflect.TypeFor[any]()
	}
	panic(eraseError{fmt.Errorf("a type of kind %T has no form", t)})
}

func (e *Eraser) tuple(t *types.Tuple) []reflect.Type {
	var list []reflect.Type
	for v := range t.Variables() {
		list = append(list, e.typ(v.Type()))
	}
	return list
}

// named is typ for named types that are no structs with fields.
func (e *Eraser) named(t *types.Named) reflect.Type {
	if ownType(t) {
		if _, ok := t.Underlying().(*types.Struct); ok {
			return reflect.StructOf(emptyStruct)
		}
		return e.typ(t.Underlying())
	}
	if i, ok := t.Underlying().(*types.Interface); ok && (i.NumMethods() == 0 || t.Obj().Pkg() == nil) {
		if i.NumMethods() == 0 {
			return reflect.TypeFor[any]()
		}
		return reflect.TypeFor[error]()
	}
	v, ok := e.Symbol(t.Obj().Pkg().Path(), t.Obj().Name())
	if !ok || v.Kind() != reflect.Pointer {
		panic(eraseError{fmt.Errorf("no symbol %s.%s", t.Obj().Pkg().Path(), t.Obj().Name())})
	}
	return v.Type().Elem()
}

// structure returns the struct of a node.
func (e *Eraser) structure(n types.Type) reflect.Type {
	if made, ok := e.made.At(n).(reflect.Type); ok {
		return made
	}
	if group := e.group(n); group != nil {
		for i, made := range e.recursive(group) {
			e.made.Set(group[i], made)
		}
		return e.made.At(n).(reflect.Type)
	}
	var fields []reflect.StructField
	for _, p := range e.fields(n) {
		fields = append(fields, reflect.StructField{Name: p.name, Tag: reflect.StructTag(p.tag), Type: e.typ(p.typ)})
	}
	made := reflect.StructOf(fields)
	e.made.Set(n, made)
	return made
}

// group returns the nodes that lead to n and that n leads to, in an order that depends on n alone, with n the first. It is
// nil where n does not lead to itself.
func (e *Eraser) group(n types.Type) []types.Type {
	isRoot := func(m types.Type) bool { return types.Identical(m, n) }
	reached := e.reachable(n)
	if !slices.ContainsFunc(reached, isRoot) {
		return nil
	}
	group := []types.Type{n}
	for _, m := range reached {
		if !isRoot(m) && slices.ContainsFunc(e.reachable(m), isRoot) {
			group = append(group, m)
		}
	}
	return group
}

// next returns the nodes that a type mentions before any other node, each as often as it does.
func (e *Eraser) next(t types.Type, list []types.Type) []types.Type {
	if n := e.node(t); n != nil {
		return append(list, n)
	}
	for _, p := range elements(t) {
		list = e.next(p, list)
	}
	return list
}

// elements returns the types that a type other than a node is made of.
func elements(t types.Type) (list []types.Type) {
	switch t := types.Unalias(t).(type) {
	case *types.Named:
		if ownType(t) {
			return []types.Type{t.Underlying()}
		}
	case *types.Pointer:
		return []types.Type{t.Elem()}
	case *types.Slice:
		return []types.Type{t.Elem()}
	case *types.Array:
		return []types.Type{t.Elem()}
	case *types.Chan:
		return []types.Type{t.Elem()}
	case *types.Map:
		return []types.Type{t.Key(), t.Elem()}
	case *types.Signature:
		for _, tuple := range []*types.Tuple{t.Params(), t.Results()} {
			for v := range tuple.Variables() {
				list = append(list, v.Type())
			}
		}
	}
	return list
}

// reachable returns the nodes that n leads to, itself among them only if it does.
func (e *Eraser) reachable(n types.Type) []types.Type {
	var list []types.Type
	seen := new(typeutil.Map)
	var walk func(m types.Type)
	walk = func(m types.Type) {
		for _, p := range e.fields(m) {
			for _, found := range e.next(p.typ, nil) {
				if seen.At(found) == nil {
					seen.Set(found, true)
					list = append(list, found)
					walk(found)
				}
			}
		}
	}
	walk(n)
	return list
}
