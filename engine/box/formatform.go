package box

import (
	"go/types"
	"reflect"
)

// form is what fmt has to know of a type, found out once.
type form struct {
	name    string
	kind    reflect.Kind
	methods methodSet
	key     *Type
	elem    *Type // of a pointer, slice, array, map
	fields  []fieldForm
}

type fieldForm struct {
	name   string
	typ    *Type
	access access
}

// methodSet is the methods of a type that fmt calls.
type methodSet uint8

const (
	hasFormat methodSet = 1 << iota
	hasGoString
	hasError
	hasString
)

// access is what reflection allows with a value.
type access uint8

const (
	public    access = iota
	inherited        // an embedded field that is not exported: what is exported in it is public
	private          // a field that is not exported, and all in it: its methods cannot be called
)

// within returns the access to the elements of a value.
func (a access) within() access {
	if a == public {
		return public
	}
	return private
}

// field returns the access to a field of a struct.
func (a access) field(own access) access {
	if a == private {
		return private
	}
	return own
}

func accessOf(exported, anonymous bool) access {
	switch {
	case exported:
		return public
	case anonymous:
		return inherited
	default:
		return private
	}
}

// form returns the form of a type.
func (t *Type) form() *form {
	if f := t.printed.Load(); f != nil {
		return f
	}
	f := &form{name: t.prog.name(t.Type), kind: kindOf(t.Type), methods: methodsOf(t.Type)}
	switch u := t.Type.Underlying().(type) {
	case *types.Pointer:
		f.elem = t.prog.Type(u.Elem())
	case *types.Slice:
		f.elem = t.prog.Type(u.Elem())
	case *types.Array:
		f.elem = t.prog.Type(u.Elem())
	case *types.Map:
		f.key, f.elem = t.prog.Type(u.Key()), t.prog.Type(u.Elem())
	case *types.Struct:
		f.fields = make([]fieldForm, u.NumFields())
		for i := range f.fields {
			v := u.Field(i)
			f.fields[i] = fieldForm{name: v.Name(), typ: t.prog.Type(v.Type()), access: accessOf(v.Exported(), v.Embedded())}
		}
	}
	t.printed.Store(f)
	return f
}

var kinds = map[types.BasicKind]reflect.Kind{
	types.Bool: reflect.Bool, types.String: reflect.String, types.UnsafePointer: reflect.UnsafePointer,
	types.Int: reflect.Int, types.Int8: reflect.Int8, types.Int16: reflect.Int16, types.Int32: reflect.Int32,
	types.Int64: reflect.Int64, types.Uint: reflect.Uint, types.Uint8: reflect.Uint8, types.Uint16: reflect.Uint16,
	types.Uint32: reflect.Uint32, types.Uint64: reflect.Uint64, types.Uintptr: reflect.Uintptr,
	types.Float32: reflect.Float32, types.Float64: reflect.Float64,
	types.Complex64: reflect.Complex64, types.Complex128: reflect.Complex128,
}

// kindOf returns the kind of a type as it is compiled.
func kindOf(t types.Type) reflect.Kind {
	switch u := t.Underlying().(type) {
	case *types.Basic:
		return kinds[u.Kind()]
	case *types.Pointer:
		return reflect.Pointer
	case *types.Slice:
		return reflect.Slice
	case *types.Array:
		return reflect.Array
	case *types.Map:
		return reflect.Map
	case *types.Chan:
		return reflect.Chan
	case *types.Signature:
		return reflect.Func
	case *types.Struct:
		return reflect.Struct
	case *types.Interface:
		return reflect.Interface
	default:
		return reflect.Invalid
	}
}

// methodsOf returns which interfaces of fmt a type implements.
func methodsOf(t types.Type) methodSet {
	var set methodSet
	if types.IsInterface(t) {
		return set
	}
	if isStringMethod(t, "Error") {
		set |= hasError
	}
	if isStringMethod(t, "String") {
		set |= hasString
	}
	if isStringMethod(t, "GoString") {
		set |= hasGoString
	}
	if sig := methodSignature(t, "Format"); sig != nil && sig.Params().Len() == 2 && sig.Results().Len() == 0 && !sig.Variadic() &&
		Name(sig.Params().At(0).Type()) == "fmt.State" && types.Identical(sig.Params().At(1).Type(), types.Typ[types.Int32]) {
		set |= hasFormat
	}
	return set
}

func isStringMethod(t types.Type, name string) bool {
	sig := methodSignature(t, name)
	return sig != nil && sig.Params().Len() == 0 && sig.Results().Len() == 1 && types.Identical(sig.Results().At(0).Type(), types.Typ[types.String])
}

// methodSignature returns the signature of a method in the method set of t, nil where there is none.
func methodSignature(t types.Type, name string) *types.Signature {
	obj, _, _ := types.LookupFieldOrMethod(t, false, nil, name)
	if f, ok := obj.(*types.Func); ok {
		return f.Signature()
	}
	return nil
}
