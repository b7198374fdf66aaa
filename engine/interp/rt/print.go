package rt

import (
	"fmt"
	"reflect"
	"strconv"
	"strings"

	"github.com/scriptd/scriptd/engine/box"
)

// inInterface is an argument of the predeclared print functions whose static type is an interface: they print its words.
type inInterface struct{ value any }

// asInterface says of an argument that its static type is an interface.
func asInterface(x any) any { return inInterface{x} }

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

// printed is what the predeclared print functions make of a value. Methods do not matter.
func printed(x any) string {
	switch i := x.(type) {
	case inInterface:
		return words(i.value)
	case box.Box:
		x = i.V
	}
	v := reflect.ValueOf(x)
	switch v.Kind() {
	case reflect.Bool:
		return strconv.FormatBool(v.Bool())
	case reflect.String:
		return v.String()
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return strconv.FormatInt(v.Int(), 10)
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		return strconv.FormatUint(v.Uint(), 10)
	case reflect.Float32, reflect.Float64:
		return strconv.FormatFloat(v.Float(), 'g', -1, v.Type().Bits())
	case reflect.Complex64, reflect.Complex128:
		return strconv.FormatComplex(v.Complex(), 'g', -1, v.Type().Bits())
	case reflect.Pointer, reflect.Map, reflect.Chan, reflect.Func, reflect.UnsafePointer:
		return fmt.Sprintf("%#x", v.Pointer())
	case reflect.Slice:
		return fmt.Sprintf("[%d/%d]%#x", v.Len(), v.Cap(), v.Pointer())
	}
	return "0x0" // a nil that was not boxed
}

// words are the two words of an interface. Their values mean nothing but where both are zero.
func words(x any) string {
	if x == nil {
		return "(0x0,0x0)"
	}
	t := reflect.ValueOf(reflect.TypeOf(x)).Pointer()
	if v := reflect.ValueOf(x); v.Kind() == reflect.Pointer {
		return fmt.Sprintf("(%#x,%#x)", t, v.Pointer())
	}
	return fmt.Sprintf("(%#x,%#x)", t, t)
}
