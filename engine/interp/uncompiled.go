package interp

import (
	"errors"
	"fmt"
	"go/ast"
	"path"
	"regexp"
	"strconv"
	"sync"

	"github.com/traefik/yaegi/interp"

	"github.com/scriptd/scriptd/engine/check"
	"github.com/scriptd/scriptd/engine/lower"
	"github.com/scriptd/scriptd/engine/runtime"
)

// compileText has the interpreter compile a lowered program. Nothing of the program runs, so that a panic is one of the
// interpreter, which says in this way, too, what it cannot do.
func compileText(i *interp.Interpreter, text []byte) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("%v", v)
		}
	}()
	_, err = i.Eval(string(text))
	if p, ok := errors.AsType[interp.Panic](err); ok {
		return fmt.Errorf("%v", p.Value)
	}
	return err
}

// uncompiled says that the interpreter does not compile a program.
func (in *instance) uncompiled(err error, prog *check.Program) error {
	text := err.Error()
	problem := runtime.Problem{File: path.Join(in.pkg.Dir, path.Base(prog.Fset.Position(prog.Main().Files[0].AST.Pos()).Filename)), Line: 1, Column: 1}
	if m := lineOf().FindStringSubmatch(text); m != nil {
		problem.File, text = m[1], m[3]
		problem.Line, _ = strconv.Atoi(m[2])
		problem.Column = firstColumn(prog, problem.File, problem.Line)
	}
	problem.Message = refused + "what is written here (the interpreter does not compile what becomes of it: " + text + "; write it in another way)"
	return runtime.Problems{problem}
}

// lineOf is a message of the interpreter about a line. File names are as lower.Base says.
var lineOf = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(?s)^/(.+?)/` + lower.Base + `:(\d+):(?:\d+:)? (.*)`)
})

// firstColumn returns the column in which a line of a program's file begins.
func firstColumn(prog *check.Program, file string, line int) int {
	first := 0
	for _, pkg := range prog.Packages {
		for _, f := range pkg.Files {
			if prog.Fset.Position(f.AST.Pos()).Filename != file {
				continue
			}
			ast.Inspect(f.AST, func(n ast.Node) bool {
				if n == nil {
					return false
				}
				if pos := prog.Fset.Position(n.Pos()); pos.Line == line && (first == 0 || pos.Column < first) {
					first = pos.Column
				}
				return true
			})
		}
	}
	return max(first, 1)
}
