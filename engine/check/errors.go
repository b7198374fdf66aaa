package check

import (
	"cmp"
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

// sorted returns the errors in the order of their positions, each once in a line.
func (es Errors) sorted() Errors {
	slices.SortStableFunc(es, func(a, b Error) int {
		return cmp.Or(
			strings.Compare(a.Pos.Filename, b.Pos.Filename),
			cmp.Compare(a.Pos.Line, b.Pos.Line),
			cmp.Compare(a.Pos.Column, b.Pos.Column),
		)
	})
	return slices.CompactFunc(es, func(a, b Error) bool {
		return a.Pos.Filename == b.Pos.Filename && a.Pos.Line == b.Pos.Line && firstLine(a.Message) == firstLine(b.Message)
	})
}

func firstLine(s string) string {
	line, _, _ := strings.Cut(s, "\n")
	return line
}

func (c *checker) errorf(pos token.Pos, message string) {
	c.errs = append(c.errs, Error{Pos: c.prog.Fset.Position(pos), Message: message})
}
