// Package box is the form that values of a plugin's own types have where their type is not known statically: in
// interfaces, and in compiled code. The interpreter executes a program whose own types are erased to what they are made
// of; a Box keeps the type beside such a value, so that it can be told from others, printed, compared, encoded, and asked
// for its methods as the compiled program could.
//
//	prog := box.NewProgram(…)
//	celsius := prog.Type(t)        // t is the types.Type of main.Celsius, a float64 with a String method
//	v := celsius.Box(36.6)         // v is an any: fmt prints it as the method says
//
// # Erasure
//
// The erased form of a type, which is the reflect type that interpreted values of it have:
//   - a type of compiled code is itself;
//   - another named type is what it is made of: Celsius is float64;
//   - a struct is a struct with the same number of fields in the same order, whose types are erased; exported fields keep
//     names and tags, others do not. A struct without fields has one that means nothing;
//   - an interface of compiled code with methods, as error or io.Reader, is itself. It holds a compiled value or a wrapper
//     around a Box (see Unwrap);
//   - any other interface is the empty one. It holds nil, a Box, or, where the dynamic type mentions no type of the
//     program, no struct type and no interface with methods, the value itself;
//   - pointers, slices, arrays, maps, channels and functions are made of erased types.
//
// Two exceptions exist where the interpreter cannot have a recursive type: see Erased.
package box

import (
	"go/types"
	"reflect"
)

// Box is a value together with its type. Two are equal, as map keys too, where the values of the program are.
type Box struct {
	// ID is that of T. It is a field of its own because interpreted code dispatches on it.
	ID int
	T  *Type
	V  any
}

// Box returns a value of this type as an interface holds it. V is of the erased type.
func (t *Type) Box(v any) any { return Box{ID: t.ID, T: t, V: v} }

// Erased undoes what the interpreter needs for recursive types: v is as an interpreted value of type t holds it, and the
// result is of the erased type. A recursive type that is no struct is kept in a struct of one field, and a field whose type
// leads back to its own struct may be kept in an interface. The result is invalid where such a field was never set.
func Erased(t types.Type, v reflect.Value) reflect.Value {
	for v.IsValid() && odd(t, v.Type()) {
		if v.Kind() == reflect.Interface {
			v = v.Elem()
		} else {
			v = v.Field(0)
		}
	}
	return v
}

// Wrapper is a value through which a Box is seen as an interface of compiled code.
type Wrapper interface{ Unbox() Box }

// Unwrap returns what the program means by a value of any interface type: the Box behind a wrapper, and any other value as
// it is.
func Unwrap(v any) any {
	switch w := v.(type) {
	case nil, Box:
		return v
	case Wrapper:
		return w.Unbox()
	}
	return unwrapGenerated(v)
}

// unwrapGenerated looks for the Box in a wrapper that yaegi generates, a struct whose first field is called IValue.
func unwrapGenerated(v any) any {
	r := reflect.ValueOf(v)
	if r.Kind() == reflect.Pointer && !r.IsNil() {
		r = r.Elem()
	}
	if r.Kind() != reflect.Struct || r.NumField() == 0 || r.Type().Field(0).Name != "IValue" {
		return v
	}
	if b, ok := reflect.TypeAssert[Box](r.Field(0)); ok {
		return b
	}
	return v
}
