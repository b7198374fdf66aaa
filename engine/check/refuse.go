package check

import (
	"fmt"
	"go/ast"
	"go/token"
	"slices"
	"strings"
)

// refused are imports that cannot be interpreted, with the reason and what to do instead.
var refused = map[string]string{
	`"C"`:      "cgo (compiled C has no place in an interpreter; use a Go package, or a service of the host)",
	`"unsafe"`: "unsafe (interpreted values have no memory layout of their own; use encoding/binary or math.Float64bits and the like)",
}

// refusedDirectives are comments that would change what a program does, and that nothing here honours.
var refusedDirectives = map[string]string{
	"//go:linkname": "go:linkname (it reaches into compiled packages; use what they export)",
}

// refuse adds an error for each construct of a file that cannot be made to do what it does when it is compiled, and for
// functions that would be written in assembly.
func (c *checker) refuse(f *File) {
	for _, spec := range f.AST.Imports {
		if why := refused[spec.Path.Value]; why != "" {
			c.unsupported(spec.Path.Pos(), why)
		}
	}
	for _, group := range f.AST.Comments {
		for _, comment := range group.List {
			if why := refusedDirective(comment); why != "" {
				c.unsupported(comment.Pos(), why)
			}
		}
	}
	for _, decl := range f.AST.Decls {
		if fn, ok := decl.(*ast.FuncDecl); ok && fn.Body == nil && !isRefused(fn.Doc) {
			c.errorf(fn.Name.Pos(), "missing function body")
		}
	}
}

// refusedDirective returns why a comment is refused, or nothing.
func refusedDirective(comment *ast.Comment) string {
	directive := comment.Text
	if end := strings.IndexAny(directive, " \t\n"); end >= 0 {
		directive = directive[:end]
	}
	return refusedDirectives[directive]
}

// isRefused reports whether the comments over a declaration are what is wrong with it.
func isRefused(doc *ast.CommentGroup) bool {
	return doc != nil && slices.ContainsFunc(doc.List, func(c *ast.Comment) bool { return refusedDirective(c) != "" })
}

func (c *checker) unsupported(pos token.Pos, what string) {
	c.errorf(pos, fmt.Sprintf("not supported by the interpreter: %s", what))
}
