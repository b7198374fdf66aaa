package box

import (
	"go/types"
	"reflect"
	"strings"
)

// method is a method of a type as encoders call it: the receiver is a value of the type's erased form.
type method func(recv reflect.Value, args ...reflect.Value) []reflect.Value

// method returns the method of type t, whose values have reflect type rt, that compiled code finds where it asks whether t
// implements an interface. The signature is written as signature does. It is nil where t has no such method.
func (p *Program) method(t types.Type, rt reflect.Type, name, sig string) method {
	if isHost(rt) && (rt.Kind() != reflect.Interface || rt.NumMethod() > 0) {
		return hostMethod(rt, name, sig)
	}
	found, index, _ := types.LookupFieldOrMethod(t, false, nil, name)
	f, ok := found.(*types.Func)
	if !ok || signature(f.Signature()) != sig {
		return nil
	}
	if isInterface(t) {
		return p.interfaceMethod(name, sig)
	}
	if m, ok := p.Type(t).Method(name); ok {
		return func(recv reflect.Value, args ...reflect.Value) []reflect.Value {
			return m.Call(recv.Interface(), args...)
		}
	}
	return p.promoted(t, name, sig, index)
}

// promoted returns a method that the program did not give to t itself: that of an embedded field, or that of the type that
// t points to.
func (p *Program) promoted(t types.Type, name, sig string, index []int) method {
	pointer, isPointer := t.Underlying().(*types.Pointer)
	if len(index) == 1 {
		if !isPointer {
			return nil
		}
		return func(recv reflect.Value, args ...reflect.Value) []reflect.Value {
			elem := even(pointer.Elem(), recv.Elem())
			if m := p.method(pointer.Elem(), elem.Type(), name, sig); m != nil {
				return m(elem, args...)
			}
			panic("box: method " + name + " of " + p.name(t) + " is missing")
		}
	}
	owner := t
	if isPointer {
		owner = pointer.Elem()
	}
	field := owner.Underlying().(*types.Struct).Field(index[0])
	return func(recv reflect.Value, args ...reflect.Value) []reflect.Value {
		if isPointer {
			recv = recv.Elem()
		}
		ft, v := field.Type(), even(field.Type(), recv.Field(index[0]))
		m := p.method(ft, v.Type(), name, sig)
		if m == nil && v.CanAddr() {
			ft, v = types.NewPointer(ft), v.Addr()
			m = p.method(ft, v.Type(), name, sig)
		}
		if m == nil {
			panic("box: method " + name + " of " + p.name(ft) + " is missing")
		}
		return m(v, args...)
	}
}

// interfaceMethod calls a method of what an interface holds.
func (p *Program) interfaceMethod(name, sig string) method {
	return func(recv reflect.Value, args ...reflect.Value) []reflect.Value {
		t, v := p.dynamic(recv)
		if t == nil {
			panic(nilDereference{})
		}
		if m := p.method(t, v.Type(), name, sig); m != nil {
			return m(v, args...)
		}
		panic("box: method " + name + " of " + p.name(t) + " is missing")
	}
}

// hostMethod returns a method of a compiled type.
func hostMethod(rt reflect.Type, name, sig string) method {
	m, ok := rt.MethodByName(name)
	if !ok {
		return nil
	}
	receivers := 1
	if rt.Kind() == reflect.Interface {
		receivers = 0
	}
	if hostSignature(m.Type, receivers) != sig {
		return nil
	}
	return func(recv reflect.Value, args ...reflect.Value) []reflect.Value {
		return recv.Method(m.Index).Call(args)
	}
}

// pointerMethod returns the method that a pointer to a value of type t has.
func (p *Program) pointerMethod(t types.Type, rt reflect.Type, name, sig string) method {
	return p.method(types.NewPointer(t), reflect.PointerTo(rt), name, sig)
}

// signature writes the types of parameters and results, without names.
func signature(s *types.Signature) string {
	var b strings.Builder
	for _, tuple := range []*types.Tuple{s.Params(), s.Results()} {
		b.WriteByte('(')
		for i := range tuple.Len() {
			if i > 0 {
				b.WriteByte(',')
			}
			b.WriteString(strings.ReplaceAll(Name(tuple.At(i).Type()), "byte", "uint8"))
		}
		b.WriteByte(')')
	}
	return b.String()
}

// hostSignature is signature for a function type of compiled code, without its first parameters.
func hostSignature(t reflect.Type, skip int) string {
	var b strings.Builder
	b.WriteByte('(')
	for i := skip; i < t.NumIn(); i++ {
		if i > skip {
			b.WriteByte(',')
		}
		b.WriteString(t.In(i).String())
	}
	b.WriteString(")(")
	for i := range t.NumOut() {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(t.Out(i).String())
	}
	b.WriteByte(')')
	return b.String()
}

// nilDereference is what a call through a nil interface panics with.
type nilDereference struct{}

func (nilDereference) Error() string {
	return "runtime error: invalid memory address or nil pointer dereference"
}

func (nilDereference) RuntimeError() {}

// The signatures that encoders look for.
const (
	sigMarshal   = "()([]uint8,error)"
	sigUnmarshal = "([]uint8)(error)"
	sigIsZero    = "()(bool)"
)

func errorOf(v reflect.Value) error {
	err, _ := reflect.TypeAssert[error](v)
	return err
}
