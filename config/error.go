package config

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Error is one thing that is wrong with a configuration file.
type Error struct {
	// File is the path that Load was given.
	File string `json:"file"`
	// Line and Column count from 1, in characters; 0 where the file as a whole is meant.
	Line   int `json:"line"`
	Column int `json:"column"`
	// Message is a sentence. It holds no secret, and nothing that came from a reference.
	Message string `json:"message"`

	err error
}

func (e Error) Error() string {
	if e.Line == 0 {
		return e.File + ": " + e.Message
	}
	return fmt.Sprintf("%s:%d:%d: %s", e.File, e.Line, e.Column, e.Message)
}

// Unwrap returns the error behind the message, such as one that is fs.ErrNotExist, or nil.
func (e Error) Unwrap() error { return e.err }

// Errors is the error of Load: all that is wrong with a file, in the order of its lines.
type Errors []Error

// Error returns one line for each error.
func (es Errors) Error() string {
	lines := make([]string, len(es))
	for i, e := range es {
		lines[i] = e.Error()
	}
	return strings.Join(lines, "\n")
}

// Unwrap returns the errors one by one.
func (es Errors) Unwrap() []error {
	out := make([]error, len(es))
	for i, e := range es {
		out[i] = e
	}
	return out
}

// pos is a place in the file. The zero pos is the file as a whole.
type pos struct {
	line, column int
}

// problems collects what is wrong with a file.
type problems struct {
	file string
	list Errors
}

func (p *problems) add(at pos, format string, args ...any) {
	p.list = append(p.list, Error{
		File: p.file, Line: at.line, Column: at.column, Message: fmt.Sprintf(format, args...),
	})
}

// fail adds an error that is about the file as a whole.
func (p *problems) fail(err error, format string, args ...any) {
	p.list = append(p.list, Error{File: p.file, Message: fmt.Sprintf(format, args...), err: err})
}

// err returns what was collected, in order and each error once, or nil.
func (p *problems) err() error {
	if len(p.list) == 0 {
		return nil
	}
	slices.SortStableFunc(p.list, func(a, b Error) int {
		return cmp.Or(a.Line-b.Line, a.Column-b.Column)
	})
	return slices.CompactFunc(p.list, func(a, b Error) bool { return a.Error() == b.Error() })
}
