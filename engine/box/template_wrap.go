package box

import (
	"fmt"
	"reflect"
)

// wrap returns a Box in an interface of compiled code that it implements, for a function that takes one.
func (e *templates) wrap(b Box, r reflect.Type) reflect.Value {
	for _, w := range []Wrapper{tmplError{b}, tmplStringer{b}} {
		if v := reflect.ValueOf(w); v.Type().Implements(r) {
			return v
		}
	}
	panic(fmt.Errorf("cannot use a value of type %s as %s in a template", b.T, r))
}

// tmplError is a Box as an error.
type tmplError struct{ Box }

func (w tmplError) Unbox() Box    { return w.Box }
func (w tmplError) Error() string { return textMethod(w.Box, "Error") }

// tmplStringer is a Box as a fmt.Stringer.
type tmplStringer struct{ Box }

func (w tmplStringer) Unbox() Box     { return w.Box }
func (w tmplStringer) String() string { return textMethod(w.Box, "String") }

func textMethod(b Box, name string) string {
	m, ok := b.T.Method(name)
	if !ok {
		panic(fmt.Errorf("%s has no method %s", b.T, name))
	}
	return m.Call(b.V)[0].String()
}
