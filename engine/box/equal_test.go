package box_test

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"sort"
	"sync/atomic"
	"testing"
	"time"
)

func TestDeepEqual(t *testing.T) {
	m := newMirror(t, "binarytypes_test.go")
	node := func(last int) *eNode {
		return &eNode{1, &eNode{val: last}, []string{"t"}, map[string][]int{"k": {1}}, eA{1}, eErr{2}}
	}
	at := time.Unix(5, 0)
	values := []any{
		nil, 1, int64(1), node(2), node(2), node(3), *node(2),
		eA{1},
		eA{1},
		eB{1},
		&eA{1}, &eA{1}, []int(nil),
		[]int{},
		[]eA(nil),
		[]eA{},
		[]eA{{1}},
		eSlice{{1}},
		map[int]eA{1: {2}},
		map[int]eA{1: {2}},
		map[int]eA{1: {3}},
		map[int]eA{2: {2}},
		map[int]eA(nil),
		[]any{1, "x", nil, eA{1}},
		[]any{1, "x", nil, eA{1}},
		[]any{1, "x", nil, eB{1}},
		errors.New("q"), errors.New("q"),
		eErr{1},
		eErr{1},
		[]error{eErr{1}},
		[]error{eErr{1}},
		[]error{nil},
		[]float64{1},
		[2]eA{{1}, {2}},
		[2]eA{{1}, {2}},
		at, at,
		[]time.Time{at},
		&eNode{any: &eA{1}}, &eNode{any: &eA{1}}, &eNode{any: eA{1}}, &eNode{err: &eErr{1}},
		struct{}{},
		struct{ A int }{1},
	}
	for i, x := range values {
		for j, y := range values {
			if got, want := m.prog.DeepEqual(m.box(x), m.box(y)), reflect.DeepEqual(x, y); got != want {
				t.Errorf("%d %T and %d %T: got %v, want %v", i, x, j, y, got, want)
			}
		}
	}
	x, y := m.box(node(2)), m.box(node(2))
	if !m.prog.DeepEqual(x, x) || !m.prog.DeepEqual(x, y) {
		t.Error("equal values are not")
	}
}

func TestSortSlices(t *testing.T) {
	m := newMirror(t, "binarytypes_test.go")
	boxed := m.box(eSlice{{3}, {1}, {2}})
	now := func() eSlice { return m.compiled(boxed).(eSlice) }
	less := func(i, j int) bool { s := now(); return s[i].X < s[j].X }
	isSorted := m.prog.Funcs()["sort.SliceIsSorted"].(func(any, func(i, j int) bool) bool)
	for _, name := range []string{"sort.Slice", "sort.SliceStable"} {
		m.prog.Funcs()["reflect.Swapper"].(func(any) func(i, j int))(boxed)(0, 1)
		if isSorted(boxed, less) {
			t.Error("sorted before")
		}
		m.prog.Funcs()[name].(func(any, func(i, j int) bool))(boxed, less)
		if got, want := now(), (eSlice{{1}, {2}, {3}}); !reflect.DeepEqual(got, want) || !isSorted(boxed, less) {
			t.Errorf("%s: got %v, want %v", name, got, want)
		}
	}
	plain := []int{2, 1}
	m.prog.Funcs()["sort.Slice"].(func(any, func(i, j int) bool))(plain, func(i, j int) bool { return plain[i] < plain[j] })
	if !sort.IntsAreSorted(plain) {
		t.Error("a plain slice was not sorted")
	}
}

func panicText(f func()) (text string) {
	defer func() {
		if r := recover(); r != nil {
			text = fmt.Sprint(r)
		}
	}()
	f()
	return ""
}

func TestKeys(t *testing.T) {
	m := newMirror(t, "binarytypes_test.go")
	withValue := m.prog.Funcs()["context.WithValue"].(func(context.Context, any, any) context.Context)
	for _, key := range []any{eA{1}, &eA{1}, eSlice{}, struct{ F []int }{}, "s", nil, []int{}} {
		got := panicText(func() { withValue(t.Context(), m.box(key), 1) })
		want := panicText(func() { _ = context.WithValue(t.Context(), key, 1) })
		if got != want {
			t.Errorf("context.WithValue of %T: got %q, want %q", key, got, want)
		}
	}
	store := m.prog.Funcs()["(*sync/atomic.Value).Store"].(func(*atomic.Value, any))
	swap := m.prog.Funcs()["(*sync/atomic.Value).Swap"].(func(*atomic.Value, any) any)
	compare := m.prog.Funcs()["(*sync/atomic.Value).CompareAndSwap"].(func(*atomic.Value, any, any) bool)
	values := []any{eA{1}, eB{1}, eA{2}, 1, "s", nil}
	for _, first := range values {
		for _, second := range values {
			a, b, x, y := m.box(first), m.box(second), atomic.Value{}, atomic.Value{}
			got := panicText(func() { store(&x, a); store(&x, b) }) + panicText(func() { swap(&x, b) }) + panicText(func() { compare(&x, a, b) })
			want := panicText(func() { y.Store(first); y.Store(second) }) + panicText(func() { y.Swap(second) }) + panicText(func() { y.CompareAndSwap(first, second) })
			if got != want {
				t.Errorf("atomic.Value with %T and %T: got %q, want %q", first, second, got, want)
			}
		}
	}
}
