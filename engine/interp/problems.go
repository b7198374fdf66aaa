package interp

import (
	"errors"
	"go/token"

	"github.com/scriptd/scriptd/engine/check"
	"github.com/scriptd/scriptd/engine/runtime"
)

// problemsOf turns the errors of the checker into problems. Other errors stay what they are.
func problemsOf(err error) error {
	var errs check.Errors
	if !errors.As(err, &errs) {
		return err
	}
	problems := make(runtime.Problems, len(errs))
	for i, e := range errs {
		problems[i] = problemAt(e.Pos, e.Message)
	}
	return problems
}

func problemAt(pos token.Position, message string) runtime.Problem {
	return runtime.Problem{File: pos.Filename, Line: pos.Line, Column: pos.Column, Message: message}
}
