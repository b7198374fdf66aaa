package box

import (
	"fmt"
	"iter"
	"reflect"
)

// standInKey is where a Program remembers what is called in the place of a method.
type standInKey struct {
	t    reflect.Type
	name string
}

// standInFor returns what is called in the place of a method of a compiled type. It is not valid where that is the method
// itself.
func (p *Program) standInFor(t reflect.Type, name string) reflect.Value {
	if p.StandIn == nil {
		return reflect.Value{}
	}
	key := standInKey{t, name}
	if found, ok := p.memo.Load(key); ok {
		return found.(reflect.Value)
	}
	full, named := fmt.Sprintf("(%s.%s).%s", t.PkgPath(), t.Name(), name), t
	if t.Kind() == reflect.Pointer && t.Name() == "" {
		named = t.Elem()
		full = fmt.Sprintf("(*%s.%s).%s", named.PkgPath(), named.Name(), name)
	}
	stand := p.StandIn(full)
	if stand == nil && named.PkgPath() == "reflect" {
		stand = p.reflectFuncs()[full] // which leads to methods again
	}
	found := reflect.ValueOf(stand)
	p.memo.Store(key, found)
	return found
}

// HostMethod returns a method of a compiled value, as MethodByName does, or what is called in its place.
func (p *Program) HostMethod(v reflect.Value, name string) reflect.Value {
	raw := v.MethodByName(name)
	if !raw.IsValid() || !v.CanInterface() {
		return raw
	}
	stand := p.standInFor(v.Type(), name)
	if !stand.IsValid() {
		return raw
	}
	return reflect.MakeFunc(raw.Type(), func(args []reflect.Value) []reflect.Value {
		in := append([]reflect.Value{v}, args...)
		if raw.Type().IsVariadic() {
			return stand.CallSlice(in)
		}
		return stand.Call(in)
	})
}

// typeMethodFuncs are the methods of reflect.Type that lead to methods. The program may know the type behind it, too.
func (p *Program) typeMethodFuncs() map[string]any {
	standing := func(t reflect.Type, m reflect.Method) reflect.Method {
		if _, own := t.(*reflectType); !own && m.Func.IsValid() {
			if stand := p.standInFor(t, m.Name); stand.IsValid() {
				m.Func = stand
			}
		}
		return m
	}
	methods := map[string]any{
		"Method": func(t reflect.Type, i int) reflect.Method { return standing(t, t.Method(i)) },
		"MethodByName": func(t reflect.Type, name string) (reflect.Method, bool) {
			m, ok := t.MethodByName(name)
			return standing(t, m), ok
		},
		"Methods": func(t reflect.Type) iter.Seq[reflect.Method] {
			return func(yield func(reflect.Method) bool) {
				for m := range t.Methods() {
					if !yield(standing(t, m)) {
						return
					}
				}
			}
		},
	}
	all := make(map[string]any)
	for name, f := range methods {
		all["(reflect.Type)."+name] = f
		all["(*reflect.rtype)."+name] = f
	}
	return all
}

// reachesStandIn reports whether a template can get from a value of type r to a method that something is called in the place of:
// through fields, elements and what methods return.
func (p *Program) reachesStandIn(r reflect.Type, seen map[reflect.Type]bool) bool {
	if p.StandIn == nil || seen[r] {
		return false
	}
	seen[r] = true
	switch r.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Array, reflect.Chan:
		if p.reachesStandIn(r.Elem(), seen) {
			return true
		}
	case reflect.Map:
		if p.reachesStandIn(r.Key(), seen) || p.reachesStandIn(r.Elem(), seen) {
			return true
		}
	case reflect.Struct:
		for f := range r.Fields() {
			if f.IsExported() && p.reachesStandIn(f.Type, seen) {
				return true
			}
		}
	case reflect.Interface:
		return r != errorType
	}
	for _, t := range []reflect.Type{r, reflect.PointerTo(r)} {
		for m := range t.Methods() {
			if p.standInFor(t, m.Name).IsValid() {
				return true
			}
			for out := range m.Type.Outs() {
				if p.reachesStandIn(out, seen) {
					return true
				}
			}
		}
	}
	return false
}
