package box

import (
	"fmt"
	"reflect"
	"runtime"
	"strconv"
	"strings"
)

// PanicText returns what the runtime prints after "panic: " for a value that nobody recovered: the text of an error or a
// Stringer, a string as it is, other values of basic types as print has them, with the names of their types where those
// have one, and of anything else the type and an address.
func (p *Program) PanicText(v any) (text string) {
	// A method that panics here ends the process before anything of the value is printed.
	defer func() {
		switch r := Unwrap(recover()).(type) {
		case nil:
		case string:
			text = "panic while printing panic value: " + r
		default:
			text = "panic while printing panic value: type " + typeString(r)
		}
	}()
	v = Unwrap(v)
	if text, ok := panicMethod(v); ok {
		return indented(text)
	}
	var t *Type
	value := reflect.ValueOf(v)
	if b, ok := v.(Box); ok {
		t, value = b.T, shaped(b.T, reflect.ValueOf(b.V))
	}
	if !value.IsValid() && t == nil {
		return new(runtime.PanicNilError).Error()
	}
	basic, ok := printed(value)
	switch {
	case !ok:
		return "(" + nameOf(t, value) + ") " + addressText(value)
	case t == nil && value.Type().PkgPath() == "":
		return basic
	case value.Kind() == reflect.String:
		return nameOf(t, value) + `("` + basic + `")`
	case value.Kind() == reflect.Complex64 || value.Kind() == reflect.Complex128:
		return nameOf(t, value) + basic
	default:
		return nameOf(t, value) + "(" + basic + ")"
	}
}

// panicMethod returns the text of an error or a Stringer.
func panicMethod(v any) (string, bool) {
	switch v := v.(type) {
	case Box:
		has := v.T.form().methods
		for _, m := range []struct {
			bit  methodSet
			name string
		}{{hasError, "Error"}, {hasString, "String"}} {
			if has&m.bit == 0 {
				continue
			}
			if method, ok := v.T.Method(m.name); ok {
				return method.text(v.V), true
			}
		}
	case error:
		return v.Error(), true
	case fmt.Stringer:
		return v.String(), true
	}
	return "", false
}

// indented keeps what comes after a newline from looking like a stack.
func indented(s string) string { return strings.ReplaceAll(s, "\n", "\n\t") }

// printed returns a value of a basic kind as print has it.
func printed(v reflect.Value) (string, bool) {
	switch v.Kind() {
	case reflect.Bool:
		return strconv.FormatBool(v.Bool()), true
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return strconv.FormatInt(v.Int(), 10), true
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		return strconv.FormatUint(v.Uint(), 10), true
	case reflect.Float32, reflect.Float64:
		return strconv.FormatFloat(v.Float(), 'g', -1, v.Type().Bits()), true
	case reflect.Complex64, reflect.Complex128:
		return strconv.FormatComplex(v.Complex(), 'g', -1, v.Type().Bits()), true
	case reflect.String:
		return indented(v.String()), true
	default:
		return "", false
	}
}

// addressText returns the address of a value that an interface holds.
func addressText(v reflect.Value) string {
	if !v.IsValid() {
		return "0x0"
	}
	switch v.Kind() {
	case reflect.Pointer, reflect.Chan, reflect.Func, reflect.Map, reflect.UnsafePointer:
		return fmt.Sprintf("%#x", v.Pointer())
	default:
		held := reflect.New(v.Type())
		held.Elem().Set(v)
		return fmt.Sprintf("%#x", held.Pointer())
	}
}

func typeString(v any) string {
	if b, ok := v.(Box); ok {
		return b.T.String()
	}
	return reflect.TypeOf(v).String()
}
