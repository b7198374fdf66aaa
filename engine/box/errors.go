package box

import "reflect"

// Err is a Box as an error. It is comparable as the Box is.
type Err struct{ Box }

var (
	_ error   = Err{}
	_ Wrapper = Err{}
)

// Error implements error.
func (e Err) Error() string {
	m, ok := e.T.Method("Error")
	if !ok {
		return "error of type " + e.T.String()
	}
	if f, ok := reflect.TypeAssert[func(any) string](m.Func); ok {
		return f(e.V)
	}
	return m.Call(e.V)[0].String()
}

// Unbox implements Wrapper.
func (e Err) Unbox() Box { return e.Box }

// Is is the method of that name, of an error that has it.
func (e Err) Is(target error) bool {
	m, ok := e.T.Method("Is")
	if !ok {
		return false
	}
	f, ok := reflect.TypeAssert[func(any, error) bool](m.Func)
	return ok && f(e.V, target)
}

// unwrapping is an Err that wraps one error, joining one that wraps several.
type (
	unwrapping struct{ Err }
	joining    struct{ Err }
)

func (e unwrapping) Unwrap() error {
	m, _ := e.T.Method("Unwrap")
	if f, ok := reflect.TypeAssert[func(any) error](m.Func); ok {
		return f(e.V)
	}
	return nil
}

func (e joining) Unwrap() []error {
	m, _ := e.T.Method("Unwrap")
	if f, ok := reflect.TypeAssert[func(any) []error](m.Func); ok {
		return f(e.V)
	}
	return nil
}

// Error returns a Box as an error, and false where its type is none.
func (p *Program) Error(b Box) (error, bool) {
	if _, ok := b.T.Method("Error"); !ok {
		return nil, false
	}
	if m, ok := b.T.Method("Unwrap"); ok {
		switch m.Func.Interface().(type) {
		case func(any) error:
			return unwrapping{Err{b}}, true
		case func(any) []error:
			return joining{Err{b}}, true
		}
	}
	return Err{b}, true
}
