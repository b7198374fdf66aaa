package guard

import (
	"reflect"
	"regexp"
	"slices"
	"testing"

	"github.com/scriptd/scriptd/engine/symbols"
)

var (
	methodName = regexp.MustCompile(`^\((\*?)(.+)\.(\w+)\)\.(\w+)$`)
	funcName   = regexp.MustCompile(`^(.+)\.(\w+)$`)
)

// typeOf returns the type of a function that is replaced, with the receiver of a method as its first parameter.
func typeOf(t *testing.T, name string) reflect.Type {
	t.Helper()
	if m := methodName.FindStringSubmatch(name); m != nil {
		v, ok := symbols.Std().Symbol(m[2], m[3])
		if !ok {
			t.Fatalf("%s: there is no %s.%s", name, m[2], m[3])
		}
		recv := v.Type().Elem()
		if m[1] == "*" {
			recv = reflect.PointerTo(recv)
		}
		method, ok := recv.MethodByName(m[4])
		switch {
		case !ok:
			t.Fatalf("%s: there is no such method", name)
		case recv.Kind() != reflect.Interface:
			return method.Type
		}
		in := append([]reflect.Type{recv}, slices.Collect(method.Type.Ins())...)
		return reflect.FuncOf(in, slices.Collect(method.Type.Outs()), method.Type.IsVariadic())
	}
	m := funcName.FindStringSubmatch(name)
	v, ok := symbols.Std().Symbol(m[1], m[2])
	if !ok || v.Kind() != reflect.Func {
		t.Fatalf("%s: there is no such function", name)
	}
	return v.Type()
}

// What takes the place of a function can be called as it is.
func TestTypesAreThoseOfWhatIsReplaced(t *testing.T) {
	program := New(Options{Program: true})
	plugin := New(Options{})
	for _, name := range slices.Sorted(slices.Values(Names())) {
		f := plugin.Func(name)
		if f == nil {
			f = program.Func(name)
		}
		if got, want := reflect.TypeOf(f), typeOf(t, name); got != want {
			t.Errorf("%s: got %v, want %v", name, got, want)
		}
	}
	if len(Names()) < 150 {
		t.Errorf("only %d functions", len(Names()))
	}
}
