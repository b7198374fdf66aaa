package rt

import (
	"fmt"
	"reflect"
	"unicode/utf8"
)

// runeAt decodes the character at an offset: its value and its width.
func runeAt(s string, offset int) (int32, int) {
	r, width := utf8.DecodeRuneInString(s[offset:])
	return r, width
}

// nanKey ends a loop over a map of channels, which looks its values up, at a key that cannot be found again.
func nanKey() {
	panic("scriptd: a map of channels with a key that is not equal to itself: the interpreter cannot range over its values")
}

// clearAll is clear for maps and slices.
func clearAll(x any) {
	v := reflect.ValueOf(x)
	if v.Kind() == reflect.Map && v.IsNil() {
		return
	}
	v.Clear()
}

func minFloat(a, b float64) float64 { return min(a, b) }
func maxFloat(a, b float64) float64 { return max(a, b) }

func negate(x any) any {
	switch x := x.(type) {
	case complex64:
		return -x
	case complex128:
		return -x
	}
	panic(fmt.Sprintf("negate: %T", x))
}

func divideComplex(a, b any) any {
	switch a := a.(type) {
	case complex64:
		return a / b.(complex64)
	case complex128:
		return a / b.(complex128)
	}
	panic(fmt.Sprintf("divide: %T", a))
}

func realPart(x any) float64 { return real(reflect.ValueOf(x).Complex()) }
func imagPart(x any) float64 { return imag(reflect.ValueOf(x).Complex()) }

// arrayPointer converts a slice to a pointer to an array of n elements.
func (p *Program) arrayPointer(s any, n int) any {
	v := reflect.ValueOf(s)
	if v.Len() < n {
		badArray(v.Len(), n)
	}
	return v.Convert(reflect.PointerTo(reflect.ArrayOf(n, v.Type().Elem()))).Interface()
}
