package check

import (
	"cmp"
	"errors"
	"go/scanner"
	"go/token"
	"slices"
	"strings"
)

// Error is one fault in the source.
type Error struct {
	// Pos names the file by its path in the tree.
	Pos     token.Position
	Message string
}

func (e Error) Error() string { return e.Pos.String() + ": " + e.Message }

// Errors is everything that is wrong with a package, sorted by position.
type Errors []Error

func (es Errors) Error() string {
	lines := make([]string, len(es))
	for i, e := range es {
		lines[i] = e.Error()
	}
	return strings.Join(lines, "\n")
}

// sorted returns the errors in the order of their positions, each once.
func (es Errors) sorted() Errors {
	slices.SortStableFunc(es, func(a, b Error) int {
		return cmp.Or(
			strings.Compare(a.Pos.Filename, b.Pos.Filename),
			cmp.Compare(a.Pos.Line, b.Pos.Line),
			cmp.Compare(a.Pos.Column, b.Pos.Column),
		)
	})
	return slices.Compact(es)
}

func (c *checker) errorf(pos token.Pos, message string) {
	c.errs = append(c.errs, Error{Pos: c.prog.Fset.Position(pos), Message: message})
}

// syntax adds what the parser said of a file.
func (c *checker) syntax(name string, err error) {
	var list scanner.ErrorList
	if !errors.As(err, &list) {
		c.errs = append(c.errs, Error{Pos: token.Position{Filename: name}, Message: err.Error()})
		return
	}
	for i, e := range list {
		if i > 0 && e.Pos.Line == list[i-1].Pos.Line {
			last := &c.errs[len(c.errs)-1]
			if e.Pos == last.Pos && isEcho(last.Message) {
				last.Message = e.Msg
			}
			continue // those that follow on a line are but echoes of the first
		}
		c.errs = append(c.errs, Error{Pos: e.Pos, Message: e.Msg})
	}
}

// isEcho reports whether a message follows from another one at the same place.
func isEcho(message string) bool {
	return strings.HasPrefix(message, "expected ';'") || strings.HasPrefix(message, "expected 'IDENT'")
}
