package box

import (
	"go/types"
	"reflect"
)

// errorsFuncs returns the stand-ins for functions of errors that look at types.
func (p *Program) errorsFuncs() map[string]any {
	return map[string]any{"errors.As": p.errorsAs}
}

// errorsAs is errors.As. A target that leads to a type of the program comes in a Box.
func (p *Program) errorsAs(err error, target any) bool {
	if err == nil {
		return false
	}
	a := asTarget{prog: p, given: target}
	if b, ok := target.(Box); ok {
		pointer, isPointer := b.T.Type.Underlying().(*types.Pointer)
		a.pointer = reflect.ValueOf(b.V)
		if !isPointer || a.pointer.IsNil() {
			panic("errors: target must be a non-nil pointer")
		}
		a.want = pointer.Elem()
		if !types.IsInterface(a.want) && !types.Implements(a.want, types.Universe.Lookup("error").Type().Underlying().(*types.Interface)) {
			panic("errors: *target must be interface or implement error")
		}
	} else {
		a.pointer = reflect.ValueOf(target)
		switch {
		case target == nil:
			panic("errors: target cannot be nil")
		case a.pointer.Kind() != reflect.Pointer || a.pointer.IsNil():
			panic("errors: target must be a non-nil pointer")
		}
		elem := a.pointer.Type().Elem()
		if elem.Kind() != reflect.Interface && !elem.Implements(reflect.TypeFor[error]()) {
			panic("errors: *target must be interface or implement error")
		}
		a.want = p.universe.TypeOf(elem)
	}
	return a.find(err)
}

// asTarget is the target of errors.As.
type asTarget struct {
	prog    *Program
	given   any
	want    types.Type
	pointer reflect.Value // to where the error goes
}

func (a *asTarget) find(err error) bool {
	for err != nil {
		if a.take(err) || a.ask(err) {
			return true
		}
		switch e := err.(type) { //nolint:errorlint // the chain is walked here
		case interface{ Unwrap() error }:
			err = e.Unwrap()
		case interface{ Unwrap() []error }:
			for _, inner := range e.Unwrap() {
				if inner != nil && a.find(inner) {
					return true
				}
			}
			return false
		default:
			return false
		}
	}
	return false
}

// take sets the target to an error of its type.
func (a *asTarget) take(err error) bool {
	x := Unwrap(err)
	have := a.prog.TypeOf(x)
	if iface, ok := a.want.Underlying().(*types.Interface); ok {
		if !types.Implements(have, iface) {
			return false
		}
	} else if !types.Identical(have, a.want) {
		return false
	}
	to := a.pointer.Elem()
	v := reflect.ValueOf(x)
	switch b, boxed := x.(Box); {
	case !boxed:
	case !types.IsInterface(a.want):
		v = reflect.ValueOf(b.V)
	case to.NumMethod() > 0: // error, and what else an error can be as it stands
		v = reflect.ValueOf(err)
	}
	if !v.Type().AssignableTo(to.Type()) {
		return false
	}
	to.Set(v)
	return true
}

// ask calls the method As of an error that has one.
func (a *asTarget) ask(err error) bool {
	b, ok := Unwrap(err).(Box)
	if !ok {
		x, ok := err.(interface{ As(any) bool })
		return ok && x.As(bare(a.given))
	}
	return takesTarget(b, a.given)
}

// bare returns what is in a Box, and any other value as it is.
func bare(x any) any {
	if b, ok := x.(Box); ok {
		return b.V
	}
	return x
}
