package box_test

import (
	"go/types"
	"reflect"
	"unsafe"

	"github.com/scriptd/scriptd/engine/box"
)

// wrapped is a Box seen as an error, which is the only interface of compiled code that these tests hold boxes in.
type wrapped struct{ box.Box }

func (w wrapped) Unbox() box.Box { return w.Box }

func (w wrapped) Error() string {
	m, _ := w.T.Method("Error")
	return m.Call(w.V)[0].String()
}

// box returns a compiled value as the program has it in an any.
func (m *mirror) box(v any) any {
	m.known = map[mirrorRef]reflect.Value{}
	return m.boxed(reflect.ValueOf(v))
}

func (m *mirror) boxed(v reflect.Value) any {
	if !v.IsValid() {
		return nil
	}
	v = mirrorOpen(v)
	to := reflect.New(m.erase(v.Type())).Elem()
	m.to(to, v)
	if !m.own(v.Type()) {
		return to.Interface()
	}
	m.methods(v.Type())
	return m.prog.Type(m.typeOf(v.Type())).Box(to.Interface())
}

// mirrorOpen returns a value without the restrictions on fields that are not exported.
func mirrorOpen(v reflect.Value) reflect.Value {
	if v.CanAddr() {
		return reflect.NewAt(v.Type(), unsafe.Pointer(v.UnsafeAddr())).Elem()
	}
	if v.Kind() == reflect.Struct && v.CanInterface() {
		c := reflect.New(v.Type()).Elem()
		c.Set(v)
		return c
	}
	return v
}

// to sets an erased value from a compiled one.
func (m *mirror) to(to, v reflect.Value) {
	v = mirrorOpen(v)
	if v.Kind() != reflect.Interface && to.Kind() == reflect.Interface {
		inner := reflect.New(m.erase(v.Type())).Elem()
		m.to(inner, v)
		to.Set(inner)
		return
	}
	m.methods(v.Type())
	if v.Kind() == reflect.Interface {
		to.SetZero()
		if v.IsNil() {
			return
		}
		x := m.boxed(v.Elem())
		if b, ok := x.(box.Box); ok && to.NumMethod() > 0 {
			x = wrapped{b}
		}
		to.Set(reflect.ValueOf(x))
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		if !m.own(v.Type()) {
			to.Set(v)
			return
		}
		for i := range v.NumField() {
			m.to(to.Field(i), v.Field(i))
		}
	case reflect.Pointer:
		if !m.own(v.Type()) {
			to.Set(v)
			return
		}
		m.toPointer(to, v)
	case reflect.Slice:
		to.SetZero()
		if !v.IsNil() {
			to.Set(reflect.MakeSlice(to.Type(), v.Len(), v.Cap()))
		}
		for i := range v.Len() {
			m.to(to.Index(i), v.Index(i))
		}
	case reflect.Array:
		for i := range v.Len() {
			m.to(to.Index(i), v.Index(i))
		}
	case reflect.Map:
		to.SetZero()
		if !v.IsNil() {
			to.Set(reflect.MakeMap(to.Type()))
		}
		for it := v.MapRange(); it.Next(); {
			key, elem := reflect.New(to.Type().Key()).Elem(), reflect.New(to.Type().Elem()).Elem()
			m.to(key, it.Key())
			m.to(elem, it.Value())
			to.SetMapIndex(key, elem)
		}
	case reflect.Chan, reflect.Func:
		if v.Type() == to.Type() {
			to.Set(v)
		}
	default:
		to.Set(v.Convert(to.Type()))
	}
}

func (m *mirror) toPointer(to, v reflect.Value) {
	if v.IsNil() {
		to.SetZero()
		return
	}
	ref := mirrorRef{v.Pointer(), v.Type()}
	if p, ok := m.known[ref]; ok {
		to.Set(p)
		return
	}
	to.Set(reflect.New(to.Type().Elem()))
	if m.known != nil {
		m.known[ref] = to.Elem().Addr()
	}
	m.to(to.Elem(), v.Elem())
}

// from sets a compiled value from an erased one.
func (m *mirror) from(v, erased reflect.Value) {
	v = mirrorOpen(v)
	if v.Kind() != reflect.Interface && erased.Kind() == reflect.Interface {
		erased = erased.Elem()
		if !erased.IsValid() {
			v.SetZero()
			return
		}
	}
	switch v.Kind() {
	case reflect.Interface:
		v.SetZero()
		if !erased.IsNil() {
			v.Set(m.unboxed(erased.Interface()))
		}
	case reflect.Struct:
		if !m.own(v.Type()) {
			v.Set(erased)
			return
		}
		for i := range v.NumField() {
			m.from(v.Field(i), erased.Field(i))
		}
	case reflect.Pointer:
		v.SetZero()
		if !erased.IsNil() {
			v.Set(reflect.New(v.Type().Elem()))
			m.from(v.Elem(), erased.Elem())
		}
	case reflect.Slice:
		v.SetZero()
		if !erased.IsNil() {
			v.Set(reflect.MakeSlice(v.Type(), erased.Len(), erased.Len()))
		}
		for i := range erased.Len() {
			m.from(v.Index(i), erased.Index(i))
		}
	case reflect.Array:
		for i := range erased.Len() {
			m.from(v.Index(i), erased.Index(i))
		}
	case reflect.Map:
		v.SetZero()
		if !erased.IsNil() {
			v.Set(reflect.MakeMap(v.Type()))
		}
		for it := erased.MapRange(); it.Next(); {
			key, elem := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
			m.from(key, it.Key())
			m.from(elem, it.Value())
			v.SetMapIndex(key, elem)
		}
	case reflect.Chan, reflect.Func:
	default:
		v.Set(erased.Convert(v.Type()))
	}
}

