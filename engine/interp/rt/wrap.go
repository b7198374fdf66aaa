package rt

import (
	"go/types"
	"reflect"

	"github.com/scriptd/scriptd/engine/box"
)

// conversions returns, for an interface of compiled code, a function that converts a value that is known to implement it, and
// one that asks first. Their types are func(any) I and func(any) (I, bool).
func (p *Program) conversions(t types.Type) (wrap, assert reflect.Value) {
	if isError(t) {
		return reflect.ValueOf(p.toError), reflect.ValueOf(p.asError)
	}
	typ := p.reflectInterface(t.(*types.Named))
	empty, boolean := reflect.TypeFor[any](), reflect.TypeFor[bool]()
	wrap = reflect.MakeFunc(reflect.FuncOf([]reflect.Type{empty}, []reflect.Type{typ}, false), func(args []reflect.Value) []reflect.Value {
		return []reflect.Value{p.wrap(args[0].Interface(), t, typ)}
	})
	desc := p.Types.Type(t)
	assert = reflect.MakeFunc(reflect.FuncOf([]reflect.Type{empty}, []reflect.Type{typ, boolean}, false), func(args []reflect.Value) []reflect.Value {
		x := args[0].Interface()
		if !p.Implements(desc, x) {
			return []reflect.Value{reflect.Zero(typ), reflect.ValueOf(false)}
		}
		return []reflect.Value{p.wrap(x, t, typ), reflect.ValueOf(true)}
	})
	return wrap, assert
}

func isError(t types.Type) bool {
	named, ok := types.Unalias(t).(*types.Named)
	return ok && named.Obj().Pkg() == nil
}

// reflectInterface returns the reflect type of a compiled interface.
func (p *Program) reflectInterface(t *types.Named) reflect.Type {
	v, ok := p.Universe.Symbol(t.Obj().Pkg().Path(), t.Obj().Name())
	if !ok {
		panic("scriptd: no symbol " + t.String())
	}
	return v.Type().Elem()
}

func (p *Program) toError(x any) error {
	if x == nil {
		return nil
	}
	if b, ok := x.(box.Box); ok {
		err, _ := p.Types.Error(b)
		return err
	}
	return x.(error)
}

func (p *Program) asError(x any) (error, bool) { //nolint:revive // as an assertion has it
	if b, ok := x.(box.Box); ok {
		return p.Types.Error(b)
	}
	err, ok := x.(error)
	return err, ok
}

// wrapperKey is a type of the program and an interface of compiled code.
type wrapperKey struct {
	typ   *box.Type
	iface reflect.Type
}

// wrapper makes values of an interface from those of one type.
type wrapper struct {
	typ     reflect.Type // a struct with a field IValue, and one Wx for each method x
	methods []box.Method // for the fields from the second
}

// wrap converts a value that implements the interface t, whose reflect type is typ.
func (p *Program) wrap(x any, t types.Type, typ reflect.Type) reflect.Value {
	out := reflect.New(typ).Elem()
	if x == nil {
		return out
	}
	b, ok := x.(box.Box)
	if !ok {
		out.Set(reflect.ValueOf(x))
		return out
	}
	if streams[typ] {
		out.Set(reflect.ValueOf(stream(b, p.Done)))
		return out
	}
	w := p.wrapperOf(b.T, t.(*types.Named), typ)
	v := reflect.New(w.typ).Elem()
	v.Field(0).Set(reflect.ValueOf(x))
	for i, m := range w.methods {
		v.Field(i + 1).Set(p.bound(m, b.V, w.typ.Field(i+1).Type))
	}
	out.Set(v)
	return out
}

// bound returns a method with its receiver.
func (p *Program) bound(m box.Method, recv any, typ reflect.Type) reflect.Value {
	if !m.Func.IsValid() {
		return reflect.Zero(typ)
	}
	first := reflect.New(reflect.TypeFor[any]()).Elem()
	if recv != nil {
		first.Set(reflect.ValueOf(recv))
	}
	return reflect.MakeFunc(typ, func(args []reflect.Value) []reflect.Value {
		all := append([]reflect.Value{first}, args...)
		if typ.IsVariadic() {
			return stop(p.Done).results(m.Func.CallSlice(all))
		}
		return stop(p.Done).results(m.Func.Call(all))
	})
}

func (p *Program) wrapperOf(t *box.Type, iface *types.Named, typ reflect.Type) *wrapper {
	key := wrapperKey{t, typ}
	if w, ok := p.wrappers.Load(key); ok {
		return w.(*wrapper)
	}
	name := iface.Obj().Name()
	symbol, ok := p.Universe.Symbol(iface.Obj().Pkg().Path(), "_"+name)
	if !ok {
		panic("scriptd: values of plugins cannot be a " + iface.String())
	}
	w := &wrapper{typ: symbol.Type().Elem()}
	for i := 1; i < w.typ.NumField(); i++ {
		m, _ := t.Method(w.typ.Field(i).Name[1:])
		w.methods = append(w.methods, m)
	}
	p.wrappers.Store(key, w)
	return w
}
