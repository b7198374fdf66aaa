package runtime

import (
	"errors"
	"reflect"

	"github.com/scriptd/scriptd/engine/contract"
)

// Implementation is what a package provides for a contract.
type Implementation struct {
	// Contract is one of Package.Contracts.
	Contract *contract.Contract
	// Name tells the implementations of a contract from each other.
	Name string
	// Missing are the names of optional methods that it does not have.
	Missing []string
	// Brief tells of each method, by its number in the contract, whether a call of it surely ends soon by itself; nil where that is
	// not known.
	Brief []bool
	// File, Line and Column are where it was provided: the last argument of Provide.
	File         string
	Line, Column int
}

// Key is what an implementation is found by: CONTRACT/NAME, whatever the version.
func (i Implementation) Key() string { return i.Contract.Name + "/" + i.Name }

// Service is a value that the host offers to packages.
type Service struct {
	// Type is an interface, which Value implements.
	Type  reflect.Type
	Value reflect.Value
}

// PanicError is a method of an implementation that panicked.
type PanicError struct {
	// Problem says with what, and where.
	Problem
	// Stack are the calls that the panic left, the innermost first, each with file:line:column of the source.
	Stack string
}

func (e *PanicError) Error() string { return e.Problem.String() }

// ErrNotImplemented is returned by an optional method that an implementation does not have.
var ErrNotImplemented = errors.New("not implemented by the plugin")
