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
	if e.prog.Wrap != nil {
		return e.prog.Wrap(b, r)
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

// recovered returns the error that the value of a panic is to templates, nil where there was no panic.
func (e *templates) recovered(v any) error {
	switch r := Unwrap(v).(type) {
	case nil:
		return nil
	case Box:
		if err, ok := e.prog.Error(r); ok {
			return err
		}
	case error:
		return r
	}
	return fmt.Errorf("%v", v)
}

// meant returns what a value that was recovered from a panic stands for.
func (p *Program) meant(v any) any {
	if v == nil || p.Meant == nil {
		return v
	}
	return p.Meant(v)
}
