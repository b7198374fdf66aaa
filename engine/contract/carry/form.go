package carry

import (
	"reflect"
)

// form is how a type crosses. The basic kinds are forms themselves.
type form uint8

const (
	formSlice form = iota + 32
	formArray
	formMap
	formPointer
	formStruct
	formBytes // a slice of bytes
	formBinary
	formGob
	formJSON
	formText
	formAny
	formError
	formContext
	formFunc
	formInterface
)

// node is the shape of a type: what both sides must agree on.
type node struct {
	form    form
	typ     reflect.Type // of this side; nil in the shape of another one
	name    string       // of a type that crosses by its own methods
	elem    *node        // of slices, arrays, maps and pointers
	key     *node
	length  int // of arrays
	fields  []field
	methods []signature // of interfaces, and one of functions
	wrapper Wrapper

	// about is how many bytes it takes at least, and whether that is known.
	atLeast int
	sized   bool
}

// field is a field of a struct, which crosses.
type field struct {
	name  string
	index int // in typ
	node  *node
}

// signature is the shape of a method or function.
type signature struct {
	name     string
	in, out  []*node
	variadic bool
	fills    bool // it fills the bytes that it is given
}

// min returns how many bytes a value takes at least.
func (n *node) min() int {
	if n.sized {
		return n.atLeast
	}
	n.sized = true // what contains itself counts as nothing
	total := 0
	switch n.form {
	case formArray:
		total = min(n.length, 1<<30) * n.elem.min()
	case formStruct:
		for _, f := range n.fields {
			total += f.node.min()
		}
	case form(reflect.Float32):
		total = 4
	case form(reflect.Float64), form(reflect.Complex64):
		total = 8
	case form(reflect.Complex128):
		total = 16
	default:
		total = 1
	}
	n.atLeast = min(total, 1<<30)
	return n.atLeast
}
