package box_test

import (
	"reflect"
	"testing"

	"github.com/scriptd/scriptd/engine/box"
	"github.com/scriptd/scriptd/engine/symbols"
	"github.com/scriptd/scriptd/engine/symbols/stdlib"
)

// TestNamesOfTheStandardLibrary holds the names of all types that symbols of the standard library have.
func TestNamesOfTheStandardLibrary(t *testing.T) {
	for _, path := range stdlib.Paths() {
		pkg, err := symbols.Std().Import(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range pkg.Scope().Names() {
			v, ok := symbols.Std().Symbol(path, name)
			if !ok {
				continue
			}
			for rt := range parts(v.Type()) {
				if got, want := box.Name(symbols.Std().TypeOf(rt)), rt.String(); got != want {
					t.Errorf("%s.%s: got %s, want %s", path, name, got, want)
				}
			}
		}
	}
}

// parts yields a type, and the types of its methods and fields.
func parts(rt reflect.Type) func(func(reflect.Type) bool) {
	return func(yield func(reflect.Type) bool) {
		if !yield(rt) {
			return
		}
		for m := range rt.Methods() {
			if !yield(m.Type) {
				return
			}
		}
		if rt.Kind() == reflect.Pointer && rt.Elem().Kind() == reflect.Struct {
			for f := range rt.Elem().Fields() {
				if f.IsExported() && !yield(f.Type) {
					return
				}
			}
		}
	}
}
