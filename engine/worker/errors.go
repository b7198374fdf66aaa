package worker

import (
	"context"
	"errors"
	"io/fs"

	"github.com/scriptd/scriptd/engine/runtime"
	"github.com/scriptd/scriptd/engine/worker/wire"
	"github.com/scriptd/scriptd/plugin"
)

// identities are the errors that are the same on both sides. Their order is part of the protocol.
var identities = []error{
	context.Canceled, context.DeadlineExceeded, runtime.ErrStopped, runtime.ErrStuck, runtime.ErrCrashed, fs.ErrNotExist,
	errUnconfined, runtime.ErrNotImplemented,
}

// errUnconfined says that a process is of no use: it could not be confined.
var errUnconfined = errors.New("keep the package to what it was granted")

// remoteError is an error of the other process: its text, and which of the identities it has.
type remoteError struct {
	text string
	is   []error
}

func (e *remoteError) Error() string { return e.text }

// Unwrap returns the errors that it is.
func (e *remoteError) Unwrap() []error { return e.is }

func newRemoteError(text string, is uint64, problems runtime.Problems) *remoteError {
	e := &remoteError{text: text}
	for i, identity := range identities {
		if is&(1<<i) != 0 {
			e.is = append(e.is, identity)
		}
	}
	if len(problems) > 0 {
		e.is = append(e.is, problems)
	}
	return e
}

// The marks of package plugin.
const (
	markInvalid = 1 << iota
	markRetryable
)

// appendError appends an error, or that there is none.
func appendError(p *wire.Payload, err error) {
	if err == nil {
		p.Bool(false)
		return
	}
	p.Bool(true)
	problems, _ := errors.AsType[runtime.Problems](err)
	p.Uint(uint64(len(problems)))
	for _, problem := range problems {
		appendProblem(p, problem)
	}
	p.String(err.Error())
	var is uint64
	for i, identity := range identities {
		if errors.Is(err, identity) {
			is |= 1 << i
		}
	}
	p.Uint(is)
	var marks byte
	if plugin.IsInvalid(err) {
		marks |= markInvalid
	}
	if plugin.IsRetryable(err) {
		marks |= markRetryable
	}
	p.Byte(marks)
	panicked, ok := errors.AsType[*runtime.PanicError](err)
	p.Bool(ok)
	if ok {
		appendProblem(p, panicked.Problem)
		p.String(panicked.Stack)
	}
}

func appendProblem(p *wire.Payload, problem runtime.Problem) {
	p.String(problem.File)
	p.Int(int64(problem.Line))
	p.Int(int64(problem.Column))
	p.String(problem.Message)
}

func decodeProblem(d *wire.Decoder) runtime.Problem {
	return runtime.Problem{File: d.String(), Line: int(d.Int()), Column: int(d.Int()), Message: d.String()}
}

// decodeError takes what appendError appended.
func decodeError(d *wire.Decoder) error {
	if !d.Bool() {
		return d.Err()
	}
	problems := make(runtime.Problems, d.Count())
	for i := range problems {
		problems[i] = decodeProblem(d)
	}
	text, is, marks := d.String(), d.Uint(), d.Byte()
	var panicked *runtime.PanicError
	if d.Bool() {
		panicked = &runtime.PanicError{Problem: decodeProblem(d), Stack: d.String()}
	}
	if err := d.Err(); err != nil {
		return err
	}
	var err error = problems
	switch {
	case panicked != nil && panicked.Error() == text:
		err = panicked
	case len(problems) == 0 || problems.Error() != text:
		remote := newRemoteError(text, is, problems)
		if panicked != nil {
			remote.is = append(remote.is, panicked)
		}
		err = remote
	}
	if marks&markInvalid != 0 {
		err = plugin.Invalid("%w", err)
	}
	if marks&markRetryable != 0 {
		err = plugin.Retryable(err)
	}
	return err
}
