package box

import (
	"go/types"
	"maps"
	"reflect"
	"strings"
)

// reflectFuncs stands in for package reflect.
func (p *Program) reflectFuncs() map[string]any {
	all := map[string]any{
		"reflect.TypeOf": func(x any) reflect.Type {
			t, v := p.dynamicOf(x)
			if t == nil {
				return nil
			}
			return p.reflectType(t, v.Type())
		},
		"reflect.ValueOf": p.valueOf,
		"reflect.New": func(typ reflect.Type) reflect.Value {
			if typ == nil {
				panic("reflect: New(nil)")
			}
			t, rt := p.typesOf(typ)
			return p.value(types.NewPointer(t), reflect.New(p.known(t, rt)), exportedField)
		},
		"reflect.Zero": func(typ reflect.Type) reflect.Value {
			if typ == nil {
				panic("reflect: Zero(nil)")
			}
			t, rt := p.typesOf(typ)
			return p.value(t, reflect.Zero(p.known(t, rt)), exportedField)
		},
		"reflect.MakeSlice": func(typ reflect.Type, n, c int) reflect.Value {
			t, rt := p.typesOf(typ)
			return p.value(t, p.stored(t, reflect.MakeSlice(p.shape(t, rt), n, c)), exportedField)
		},
		"reflect.MakeMap": func(typ reflect.Type) reflect.Value {
			t, rt := p.typesOf(typ)
			return p.value(t, p.stored(t, reflect.MakeMap(p.shape(t, rt))), exportedField)
		},
		"reflect.MakeMapWithSize": func(typ reflect.Type, n int) reflect.Value {
			t, rt := p.typesOf(typ)
			return p.value(t, p.stored(t, reflect.MakeMapWithSize(p.shape(t, rt), n)), exportedField)
		},
		"reflect.MakeChan": func(typ reflect.Type, n int) reflect.Value {
			t, rt := p.typesOf(typ)
			return p.value(t, p.stored(t, reflect.MakeChan(p.shape(t, rt), n)), exportedField)
		},
		"reflect.MakeFunc":  p.makeFunc,
		"reflect.PointerTo": p.pointerTo,
		"reflect.PtrTo":     p.pointerTo,
		"reflect.SliceOf": func(typ reflect.Type) reflect.Type {
			t, rt := p.typesOf(typ)
			return p.reflectType(types.NewSlice(t), made(reflect.SliceOf, rt))
		},
		"reflect.ArrayOf": func(n int, typ reflect.Type) reflect.Type {
			t, rt := p.typesOf(typ)
			of := func(e reflect.Type) reflect.Type { return reflect.ArrayOf(n, e) }
			return p.reflectType(types.NewArray(t, int64(n)), made(of, rt))
		},
		"reflect.ChanOf": func(dir reflect.ChanDir, typ reflect.Type) reflect.Type {
			t, rt := p.typesOf(typ)
			dirs := map[reflect.ChanDir]types.ChanDir{reflect.SendDir: types.SendOnly, reflect.RecvDir: types.RecvOnly}
			of := func(e reflect.Type) reflect.Type { return reflect.ChanOf(dir, e) }
			return p.reflectType(types.NewChan(dirs[dir], t), made(of, rt))
		},
		"reflect.MapOf": func(key, elem reflect.Type) reflect.Type {
			kt, krt := p.typesOf(key)
			et, ert := p.typesOf(elem)
			if krt == nil {
				ert = nil
			}
			of := func(e reflect.Type) reflect.Type { return reflect.MapOf(krt, e) }
			return p.reflectType(types.NewMap(kt, et), made(of, ert))
		},
		"reflect.StructOf": p.structOf,
		"reflect.Indirect": func(v reflect.Value) reflect.Value {
			if p.reflected(v).kind() != reflect.Pointer {
				return v
			}
			return p.elem(v)
		},
		"reflect.Append":      p.appendValues,
		"reflect.AppendSlice": p.appendSlice,
		"reflect.Copy": func(to, from reflect.Value) int {
			return reflect.Copy(p.reflected(to).target("Copy"), p.reflected(from).now())
		},
		"reflect.Select": p.selectCase,
	}
	for name, f := range p.typeMethods() {
		all["(reflect.Type)."+name] = f
	}
	maps.Copy(all, p.typeMethodFuncs())
	maps.Copy(all, p.valueFuncs())
	maps.Copy(all, p.valueSetters())
	return all
}

