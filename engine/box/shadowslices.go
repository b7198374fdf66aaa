package box

import (
	"reflect"
	"sort"
)

// sliceFuncs stands in for functions that take a slice as an any.
func (p *Program) sliceFuncs() map[string]any {
	return map[string]any{
		"sort.Slice":         func(x any, less func(i, j int) bool) { sort.Slice(p.raw(x), less) },
		"sort.SliceStable":   func(x any, less func(i, j int) bool) { sort.SliceStable(p.raw(x), less) },
		"sort.SliceIsSorted": func(x any, less func(i, j int) bool) bool { return sort.SliceIsSorted(p.raw(x), less) },
		"reflect.Swapper":    func(slice any) func(i, j int) { return reflect.Swapper(p.raw(slice)) },
	}
}

// raw returns a value in its erased form.
func (p *Program) raw(x any) any {
	b, ok := Unwrap(x).(Box)
	if !ok {
		return x
	}
	if v := even(b.T.Type, reflect.ValueOf(b.V)); v.IsValid() {
		return v.Interface()
	}
	return nil
}