// compiled undoes box.
func (m *mirror) compiled(x any) any {
	if x == nil {
		return nil
	}
	return m.unboxed(x).Interface()
}

func (m *mirror) unboxed(x any) reflect.Value {
	b, ok := box.Unwrap(x).(box.Box)
	if !ok {
		erased := reflect.ValueOf(x)
		v := reflect.New(erased.Type()).Elem()
		if erased.Kind() == reflect.Pointer && erased.Type().PkgPath() == "" {
			return erased
		}
		m.from(v, erased)
		return v
	}
	for rt, t := range m.typs {
		if types.Identical(t, b.T.Type) {
			v := reflect.New(rt).Elem()
			m.from(v, reflect.ValueOf(b.V))
			return v
		}
	}
	panic("no compiled type for " + b.T.String())
}

// methods gives the types of the program the methods of the compiled ones.
func (m *mirror) methods(rt reflect.Type) {
	if m.done[rt] || !m.own(rt) && rt.Kind() != reflect.Pointer {
		return
	}
	m.done[rt] = true
	if rt.Kind() != reflect.Pointer && rt.Kind() != reflect.Interface {
		m.methods(reflect.PointerTo(rt))
	}
	switch rt.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Array, reflect.Map:
		m.methods(rt.Elem())
		if rt.Kind() == reflect.Map {
			m.methods(rt.Key())
		}
	case reflect.Struct:
		for f := range rt.Fields() {
			m.methods(f.Type)
		}
	case reflect.Interface:
		return
	}
	if !m.own(rt) {
		return
	}
	for method := range rt.Methods() {
		m.setMethod(rt, method)
	}
}

func (m *mirror) setMethod(rt reflect.Type, method reflect.Method) {
	in, out := []reflect.Type{reflect.TypeFor[any]()}, []reflect.Type{}
	for i := 1; i < method.Type.NumIn(); i++ {
		in = append(in, method.Type.In(i))
	}
	for result := range method.Type.Outs() {
		out = append(out, result)
	}
	call := func(args []reflect.Value) []reflect.Value {
		known := m.known
		m.known = nil
		defer func() { m.known = known }()
		recv := reflect.New(rt).Elem()
		erased := args[0].Elem()
		m.from(recv, erased)
		results := recv.Method(method.Index).Call(args[1:])
		if rt.Kind() == reflect.Pointer && !recv.IsNil() {
			m.to(erased.Elem(), recv.Elem())
		}
		return results
	}
	f := reflect.MakeFunc(reflect.FuncOf(in, out, false), call)
	m.prog.Type(m.typeOf(rt)).SetMethod(method.Name, f.Interface())
}

// copied returns a copy of a compiled value and of what it points to.
func (m *mirror) copied(v any) any {
	if v == nil {
		return nil
	}
	c := reflect.New(reflect.TypeOf(v)).Elem()
	m.clone(c, reflect.ValueOf(v))
	return c.Interface()
}

func (m *mirror) clone(to, v reflect.Value) {
	v, to = mirrorOpen(v), mirrorOpen(to)
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			to.Set(reflect.New(v.Type().Elem()))
			m.clone(to.Elem(), v.Elem())
		}
	case reflect.Interface:
		if !v.IsNil() {
			c := reflect.New(v.Elem().Type()).Elem()
			m.clone(c, v.Elem())
			to.Set(c)
		}
	case reflect.Struct:
		if !m.own(v.Type()) {
			to.Set(v)
			return
		}
		for i := range v.NumField() {
			m.clone(to.Field(i), v.Field(i))
		}
	case reflect.Slice:
		if !v.IsNil() {
			to.Set(reflect.MakeSlice(v.Type(), v.Len(), v.Cap()))
			for i := range v.Len() {
				m.clone(to.Index(i), v.Index(i))
			}
		}
	case reflect.Map:
		if !v.IsNil() {
			to.Set(reflect.MakeMap(v.Type()))
			for it := v.MapRange(); it.Next(); {
				c := reflect.New(v.Type().Elem()).Elem()
				m.clone(c, it.Value())
				to.SetMapIndex(it.Key(), c)
			}
		}
	default:
		to.Set(v)
	}
}

// rawOf returns a value in its erased form.
func rawOf(x any) any {
	if b, ok := x.(box.Box); ok {
		return b.V
	}
	return x
}
