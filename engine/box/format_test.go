package box_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"maps"
	"reflect"
	"regexp"
	"slices"
	"sync/atomic"
	"testing"

	"github.com/scriptd/scriptd/engine/box"
)

var address = regexp.MustCompile(` *[0-9a-fA-Fx]{6,} *`)

func masked(s string) string { return address.ReplaceAllString(s, "ADDRESS") }

var formats = []string{
	"%v", "%+v", "%#v", "%d", "%s", "%q", "%x", "%X", "%t", "%e", "%g", "%c", "%U", "%b", "%o", "%O", "%z", "%f", "%G", "%E", "%F",
	"%8v", "%-8v|", "%08d", "%+d", "% d", "%#x", "%# x", "%+q", "%#q", "%-10s|", "%10.3s|", "%08.3f", "%.2f", "%6.2v", "%#o", "%+.3e", "%#g", "%#d",
	"%#8v", "%+8v", "%-+8v|", "% x", "%x %[1]v", "%.0s", "%#z", "%+z", "%5t", "%#U", "%-#20v|", "%.1v", "%020v", "%!",
}

// TestFormat holds every verb over every kind of value against the same program as it is compiled.
func TestFormat(t *testing.T) {
	w := newTwin(t, "formattypes_test.go")
	again := fValues()
	for i, v := range fValues() {
		boxed := w.box(v)
		for _, format := range formats {
			want := fmt.Sprintf(format, v)
			got := fmt.Sprintf(format, boxed)
			if v != nil && reflect.TypeOf(v).Kind() == reflect.Func || want != fmt.Sprintf(format, again[i]) {
				got, want = masked(got), masked(want) // it has addresses
			}
			if got != want {
				t.Errorf("%d: Sprintf(%q, %T)\n got %s\nwant %s", i, format, v, got, want)
			}
		}
	}
}

// TestTypeNames holds the names of types against reflection's.
func TestTypeNames(t *testing.T) {
	w := newTwin(t, "formattypes_test.go")
	for _, v := range fValues() {
		if v == nil {
			continue
		}
		want := reflect.TypeOf(v).String()
		if got := w.prog.Type(w.typeOf(reflect.TypeOf(v))).String(); got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
}

// TestLocalTypeNames holds the names of instances of types that functions declare, which have a number in their package.
// What is wanted is what the compiler gives.
func TestLocalTypeNames(t *testing.T) {
	const src = `package main

		type Pair[A, B any] struct { a A; b B }

		func gen[X any]() { type Loc struct{ x X }; type Loc2[Y any] struct{} }

		var _ = func() any { type Loc struct{}; return Pair[Loc, string]{} }

		func main() {
			type Loc struct{}
			type Alias = Loc
			{
				type Loc int
				_ = Pair[Loc, int]{}
			}
			_ = Pair[Loc, []*Alias]{}
		}`
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, "main.go", src, 0)
	if err != nil {
		t.Fatal(err)
	}
	info := &types.Info{Instances: make(map[*ast.Ident]types.Instance)}
	if _, err := (&types.Config{}).Check("main", fset, []*ast.File{file}, info); err != nil {
		t.Fatal(err)
	}
	got := make(map[string]bool)
	for _, i := range info.Instances {
		got[box.Name(i.Type)] = true
	}
	for _, want := range []string{"main.Pair[main.Loc·3,string]", "main.Pair[main.Loc·5,int]", "main.Pair[main.Loc·4,[]*main.Loc·4]"} {
		if !got[want] {
			t.Errorf("got %v, want %s among them", slices.Sorted(maps.Keys(got)), want)
		}
	}
}

// TestFormatHidden holds values of the program that compiled code has in fields of its own.
func TestFormatHidden(t *testing.T) {
	w := newTwin(t, "formattypes_test.go")
	for _, held := range []any{fPoint{1, 2}, fCode(3), fShade(1), fFault{"x"}, 7, "s", []any{fText("a"), fShade(0)}, fInner{1, 1}} {
		var compiled fHolder
		compiled.v.Store(held)
		erased := reflect.New(w.erase(w.named["fHolder"], reflect.TypeFor[fHolder]())).Elem()
		erased.Field(0).Addr().Interface().(*atomic.Value).Store(w.box(held))
		boxed := w.prog.Type(w.named["fHolder"]).Box(erased.Interface())
		for _, format := range formats {
			if got, want := fmt.Sprintf(format, boxed), fmt.Sprintf(format, compiled); got != want {
				t.Errorf("Sprintf(%q) of held %T\n got %s\nwant %s", format, held, got, want)
			}
		}
	}
}

// TestFormatCompiledContainers holds values of the program in what compiled code made.
func TestFormatCompiledContainers(t *testing.T) {
	w := newTwin(t, "formattypes_test.go")
	type element struct {
		Next  *element
		Value any
		Err   error
	}
	inner := w.box(fFault{"x"}).(box.Box)
	for _, c := range []struct{ got, want any }{
		{element{Value: w.box(fShade(1)), Err: testWrapper{inner}}, element{Value: fShade(1), Err: fFault{"x"}}},
		{map[string]any{"a": w.box(fPoint{1, 2})}, map[string]any{"a": fPoint{1, 2}}},
		{[]error{testWrapper{inner}}, []error{fFault{"x"}}},
	} {
		for _, format := range formats[:16] {
			got, want := fmt.Sprintf(format, c.got), fmt.Sprintf(format, c.want)
			if masked(got) != masked(want) {
				t.Errorf("Sprintf(%q) of %T\n got %s\nwant %s", format, c.want, got, want)
			}
		}
	}
}
