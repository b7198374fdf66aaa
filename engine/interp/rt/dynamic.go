package rt

import (
	"fmt"
	"go/types"
	"reflect"
	"strings"
	"sync"

	"github.com/scriptd/scriptd/engine/box"
)

// caseList is the types of a type switch. A nil type stands for nil.
type caseList struct {
	prog  *Program
	types []types.Type
	known sync.Map // of a *box.Type or a reflect.Type: the number of the case
}

// dynamic returns what tells the type of a value apart from others.
func dynamic(x any) any {
	if b, ok := x.(box.Box); ok {
		return b.T
	}
	return reflect.TypeOf(x)
}

// which returns the number of the case that x is one of, from 1; 0 for none. List is the number of the type switch.
func (p *Program) which(list int, x any) int {
	l := p.cases[list-1]
	if x == nil {
		for i, t := range l.types {
			if t == nil {
				return i + 1
			}
		}
		return 0
	}
	key := dynamic(x)
	if n, ok := l.known.Load(key); ok {
		return n.(int)
	}
	n := 0
	t := p.Types.TypeOf(x)
	for i, c := range l.types {
		if c == nil {
			continue
		}
		if types.IsInterface(c) && p.Implements(p.Types.Type(c), x) || !types.IsInterface(c) && types.Identical(t, c) {
			n = i + 1
			break
		}
	}
	l.known.Store(key, n)
	return n
}

// Implements reports whether a value is not nil and of a type that implements an interface.
func (p *Program) Implements(t *box.Type, x any) bool {
	if x == nil {
		return false
	}
	key := [2]any{dynamic(x), t}
	if known, ok := p.implements.Load(key); ok {
		return known.(bool)
	}
	result := types.Implements(p.Types.TypeOf(x), t.Type.Underlying().(*types.Interface))
	p.implements.Store(key, result)
	return result
}

// equal is == of two values of interfaces, or of structs or arrays.
func (p *Program) equal(a, b any) bool {
	x, ok := a.(box.Box)
	y, both := b.(box.Box)
	switch {
	case !ok || !both:
		if t := reflect.TypeOf(a); t != nil && t == reflect.TypeOf(b) && p.holdsWrappers(t) {
			return p.equalParts(reflect.ValueOf(a), reflect.ValueOf(b))
		}
	case x.T == y.T:
		if !types.Comparable(x.T.Type) {
			panic(runtimeError("comparing uncomparable type " + x.T.String()))
		}
		if t := reflect.TypeOf(x.V); t != nil && p.holdsWrappers(t) {
			return p.equalParts(reflect.ValueOf(x.V), reflect.ValueOf(y.V))
		}
	}
	return a == b
}

// callMethod calls a method of a value that is not boxed, or whose method only the host knows.
func (p *Program) callMethod(x any, id string, args ...any) []any {
	if x == nil {
		nilDereference()
	}
	if b, ok := x.(box.Box); ok {
		m, ok := b.T.Method(id)
		if !ok {
			panic(fmt.Sprintf("scriptd: no method %s of %s", id, b.T))
		}
		return call(m.Func, append([]any{b.V}, args...))
	}
	name := id[strings.LastIndex(id, ".")+1:]
	v := reflect.ValueOf(x)
	if stand := p.standIn(v.Type(), name); stand.IsValid() {
		return call(stand, append([]any{x}, args...))
	}
	return call(v.MethodByName(name), args)
}

// standIn returns what is called in place of a method of a compiled type, the zero Value where that is the method itself.
func (p *Program) standIn(t reflect.Type, method string) reflect.Value {
	key := [2]any{t, method}
	if found, ok := p.standIns.Load(key); ok {
		return found.(reflect.Value)
	}
	format, named := "(%s.%s).%s", t
	if t.Kind() == reflect.Pointer && t.Name() == "" {
		format, named = "(*%s.%s).%s", t.Elem()
	}
	stand := reflect.ValueOf(p.replaced(fmt.Sprintf(format, named.PkgPath(), named.Name(), method)))
	if m, ok := t.MethodByName(method); ok && stand.IsValid() && stand.Type().NumIn() != m.Type.NumIn() {
		stand = reflect.Value{} // one that is told where it is called, which nobody knows here
	}
	p.standIns.Store(key, stand)
	return stand
}

func call(f reflect.Value, args []any) []any {
	in := make([]reflect.Value, len(args))
	for i, arg := range args {
		in[i] = reflect.New(f.Type().In(i)).Elem()
		if arg != nil {
			in[i].Set(reflect.ValueOf(arg))
		}
	}
	var out []reflect.Value
	if f.Type().IsVariadic() {
		out = f.CallSlice(in)
	} else {
		out = f.Call(in)
	}
	results := make([]any, len(out))
	for i, v := range out {
		results[i] = box.Unwrap(v.Interface())
		if v.Kind() == reflect.Interface && v.NumMethod() > 0 {
			results[i] = v.Interface()
		}
	}
	return results
}
