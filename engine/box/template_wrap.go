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
	panic(fmt.Errorf("cannot use a value of type %s as %s in a template", b.T, r))
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
