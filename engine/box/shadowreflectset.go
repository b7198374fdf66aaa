package box

import (
	"go/types"
	"reflect"
)

// valueSetters stands in for the methods of reflect.Value that change what it is about.
func (p *Program) valueSetters() map[string]any {
	methods := map[string]any{
		"SetBool": set(p, "SetBool", reflect.Value.SetBool), "SetBytes": set(p, "SetBytes", reflect.Value.SetBytes),
		"SetCap": set(p, "SetCap", reflect.Value.SetCap), "SetComplex": set(p, "SetComplex", reflect.Value.SetComplex),
		"SetFloat": set(p, "SetFloat", reflect.Value.SetFloat), "SetInt": set(p, "SetInt", reflect.Value.SetInt),
		"SetLen": set(p, "SetLen", reflect.Value.SetLen), "SetString": set(p, "SetString", reflect.Value.SetString),
		"SetUint": set(p, "SetUint", reflect.Value.SetUint), "Grow": set(p, "Grow", reflect.Value.Grow),
		"SetZero": func(v reflect.Value) { p.reflected(v).target("SetZero").SetZero() },
		"Clear":   func(v reflect.Value) { p.reflected(v).target("Clear").Clear() },
		"Close":   func(v reflect.Value) { p.reflected(v).target("Close").Close() },
		"Set":     p.setValue,
		"SetIterKey": func(v reflect.Value, i *reflect.MapIter) {
			p.setValue(v, p.opened(i.Key()))
		},
		"SetIterValue": func(v reflect.Value, i *reflect.MapIter) {
			p.setValue(v, p.opened(i.Value()))
		},
		"SetMapIndex": func(v, key, elem reflect.Value) {
			r := p.reflected(v)
			raw := r.target("SetMapIndex")
			m, ok := r.under().(*types.Map)
			if !ok {
				raw.SetMapIndex(key, elem) // panics
				return
			}
			k := p.assign("reflect.Value.SetMapIndex", m.Key(), raw.Type().Key(), key)
			if !elem.IsValid() {
				raw.SetMapIndex(k, elem)
				return
			}
			raw.SetMapIndex(k, p.assign("reflect.Value.SetMapIndex", m.Elem(), raw.Type().Elem(), elem))
		},
		"Send": func(v, x reflect.Value) {
			r := p.reflected(v)
			_, elem := r.parts()
			raw := r.target("Send")
			raw.Send(p.assign("reflect.Value.Send", elem, raw.Type().Elem(), x))
		},
		"TrySend": func(v, x reflect.Value) bool {
			r := p.reflected(v)
			_, elem := r.parts()
			raw := r.target("TrySend")
			return raw.TrySend(p.assign("reflect.Value.TrySend", elem, raw.Type().Elem(), x))
		},
	}
	all := make(map[string]any)
	for name, f := range methods {
		all["(reflect.Value)."+name] = f
	}
	return all
}

// setValue is Value.Set.
func (p *Program) setValue(v, x reflect.Value) {
	r := p.reflected(v)
	if r.t == nil || !x.IsValid() || !r.v.CanSet() && r.ro == exportedField {
		r.v.Set(x) // panics
		return
	}
	to := r.target("Set")
	rt := to.Type()
	if rt.Kind() == reflect.Interface && r.kind() != reflect.Interface {
		rt = p.reflected(x).now().Type() // kept in an interface
	}
	to.Set(p.assign("reflect.Set", r.t, rt, x))
}
