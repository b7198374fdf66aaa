package rt

import (
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/scriptd/scriptd/engine/box"
)

// runeAt decodes the character at an offset: its value and its width.
func runeAt(s string, offset int) (int32, int) {
	r, width := utf8.DecodeRuneInString(s[offset:])
	return r, width
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

func (p *Program) print(args ...any) {
	var b strings.Builder
	for _, arg := range args {
		b.WriteString(printed(arg))
	}
	_, _ = p.Stderr.Write([]byte(b.String()))
}

func (p *Program) println(args ...any) {
	parts := make([]string, len(args))
	for i, arg := range args {
		parts[i] = printed(arg)
	}
	_, _ = p.Stderr.Write([]byte(strings.Join(parts, " ") + "\n"))
}

// printed is what the predeclared print functions make of a value.
func printed(x any) string {
	if b, ok := x.(box.Box); ok {
		x = b.V
	}
	v := reflect.ValueOf(x)
	switch v.Kind() {
	case reflect.Invalid:
		return "nil"
	case reflect.Float32, reflect.Float64:
		return strconv.FormatFloat(v.Float(), 'g', -1, v.Type().Bits())
	case reflect.Complex64, reflect.Complex128:
		return strconv.FormatComplex(v.Complex(), 'g', -1, v.Type().Bits())
	case reflect.Pointer, reflect.Map, reflect.Chan, reflect.Func:
		return fmt.Sprintf("%#x", v.Pointer())
	case reflect.Slice:
		return fmt.Sprintf("[%d/%d]%#x", v.Len(), v.Cap(), v.Pointer())
	}
	return fmt.Sprint(x)
}
