package box_test

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// reflection is what the tests use of package reflect: as it is compiled, or the stand-ins.
type reflection struct {
	typeOf   func(any) reflect.Type
	valueOf  func(any) reflect.Value
	kind     func(reflect.Value) reflect.Kind
	typ      func(reflect.Value) reflect.Type
	field    func(reflect.Value, int) reflect.Value
	index    func(reflect.Value, int) reflect.Value
	elem     func(reflect.Value) reflect.Value
	length   func(reflect.Value) int
	isNil    func(reflect.Value) bool
	isZero   func(reflect.Value) bool
	canSet   func(reflect.Value) bool
	canAddr  func(reflect.Value) bool
	canRead  func(reflect.Value) bool
	text     func(reflect.Value) string
	number   func(reflect.Value) int64
	keys     func(reflect.Value) []reflect.Value
	mapIndex func(v, key reflect.Value) reflect.Value
	byName   func(reflect.Value, string) reflect.Value
	set      func(v, x reflect.Value)
	setText  func(reflect.Value, string)
	create   func(reflect.Type) reflect.Value
	convert  func(reflect.Value, reflect.Type) reflect.Value
	value    func(reflect.Value) any
}

var compiledReflection = reflection{
	reflect.TypeOf, reflect.ValueOf, reflect.Value.Kind, reflect.Value.Type, reflect.Value.Field, reflect.Value.Index, reflect.Value.Elem,
	reflect.Value.Len, reflect.Value.IsNil, reflect.Value.IsZero, reflect.Value.CanSet, reflect.Value.CanAddr, reflect.Value.CanInterface,
	reflect.Value.String, reflect.Value.Int, reflect.Value.MapKeys, reflect.Value.MapIndex, reflect.Value.FieldByName, reflect.Value.Set,
	reflect.Value.SetString, reflect.New, reflect.Value.Convert, reflect.Value.Interface,
}

func standIn[F any](m *mirror, name string) F { return m.prog.Funcs()[name].(F) }

func newReflection(m *mirror) reflection {
	method := func(name string) string { return "(reflect.Value)." + name }
	type (
		v = reflect.Value
		t = reflect.Type
	)
	return reflection{
		standIn[func(any) t](m, "reflect.TypeOf"), standIn[func(any) v](m, "reflect.ValueOf"), standIn[func(v) reflect.Kind](m, method("Kind")),
		standIn[func(v) t](m, method("Type")), standIn[func(v, int) v](m, method("Field")), standIn[func(v, int) v](m, method("Index")),
		standIn[func(v) v](m, method("Elem")), standIn[func(v) int](m, method("Len")), standIn[func(v) bool](m, method("IsNil")),
		standIn[func(v) bool](m, method("IsZero")), standIn[func(v) bool](m, method("CanSet")), standIn[func(v) bool](m, method("CanAddr")),
		standIn[func(v) bool](m, method("CanInterface")), standIn[func(v) string](m, method("String")), standIn[func(v) int64](m, method("Int")),
		standIn[func(v) []v](m, method("MapKeys")), standIn[func(v, v) v](m, method("MapIndex")), standIn[func(v, string) v](m, method("FieldByName")),
		standIn[func(v, v)](m, method("Set")), standIn[func(v, string)](m, method("SetString")), standIn[func(t) v](m, "reflect.New"),
		standIn[func(v, t) v](m, method("Convert")), standIn[func(v) any](m, method("Interface")),
	}
}

// describe writes all that a type says of itself.
func describe(t reflect.Type) string {
	var b strings.Builder
	fmt.Fprint(&b, t, " ", t.Name(), " ", t.Kind(), " ", t.Comparable(), " ", t.NumMethod())
	for m := range t.Methods() {
		fmt.Fprint(&b, " ", m.Name, " ", m.Index)
	}
	switch t.Kind() {
	case reflect.Struct:
		for f := range t.Fields() {
			fmt.Fprint(&b, "; ", f.Name, " ", f.Type, " ", f.Tag, " ", f.Index, " ", f.Anonymous, " ", f.IsExported())
		}
	case reflect.Pointer, reflect.Slice, reflect.Array:
		fmt.Fprint(&b, " of ", t.Elem())
	case reflect.Map:
		fmt.Fprint(&b, " of ", t.Key(), " and ", t.Elem())
	}
	return b.String()
}

