package box

import (
	"go/types"
	"reflect"
)

// Error returns a Box as an error of compiled code, where its type is one: what errors and fmt find out about it is what
// they would about the compiled value.
func (p *Program) Error(b Box) (error, bool) { //nolint:revive // as an assertion has it
	if b.T.form().methods&hasError == 0 {
		return nil, false
	}
	isComparable := types.Comparable(b.T.Type)
	if sig := methodSignature(b.T.Type, "Unwrap"); sig != nil && sig.Results().Len() == 1 {
		if _, many := sig.Results().At(0).Type().(*types.Slice); many && isComparable {
			return ErrList{Box: b}, true
		} else if many {
			return errListOnce{ErrList: ErrList{Box: b}}, true
		}
	}
	if isComparable {
		return Err{Box: b}, true
	}
	return errOnce{Err: Err{Box: b}}, true
}

// Err is a Box as an error. Two are equal where the values are.
type Err struct{ Box }

// ErrList is a Box as an error that wraps several.
type ErrList struct{ Box }

// errOnce and errListOnce hold values that cannot be compared, as they cannot be themselves.
type (
	errOnce struct {
		Err
		_ [0]func()
	}
	errListOnce struct {
		ErrList
		_ [0]func()
	}
)

// Unbox implements Wrapper.
func (e Err) Unbox() Box { return e.Box }

// Unbox implements Wrapper.
func (e ErrList) Unbox() Box { return e.Box }

// Error implements error.
func (e Err) Error() string { return errorText(e.Box) }

// Error implements error.
func (e ErrList) Error() string { return errorText(e.Box) }

func errorText(b Box) string {
	if m, ok := b.T.Method("Error"); ok {
		return m.text(b.V)
	}
	return ""
}

// Is is for errors.Is.
func (e Err) Is(target error) bool { return isTarget(e.Box, target) }

// Is is for errors.Is.
func (e ErrList) Is(target error) bool { return isTarget(e.Box, target) }

// As is for errors.As, of what is compiled.
func (e Err) As(target any) bool { return takesTarget(e.Box, target) }

// As is for errors.As, of what is compiled.
func (e ErrList) As(target any) bool { return takesTarget(e.Box, target) }

func takesTarget(b Box, target any) bool {
	m, ok := b.T.Method("As")
	if !ok {
		return false
	}
	f, ok := reflect.TypeAssert[func(any, any) bool](m.Func)
	return ok && f(b.V, target)
}

func isTarget(b Box, target error) bool {
	m, ok := b.T.Method("Is")
	if !ok || m.Func.Type().NumIn() != 2 || m.Func.Type().NumOut() != 1 {
		return false
	}
	v := reflect.New(m.Func.Type().In(1)).Elem()
	if target != nil && reflect.TypeOf(target).AssignableTo(v.Type()) {
		v.Set(reflect.ValueOf(target))
	}
	out := m.Call(b.V, v)
	return out[0].Kind() == reflect.Bool && out[0].Bool()
}

// Timeout is what packages os and net look for: false for an error without the method.
func (e Err) Timeout() bool { return asked(e.Box, "Timeout") }

// Timeout is what packages os and net look for: false for an error without the method.
func (e ErrList) Timeout() bool { return asked(e.Box, "Timeout") }

// Temporary is what packages net and url look for: false for an error without the method.
func (e Err) Temporary() bool { return asked(e.Box, "Temporary") }

// Temporary is what packages net and url look for: false for an error without the method.
func (e ErrList) Temporary() bool { return asked(e.Box, "Temporary") }

// asked calls a method that returns a bool.
func asked(b Box, name string) bool {
	m, ok := b.T.Method(name)
	if !ok {
		return false
	}
	f, ok := reflect.TypeAssert[func(any) bool](m.Func)
	return ok && f(b.V)
}

// Unwrap returns the error that the value wraps, nil where it wraps none.
func (e Err) Unwrap() error {
	if m, ok := e.T.Method("Unwrap"); ok && m.Func.Type().NumOut() == 1 {
		err, _ := reflect.TypeAssert[error](m.Call(e.V)[0])
		return err
	}
	return nil
}

// Unwrap returns the errors that the value wraps.
func (e ErrList) Unwrap() []error {
	if m, ok := e.T.Method("Unwrap"); ok && m.Func.Type().NumOut() == 1 {
		errs, _ := reflect.TypeAssert[[]error](m.Call(e.V)[0])
		return errs
	}
	return nil
}
