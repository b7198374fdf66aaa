package box_test

import (
	"fmt"
	htmltemplate "html/template"
	"reflect"
	"strings"
	"text/template"

	"github.com/scriptd/scriptd/engine/box"
)

// testStringer shows a Box as a fmt.Stringer.
type testStringer struct{ box.Box }

func (t testStringer) Unbox() box.Box { return t.Box }

func (t testStringer) String() string { return fmt.Sprint(t.Box) }

// pageFuncs are the functions that the templates of the tests are given.
func pageFuncs() map[string]any {
	return map[string]any{
		"upper":  strings.ToUpper,
		"add":    func(a, b int) int { return a + b },
		"safe":   func(s string) htmltemplate.HTML { return htmltemplate.HTML(s) },
		"double": func(m pageMoney) pageMoney { return m * 2 },
		"paint":  func(r pageRole, c pageColor) string { return string(r) + ":" + c.String() },
		"who":    func(u pageUser) string { return u.Name },
		"make":   func(city string) *pageAddr { return &pageAddr{City: city} },
		"join": func(sep string, roles ...pageRole) pageRole {
			s := make([]string, len(roles))
			for i, r := range roles {
				s[i] = string(r)
			}
			return pageRole(strings.Join(s, sep))
		},
		"anything": func(x any) string { return fmt.Sprintf("%v", x) },
		"try": func(ok bool) (pageRole, error) {
			if !ok {
				return "", pageErr{9}
			}
			return "tried", nil
		},
		"boxed":   func(n int) any { return pageErr{n} },
		"area":    func(s pageShape) int { return s.Area() },
		"message": func(err error) string { return fmt.Sprint(err) },
		"dict": func(kv ...any) map[string]any {
			m := make(map[string]any)
			for i := 0; i+1 < len(kv); i += 2 {
				m[kv[i].(string)] = kv[i+1]
			}
			return m
		},
		"list":    func(x ...any) []any { return x },
		"explode": func() pageRole { panic("bang") },
		"adder":   func(n int) func(int) int { return func(m int) int { return n + m } },
		"painter": func(c pageColor) func(pageRole) pageRole {
			return func(r pageRole) pageRole { return pageRole(c.String()) + r }
		},
	}
}

// funcMap returns compiled functions as the erased program has them in a map.
func (w *twin) funcMap(funcs map[string]any) template.FuncMap {
	m := make(template.FuncMap)
	for name, fn := range funcs {
		m[name] = w.function(reflect.ValueOf(fn))
	}
	return m
}

// function returns a compiled function as the erased program has it in an interface.
func (w *twin) function(fn reflect.Value) any {
	t := w.typeOf(fn.Type())
	f := w.erasedFunc(fn)
	if !mustBox(fn.Type()) {
		return f.Interface()
	}
	return w.prog.Type(t).Box(f.Interface())
}

func (w *twin) erasedFunc(fn reflect.Value) reflect.Value {
	rt := fn.Type()
	var in, out []reflect.Type
	for t := range rt.Ins() {
		in = append(in, w.erase(w.typeOf(t), t))
	}
	for t := range rt.Outs() {
		out = append(out, w.erase(w.typeOf(t), t))
	}
	return reflect.MakeFunc(reflect.FuncOf(in, out, rt.IsVariadic()), func(args []reflect.Value) []reflect.Value {
		w.mu.Lock()
		defer w.mu.Unlock()
		for i, arg := range args {
			args[i] = w.restore(w.typeOf(rt.In(i)), arg, rt.In(i))
		}
		results := fn.Call
		if rt.IsVariadic() {
			results = fn.CallSlice
		}
		var erased []reflect.Value
		for _, r := range results(args) {
			if r.Kind() == reflect.Func {
				erased = append(erased, w.erasedFunc(r))
			} else {
				erased = append(erased, w.erased(w.typeOf(r.Type()), r))
			}
		}
		return erased
	})
}
