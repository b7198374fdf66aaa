// Package carry takes calls of Go methods to where what implements them runs: into another process, or to another machine. From an
// interface type it makes a plan, which turns the arguments and results of each method into bytes and back.
//
//	plan, err := carry.Compile(reflect.TypeFor[usersync.DataSource](), &carry.Options{Table: table, Wrapper: wrapper})
//	m := plan.Method(0)
//	b, err = m.AppendArgs(scope, b, args)        // where it is called
//	args, err := m.Args(ctx, scope, b)           // where it runs
//	b, err = m.AppendResults(scope, b, results)
//	results, err := m.Results(scope, b, args)    // where it is called
//
// Values are copied: every basic kind bit by bit, nil apart from empty, pointers as what they point to, which may be nil. Structs
// cross by their exported fields. A type with parts that are not exported crosses by its own methods, where it has a pair of them:
// of encoding.BinaryMarshaler, gob.GobEncoder, json.Marshaler or encoding.TextMarshaler, the first of these; without one, only what
// is exported crosses, as with encoding/json, and a struct with no exported field is refused. What is in an interface that may
// hold anything must be of a type that both sides know: a predeclared type, one of a symbol table, and slices, maps and pointers of those.
// What a function changes in its arguments stays there, but for the bytes that methods called Read and ReadAt fill.
//
// Functions and interfaces with methods, streams among them, cross as references: what the other side gets calls back. What it
// gets as an argument lasts until the end of the call that brought it, ErrEnded after that; what it gets as a result lasts as long as the
// Session, or until it is garbage. Errors keep their text, what they wrap, the identity of variables of the symbol tables, and the
// types that are in one. The end of a context crosses, its values do not.
package carry

import (
	"errors"
	"fmt"
	"reflect"
)

// Options say what both sides have in common.
type Options struct {
	// Table names types and error variables. Nil names none.
	Table *Table
	// Wrapper returns what makes values of an interface type from functions. The error says why it cannot. Nil refuses all.
	Wrapper func(t reflect.Type) (Wrapper, error)
	// ByValue says of a type of the table whether its values may cross in an interface: as copies, whose methods run where they
	// are called, not where they come from. Nil is all. Types that are named in signatures and fields cross in any case.
	ByValue func(t reflect.Type) bool
	// TypeName names the type of a value that cannot cross. Nil, and an empty name, is reflect's.
	TypeName func(v reflect.Value) string
	// Identities are further errors that are the same on both sides, where a Table does not have them. Their order is part of
	// what is sent.
	Identities []error
	// MaxSize bounds what the arguments or the results of one call take as bytes. Zero is DefaultMaxSize. What is made of them may take
	// four times as much memory.
	MaxSize int
}

// Wrapper makes a value of an interface whose methods are call, with the number of the method and its arguments, those of a variadic
// parameter as a slice. The meaning goes into the field IValue of the value.
type Wrapper interface {
	Make(meaning any, call func(method int, args []reflect.Value) []reflect.Value) reflect.Value
}

// DefaultMaxSize is Options.MaxSize where it is zero.
const DefaultMaxSize = 128 << 20

const (
	// maxDepth bounds how deep a value is nested, so that one that contains itself is an error. It is as deep as encoding/json decodes.
	maxDepth = 10000
	// memoryFactor is how much more memory a value may take than the bytes that it comes as may be many.
	memoryFactor = 4
)

var (
	// ErrTooLarge is the error for a value that takes more bytes than Options allow.
	ErrTooLarge = errors.New("the value is too large")
	// ErrMalformed is the error for bytes that no other end of this package sends.
	ErrMalformed = errors.New("malformed value")
	// ErrEnded is the error for the use of a function, an interface or a stream after the end of the call that brought it.
	ErrEnded = errors.New("the call that brought it has ended")
	// ErrClosed is the error of calls over a Session that was closed.
	ErrClosed = errors.New("the session is closed")
	// ErrMissing is the error of a method that the other side does not have.
	ErrMissing = errors.New("the other side has no such method")
)

func (o *Options) maxSize() int {
	if o.MaxSize == 0 {
		return DefaultMaxSize
	}
	return o.MaxSize
}

func (o *Options) typeName(v reflect.Value) string {
	if o.TypeName != nil {
		if name := o.TypeName(v); name != "" {
			return name
		}
	}
	return v.Type().String()
}

func (o *Options) wrapper(t reflect.Type) (Wrapper, error) {
	if o.Wrapper == nil {
		return nil, fmt.Errorf("there is no wrapper for %s", t)
	}
	return o.Wrapper(t)
}
