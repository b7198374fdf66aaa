package rt

import (
	"errors"
	"reflect"
)

// errStopped is what compiled code gets from methods of a program that was stopped, where they return an error at all: they
// return zero values then, and nil would have it go on, or try for ever.
var errStopped = errors.New("the program was stopped")

// stop is closed when the program is stopped.
type stop <-chan struct{}

func (s stop) stopped() bool {
	select {
	case <-s:
		return true
	default:
		return false
	}
}

// orStopped returns the error that a method returned, or errStopped.
func (s stop) orStopped(err error) error {
	if err == nil && s.stopped() {
		return errStopped
	}
	return err
}

// results are what a method returned, with errStopped in the place of no error.
func (s stop) results(out []reflect.Value) []reflect.Value {
	last := len(out) - 1
	if last < 0 || out[last].Type() != reflect.TypeFor[error]() || !s.stopped() {
		return out
	}
	err := reflect.New(reflect.TypeFor[error]()).Elem()
	err.Set(reflect.ValueOf(errStopped))
	out[last] = err
	return out
}
