package box

import (
	"errors"
	"fmt"
	"go/token"
	"go/types"
	"reflect"
)

// tmplMethod is a method of a type of the program.
type tmplMethod struct {
	fn    *types.Func
	index []int // the path of embedded fields to it, and its own index
	value bool  // whether the receiver is no pointer
}

// errNilDereference says what the panic of compiled code does.
var errNilDereference = errors.New("runtime error: invalid memory address or nil pointer dereference")

// methodOf returns the method of that name of x, or of the pointer to x where there is one. It is nil where x has none.
func (e *templates) methodOf(x tmplValue, name string) *tmplFunc {
	if x.kind() != reflect.Pointer && x.kind() != reflect.Interface {
		if ptr, ok := e.addr(x); ok {
			x = ptr
		}
	}
	return e.methodOn(x, name)
}

// methodOn returns a method of the method set of the type of x.
func (e *templates) methodOn(x tmplValue, name string) *tmplFunc {
	switch {
	case x.kind() == reflect.Interface:
		if x.v.IsNil() {
			return nil
		}
		return e.methodOn(e.elem(x), name)
	case x.d == nil:
		if m := e.prog.HostMethod(x.v, name); m.IsValid() {
			return e.hostFunc(m)
		}
		return nil
	}
	m := x.d.method(name)
	if m == nil {
		return nil
	}
	if f := e.bound(x, m); f != nil {
		return f
	}
	return e.promoted(x, m)
}

// method looks for a method in the method set of d.
func (d *tmplType) method(name string) *tmplMethod {
	if found, ok := d.methods.Load(name); ok {
		m, _ := found.(*tmplMethod)
		return m
	}
	var m *tmplMethod
	if token.IsExported(name) {
		obj, index, _ := types.LookupFieldOrMethod(d.t, false, nil, name)
		if fn, ok := obj.(*types.Func); ok {
			m = &tmplMethod{fn: fn, index: index}
			if recv := fn.Signature().Recv(); recv != nil {
				_, isPointer := types.Unalias(recv.Type()).(*types.Pointer)
				m.value = !isPointer
			}
		}
	}
	d.methods.Store(name, m)
	return m
}

// bound returns a method that the program offers for the type of x, for x.
func (e *templates) bound(x tmplValue, m *tmplMethod) *tmplFunc {
	isPointer := x.kind() == reflect.Pointer
	isNil := isPointer && x.v.IsNil()
	found, ok := x.d.typ.Method(m.fn.Name())
	recv := x.v
	if !ok && isPointer && m.value {
		// The method set of the pointer has what that of its element has.
		found, ok = e.prog.Type(elemType(x.d.under)).Method(m.fn.Name())
		if ok && !isNil {
			recv = e.elem(x).v
		}
	}
	if !ok {
		return nil
	}
	f := e.ownFunc(m.fn.Signature(), found.Func, 1)
	f.recv, f.bind = recv.Interface(), true
	switch {
	case isNil && len(m.index) > 1:
		f.fault = errNilDereference
	case isNil && m.value:
		t := elemType(x.d.under)
		f.fault = fmt.Errorf("value method %s.%s called using nil *%s pointer", longName(t), m.fn.Name(), shortName(t))
	}
	return f
}

// longName returns the name of a type with the path of its package.
func longName(t types.Type) string {
	return types.TypeString(t, func(pkg *types.Package) string {
		if pkg.Name() == "main" {
			return "main"
		}
		return pkg.Path()
	})
}

// shortName returns the name of a type without its package.
func shortName(t types.Type) string {
	return types.TypeString(t, func(*types.Package) string { return "" })
}

// promoted returns a method that x has from what it embeds.
func (e *templates) promoted(x tmplValue, m *tmplMethod) *tmplFunc {
	for _, at := range m.index[:len(m.index)-1] {
		if x.kind() == reflect.Pointer {
			if x.v.IsNil() {
				return &tmplFunc{sig: &tmplSig{results: make([]tmplParam, 1)}, fault: errNilDereference}
			}
			x = e.elem(x)
		}
		x = e.fieldAt(x, at)
	}
	if x.kind() == reflect.Interface && x.v.IsNil() {
		return &tmplFunc{sig: &tmplSig{results: make([]tmplParam, 1)}, fault: errNilDereference}
	}
	if len(m.index) == 1 && x.kind() != reflect.Interface {
		return nil // the program does not offer it
	}
	return e.methodOf(x, m.fn.Name())
}