func (p *Program) pointerTo(typ reflect.Type) reflect.Type {
	t, rt := p.typesOf(typ)
	return p.reflectType(types.NewPointer(t), made(reflect.PointerTo, rt))
}

// typeMethods are the methods of reflect.Type that take another one.
func (p *Program) typeMethods() map[string]any {
	by := func(compiled func(t, u reflect.Type) bool, own func(t, u types.Type) bool) any {
		return func(t, u reflect.Type) bool {
			_, mine := t.(*reflectType)
			_, yours := u.(*reflectType)
			if !mine && !yours || u == nil {
				return compiled(t, u)
			}
			tt, _ := p.typesOf(t)
			ut, _ := p.typesOf(u)
			return own(tt, ut)
		}
	}
	return map[string]any{
		"AssignableTo":  by(reflect.Type.AssignableTo, types.AssignableTo),
		"ConvertibleTo": by(reflect.Type.ConvertibleTo, types.ConvertibleTo),
		"Implements": by(reflect.Type.Implements, func(t, u types.Type) bool {
			i, ok := u.Underlying().(*types.Interface)
			if !ok {
				panic("reflect: non-interface type passed to Type.Implements")
			}
			return types.Implements(t, i)
		}),
	}
}

func (p *Program) appendValues(s reflect.Value, x ...reflect.Value) reflect.Value {
	r := p.reflected(s)
	raw := r.target("Append")
	_, elem := r.parts()
	for _, v := range x {
		raw = reflect.Append(raw, p.assign("reflect.Set", elem, raw.Type().Elem(), v))
	}
	return p.value(r.t, raw, exportedField)
}

func (p *Program) appendSlice(s, x reflect.Value) reflect.Value {
	r := p.reflected(s)
	return p.value(r.t, reflect.AppendSlice(r.target("AppendSlice"), p.reflected(x).now()), exportedField)
}

// get returns a stand-in for a method that asks the same of an erased value as of the compiled one.
func get[T any](p *Program, method func(reflect.Value) T) func(reflect.Value) T {
	return func(v reflect.Value) T {
		defer ownPanic()
		return method(p.reflected(v).now())
	}
}

func get2[A, T any](p *Program, method func(reflect.Value, A) T) func(reflect.Value, A) T {
	return func(v reflect.Value, a A) T {
		defer ownPanic()
		return method(p.reflected(v).now(), a)
	}
}

// set returns a stand-in for a method that changes an erased value as the compiled one.
func set[A any](p *Program, name string, method func(reflect.Value, A)) func(reflect.Value, A) {
	return func(v reflect.Value, a A) {
		defer ownPanic()
		method(p.reflected(v).target(name), a)
	}
}

// zeroValueError is the panic of a method of the zero reflect.Value. That of package reflect is also what the interpreter
// runs into where a program follows a nil pointer, so it would be taken for that.
type zeroValueError struct{ *reflect.ValueError }

// reflectError is a panic with a text that the interpreter runs into too.
type reflectError string

func (e reflectError) Error() string { return string(e) }

// ownPanic marks a panic as one that the program's use of package reflect caused.
func ownPanic() {
	switch r := recover().(type) {
	case nil:
	case *reflect.ValueError:
		if r.Kind == reflect.Invalid {
			panic(zeroValueError{r})
		}
		panic(r)
	case string:
		if strings.HasPrefix(r, "reflect") {
			panic(reflectError(r))
		}
		panic(r)
	default:
		panic(r)
	}
}