func (r reflection) walk(v reflect.Value, depth int, out *[]string) {
	if r.kind(v) == reflect.Invalid || depth > 5 {
		return
	}
	*out = append(*out, fmt.Sprint(strings.Repeat(" ", depth), describe(r.typ(v)), " ", r.canSet(v), r.canAddr(v), r.canRead(v), r.isZero(v), " ", r.text(v)))
	switch r.kind(v) {
	case reflect.Struct:
		if r.typ(v).PkgPath() != "time" {
			for i := range r.typ(v).NumField() {
				r.walk(r.field(v, i), depth+1, out)
			}
		}
	case reflect.Slice, reflect.Array:
		for i := range r.length(v) {
			r.walk(r.index(v, i), depth+1, out)
		}
	case reflect.Map:
		keys := r.keys(v)
		slices.SortFunc(keys, func(a, b reflect.Value) int { return strings.Compare(fmt.Sprint(a), fmt.Sprint(b)) })
		for _, k := range keys {
			r.walk(k, depth+1, out)
			r.walk(r.mapIndex(v, k), depth+1, out)
		}
	case reflect.Pointer, reflect.Interface:
		if !r.isNil(v) {
			r.walk(r.elem(v), depth+1, out)
		}
	case reflect.Int:
		*out = append(*out, fmt.Sprint(r.number(v)))
	}
}

func TestReflectWalk(t *testing.T) {
	m := newMirror(t, "shadowtypes_test.go")
	own := newReflection(m)
	for i, v := range jsonValues() {
		if v == nil || reflect.TypeOf(v).Kind() == reflect.Chan || reflect.TypeOf(v) == reflect.TypeFor[jUnsupported]() {
			continue
		}
		t.Run(fmt.Sprintf("%d %T", i, v), func(t *testing.T) {
			var got, want []string
			own.walk(own.valueOf(m.box(v)), 0, &got)
			compiledReflection.walk(reflect.ValueOf(v), 0, &want)
			for i := range min(len(got), len(want)) {
				if got[i] != want[i] {
					t.Fatalf("line %d\ngot  %s\nwant %s", i, got[i], want[i])
				}
			}
			if len(got) != len(want) {
				t.Errorf("got %d lines, want %d", len(got), len(want))
			}
		})
	}
}

func TestReflectSet(t *testing.T) {
	m := newMirror(t, "shadowtypes_test.go")
	account := func(r reflection, box func(any) any) string {
		var said []string
		say := func(name string, f func()) { said = append(said, name+": "+panicText(f)) }
		pointer := box(&jShirt{})
		v := r.elem(r.valueOf(pointer))
		say("any", func() { r.set(r.byName(v, "A"), r.valueOf(box(jLevel(2)))) })
		say("error", func() { r.set(r.byName(v, "Err"), r.valueOf(box(jErr{3}))) })
		say("interface", func() { r.set(r.byName(v, "F"), r.valueOf(box(jFaced{3}))) })
		say("not implemented", func() { r.set(r.byName(v, "F"), r.valueOf(box(jLevel(3)))) })
		say("other type", func() { r.set(r.byName(v, "C"), r.valueOf(box(jPoint{}))) })
		say("hidden", func() { r.set(r.byName(v, "priv"), r.valueOf(box(jColor{}))) })
		say("hidden read", func() { r.value(r.byName(v, "priv")) })
		say("bytes", func() { r.set(r.byName(v, "B"), r.valueOf(box([]byte("plain")))) })
		say("new", func() {
			made := r.create(r.typ(r.byName(v, "C")))
			r.set(r.byName(v, "P"), made)
		})
		say("convert", func() {
			r.set(r.index(r.byName(v, "Arr"), 1), r.convert(r.valueOf(7), r.typ(r.index(r.byName(v, "Arr"), 0))))
		})
		say("wrong kind", func() { r.setText(r.byName(v, "C"), "x") })
		say("no address", func() { r.set(r.byName(r.valueOf(box(jPoint{})), "X"), r.valueOf(1.5)) })
		say("text", func() { r.setText(r.byName(r.elem(r.valueOf(box(&jAccount{}))), "Name"), "x") })
		said = append(said, fmt.Sprint(r.typeOf(pointer), r.typeOf(pointer) == r.typeOf(box(&jShirt{})), r.typeOf(pointer).Elem() == r.typ(v)))
		if rt, ok := pointer.(*jShirt); ok {
			said = append(said, dump(*rt))
		} else {
			said = append(said, dump(*m.compiled(pointer).(*jShirt)))
		}
		return strings.ReplaceAll(strings.Join(said, "\n"), fmt.Sprintf("%p", pointer), "")
	}
	got, want := account(newReflection(m), m.box), account(compiledReflection, func(v any) any { return v })
	// The last line has pointers, and JSON behind them.
	said := func(s string) [2]string {
		lines := strings.Split(s, "\n")
		_, json, _ := strings.Cut(lines[len(lines)-1], `{"C"`)
		return [2]string{strings.Join(lines[:len(lines)-1], "\n"), json}
	}
	if said(got) != said(want) {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}
