package box

import (
	"fmt"
	"reflect"
)

// wrap returns a Box in an interface of compiled code that it implements, for a function that takes one.
func (e *templates) wrap(b Box, r reflect.Type) reflect.Value {
	if r == errorType {
		if err, ok := e.prog.Error(b); ok {
			return reflect.ValueOf(err)
		}
	}
	if v := reflect.ValueOf(tmplStringer{b}); v.Type().Implements(r) {
		return v
	}
	panic(fmt.Errorf("cannot use a value of type %s as %s in a template", b.T, r))
}

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

// panicAsError recovers from a panic of a function that a template called.
func (e *templates) panicAsError(err *error) {
	switch r := Unwrap(recover()).(type) {
	case nil:
	case Box:
		if own, ok := e.prog.Error(r); ok {
			*err = own
		} else {
			*err = fmt.Errorf("%v", r)
		}
	case error:
		*err = r
	default:
		*err = fmt.Errorf("%v", r)
	}
}
