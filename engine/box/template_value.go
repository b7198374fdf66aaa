package box

import (
	"go/types"
	"reflect"
)

// tmplValue is a value during the execution of a template: what reflect.Value is for compiled types. The zero tmplValue is
// no value at all.
type tmplValue struct {
	d *tmplType // nil where v tells all
	v reflect.Value
}

// hostValue returns a value whose type reflection tells in full.
func hostValue(v any) tmplValue { return tmplValue{v: reflect.ValueOf(v)} }

// dynamic returns the value that an interface holds.
func (e *templates) dynamic(v any) tmplValue {
	v = Unwrap(v)
	b, ok := v.(Box)
	if !ok {
		return hostValue(v)
	}
	d := e.boxed(b.T)
	if b.V == nil {
		return tmplValue{d, standIn(d.under)}
	}
	return tmplValue{d, reflect.ValueOf(b.V)}
}

// static returns v as a value of type t. An erased v is what interpreted code keeps for it.
func (e *templates) static(t types.Type, v reflect.Value) tmplValue {
	if _, ok := t.(*types.Basic); ok {
		return tmplValue{v: v}
	}
	erased := Erased(t, v)
	if !erased.IsValid() {
		return tmplValue{e.typeOf(t, nil), standIn(t.Underlying())}
	}
	return tmplValue{e.typeOf(t, erased.Type()), erased}
}

// standIn returns a nil of the kind that under has, for a value whose erased type is not known.
func standIn(under types.Type) reflect.Value {
	var t reflect.Type
	switch under.(type) {
	case *types.Pointer:
		t = reflect.TypeFor[*struct{}]()
	case *types.Slice:
		t = reflect.TypeFor[[]any]()
	case *types.Map:
		t = reflect.TypeFor[map[any]any]()
	case *types.Chan:
		t = reflect.TypeFor[chan any]()
	case *types.Signature:
		t = reflect.TypeFor[func()]()
	case *types.Struct:
		t = reflect.TypeFor[struct{}]()
	default:
		t = anyType
	}
	return reflect.Zero(t)
}

func (x tmplValue) valid() bool { return x.v.IsValid() }

func (x tmplValue) kind() reflect.Kind { return x.v.Kind() }

// typeName returns the type as messages name it. It panics as reflection does where there is no value.
func (x tmplValue) typeName() string {
	if x.d != nil {
		return Name(x.d.t)
	}
	return x.v.Type().String()
}

// describe returns what reflect.Value.String does.
func (x *tmplValue) describe() string {
	if x == nil || x.d == nil || x.kind() == reflect.String {
		var v reflect.Value
		if x != nil {
			v = x.v
		}
		return v.String()
	}
	return "<" + x.typeName() + " Value>"
}

// typ returns the type of x, which is a value.
func (e *templates) typ(x tmplValue) types.Type {
	if x.d != nil {
		return x.d.t
	}
	return e.prog.universe.TypeOf(x.v.Type())
}

// open returns x as an interface holds it: a Box or what reflection tells in full.
func (x tmplValue) open() any {
	switch {
	case !x.valid():
		return nil
	case x.kind() == reflect.Interface:
		return Unwrap(x.v.Interface())
	case x.d != nil:
		return x.d.typ.Box(x.v.Interface())
	default:
		return x.v.Interface()
	}
}

// elem returns what a pointer points to or an interface holds.
func (e *templates) elem(x tmplValue) tmplValue {
	switch {
	case x.v.IsNil():
		return tmplValue{}
	case x.kind() == reflect.Interface:
		if inner := x.v.Elem(); !inner.CanInterface() {
			return tmplValue{v: inner}
		}
		return e.dynamic(x.v.Interface())
	case x.d == nil:
		return tmplValue{v: x.v.Elem()}
	}
	return e.static(elemType(x.d.under), x.v.Elem())
}

// elemType returns the type of the elements of a pointer, slice, array, map or channel type.
func elemType(under types.Type) types.Type {
	if c, ok := under.(interface{ Elem() types.Type }); ok {
		return c.Elem()
	}
	return types.Typ[types.Invalid]
}

// inner returns v, an element of x, as a value of its type.
func (e *templates) inner(x tmplValue, v reflect.Value) tmplValue {
	if x.d == nil {
		return tmplValue{v: v}
	}
	if b, ok := x.d.under.(*types.Basic); ok && b.Info()&types.IsString != 0 {
		return tmplValue{v: v} // a byte
	}
	return e.static(elemType(x.d.under), v)
}

// key returns v, a key of the map x, as a value of its type.
func (e *templates) key(x tmplValue, v reflect.Value) tmplValue {
	if x.d == nil {
		return tmplValue{v: v}
	}
	m, _ := x.d.under.(*types.Map)
	return e.static(m.Key(), v)
}

// indirect follows pointers and interfaces to their end. Where it is nil, the result is the last of them.
func (e *templates) indirect(x tmplValue) (_ tmplValue, isNil bool) {
	for x.kind() == reflect.Pointer || x.kind() == reflect.Interface {
		if x.v.IsNil() {
			return x, true
		}
		x = e.elem(x)
	}
	return x, false
}

// indirectInterface returns the value in an interface, any other as it is.
func (e *templates) indirectInterface(x tmplValue) tmplValue {
	if x.kind() == reflect.Interface {
		return e.elem(x)
	}
	return x
}

// isEmptyInterface reports whether x is an interface without methods.
func (x tmplValue) isEmptyInterface() bool {
	if x.kind() != reflect.Interface {
		return false
	}
	if x.d == nil {
		return x.v.Type().NumMethod() == 0
	}
	i, _ := x.d.under.(*types.Interface)
	return i != nil && i.NumMethods() == 0
}

// addr returns the pointer to x where it has one.
func (e *templates) addr(x tmplValue) (tmplValue, bool) {
	if !x.v.CanAddr() {
		return tmplValue{}, false
	}
	if x.d == nil {
		return tmplValue{v: x.v.Addr()}, true
	}
	return tmplValue{e.pointer(x.d), x.v.Addr()}, true
}

// truth reports whether x is not the zero of its type, and whether that means anything.
func (e *templates) truth(x tmplValue) (truth, ok bool) {
	v := e.indirectInterface(x).v
	switch v.Kind() {
	case reflect.Invalid:
		return false, true
	case reflect.Array, reflect.Map, reflect.Slice, reflect.String:
		return v.Len() > 0, true
	case reflect.Chan, reflect.Func, reflect.Pointer, reflect.UnsafePointer, reflect.Interface:
		return !v.IsNil(), true
	case reflect.Struct:
		return true, true
	case reflect.Float32, reflect.Float64:
		return v.Float() != 0, true // a negative zero is zero
	case reflect.Complex64, reflect.Complex128:
		return v.Complex() != 0, true
	default:
		return !v.IsZero(), true
	}
}

// implements reports whether the type of x has the methods of an interface of compiled code.
func (x tmplValue) implements(i *types.Interface, host reflect.Type) bool {
	if x.d != nil {
		return x.d.implements(i)
	}
	return x.v.Type().Implements(host)
}
