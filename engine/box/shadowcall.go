package box

import (
	"go/token"
	"go/types"
	"reflect"
)

// callValue is Value.Call and Value.CallSlice.
func (p *Program) callValue(f reflect.Value, args []reflect.Value, slice bool) []reflect.Value {
	r := p.reflected(f)
	raw := r.now()
	name := "reflect.Value.Call"
	if slice {
		name = "reflect.Value.CallSlice"
	}
	if r.ro != exportedField {
		panic("reflect: " + name + " using value obtained using unexported field")
	}
	if raw.Kind() != reflect.Func {
		return raw.Call(args)
	}
	sig := r.t.Underlying().(*types.Signature)
	rt := raw.Type()
	in := make([]reflect.Value, len(args))
	for i, arg := range args {
		if i >= sig.Params().Len() && !sig.Variadic() {
			panic("reflect: Call with too many input arguments")
		}
		at := min(i, sig.Params().Len()-1)
		t, to := sig.Params().At(at).Type(), rt.In(at)
		if sig.Variadic() && !slice && at == sig.Params().Len()-1 {
			t, to = t.Underlying().(*types.Slice).Elem(), to.Elem()
		}
		if !arg.IsValid() {
			panic("reflect: Call using zero Value argument")
		}
		if got := p.reflected(arg).t; !types.AssignableTo(got, t) {
			panic("reflect: Call using " + p.name(got) + " as type " + p.name(t))
		}
		in[i] = p.assign(name, t, to, arg)
	}
	var out []reflect.Value
	if slice {
		out = raw.CallSlice(in)
	} else {
		out = raw.Call(in)
	}
	for i, v := range out {
		out[i] = p.value(sig.Results().At(i).Type(), v, exportedField)
	}
	return out
}

// methodNamed is Value.MethodByName.
func (p *Program) methodNamed(v reflect.Value, name string) reflect.Value {
	r := p.reflected(v)
	if r.t == nil {
		return v.MethodByName(name) // panics
	}
	if !token.IsExported(name) {
		return reflect.Value{}
	}
	if r.kind() == reflect.Interface {
		if p.reflectType(r.t, nil).(interface {
			MethodByName(string) (reflect.Method, bool)
		}) != nil {
			if t, held := p.dynamic(r.v); t != nil {
				return p.methodNamed(p.value(t, held, r.ro), name)
			}
		}
		return reflect.Value{}
	}
	raw := r.now()
	if isHost(raw.Type()) {
		return p.HostMethod(raw, name)
	}
	found, _, _ := types.LookupFieldOrMethod(r.t, false, nil, name)
	f, ok := found.(*types.Func)
	if !ok {
		return reflect.Value{}
	}
	m, ok := p.Type(r.t).Method(name)
	if !ok {
		panic("reflect: method " + name + " of " + p.name(r.t) + " is not supported by the interpreter")
	}
	return p.value(plainly(f.Signature(), nil), p.boundTo(m, raw.Interface()), r.ro)
}

// makeFunc is reflect.MakeFunc.
func (p *Program) makeFunc(typ reflect.Type, f func([]reflect.Value) []reflect.Value) reflect.Value {
	t, rt := p.typesOf(typ)
	sig, ok := t.Underlying().(*types.Signature)
	if !ok {
		panic("reflect: call of MakeFunc with non-Func type")
	}
	shape := p.shape(t, rt)
	raw := reflect.MakeFunc(shape, func(args []reflect.Value) []reflect.Value {
		in := make([]reflect.Value, len(args))
		for i, v := range args {
			in[i] = p.value(sig.Params().At(i).Type(), v, exportedField)
		}
		out := f(in)
		if len(out) != sig.Results().Len() {
			panic("reflect: wrong return count from function created by MakeFunc")
		}
		for i, v := range out {
			if !v.IsValid() {
				panic("reflect: function created by MakeFunc using closure returned zero Value")
			}
			out[i] = p.assign("reflect.MakeFunc", sig.Results().At(i).Type(), shape.Out(i), v)
		}
		return out
	})
	return p.value(t, p.stored(t, raw), exportedField)
}

// known returns the erased form of a type, without which nothing can be made.
func (p *Program) known(t types.Type, rt reflect.Type) reflect.Type {
	if rt == nil {
		rt = p.erase(t)
	}
	if rt == nil {
		panic("reflect: values of type " + p.name(t) + " cannot be made in the interpreter before the program has made one")
	}
	return rt
}

// shape is known for what is made of a type of its kind.
func (p *Program) shape(t types.Type, rt reflect.Type) reflect.Type {
	rt = p.known(t, rt)
	if rt.Kind() == reflect.Struct && odd(t, rt) {
		return rt.Field(0).Type
	}
	return rt
}

// convert is Value.Convert.
func (p *Program) convert(v reflect.Value, typ reflect.Type) reflect.Value {
	r := p.reflected(v)
	t, rt := p.typesOf(typ)
	if r.t == nil || !p.canConvert(v, typ) {
		from := "invalid"
		if r.t != nil {
			from = p.name(r.t)
		}
		panic("reflect.Value.Convert: value of type " + from + " cannot be converted to type " + p.name(t))
	}
	if isInterface(t) {
		return p.value(t, p.inInterface(r, p.known(t, rt)), r.ro)
	}
	return p.value(t, p.stored(t, r.now().Convert(p.shape(t, rt))), r.ro)
}

func (p *Program) canConvert(v reflect.Value, typ reflect.Type) bool {
	r := p.reflected(v)
	t, rt := p.typesOf(typ)
	if !types.ConvertibleTo(r.t, t) {
		return false
	}
	if rt != nil && !isInterface(t) {
		return r.now().CanConvert(p.shape(t, rt))
	}
	return true
}

// selectCase is reflect.Select.
func (p *Program) selectCase(cases []reflect.SelectCase) (int, reflect.Value, bool) {
	raw := make([]reflect.SelectCase, len(cases))
	for i, c := range cases {
		raw[i] = c
		if !c.Chan.IsValid() {
			continue
		}
		r := p.reflected(c.Chan)
		raw[i].Chan = r.now()
		if c.Send.IsValid() {
			_, elem := r.parts()
			raw[i].Send = p.assign("reflect.Select", elem, raw[i].Chan.Type().Elem(), c.Send)
		}
	}
	i, v, ok := reflect.Select(raw)
	if v.IsValid() {
		_, elem := p.reflected(cases[i].Chan).parts()
		v = p.value(elem, v, exportedField)
	}
	return i, v, ok
}
