package carry

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"runtime/debug"
	"slices"
)

// Receive takes a message that the other end has sent, and does not keep it. It does not block: what is called runs on goroutines
// of its own. The error is for bytes that no other end sends, after which the session should be closed.
func (s *Session) Receive(message []byte) error {
	d := decoder{rest: message, memory: len(message)}
	kind, n := d.byte(), d.uint()
	if d.err != nil {
		return d.err
	}
	switch kind {
	case messageAsk:
		return s.asks(n, &d)
	case messageAnswer:
		s.mu.Lock()
		defer s.mu.Unlock()
		if answer := s.answers[n]; answer != nil {
			delete(s.answers, n)
			answer <- append([]byte(nil), d.rest...)
		}
	case messageCancel:
		reason := d.byte()
		s.mu.Lock()
		end := s.running[n]
		s.mu.Unlock()
		if end != nil && d.err == nil {
			end(reason)
		}
	case messageRelease:
		s.mu.Lock()
		defer s.mu.Unlock()
		if t, ok := s.refs[n]; ok && t.scope == nil {
			delete(s.refs, n)
		}
	default:
		d.malformed("a message of the kind %d", kind)
	}
	return d.err
}

// question is a call of the other side.
type question struct {
	link   *Session
	number uint64
	target target
	method *Method
	ctx    context.Context //nolint:containedctx // of the call
	cancel context.CancelFunc
	args   []byte
	size   int // of the arguments
}

// asks begins a call of the other side.
func (s *Session) asks(n uint64, d *decoder) error {
	reference, method := d.uint(), d.uint()
	if d.err != nil {
		return d.err
	}
	q := &question{link: s, number: n}
	if !s.enter(len(d.rest)) {
		return q.refuse(errRunning)
	}
	q.size = len(d.rest)
	var err error
	if q.target, err = s.target(reference); err != nil {
		return q.refuse(err)
	}
	if q.target.ctx != nil {
		s.busy.Add(1)
		go func() { q.answer([]byte{answerResults, q.target.awaited(s.closed)}) }()
		return nil
	}
	q.method = q.target.method
	if p := q.target.plan; p != nil {
		if method >= uint64(len(p.methods)) {
			return q.refuse(ErrMissing)
		}
		q.method = p.methods[method]
	}
	l := d.limits()
	if d.err != nil {
		return d.err
	}
	ctx, end, cancel := l.context()
	s.mu.Lock()
	_, twice := s.running[n]
	busy := len(s.running) >= MaxCalls
	if !twice && !busy {
		s.running[n] = end
	}
	s.mu.Unlock()
	switch {
	case twice:
		cancel()
		d.malformed("two calls of one number")
		return d.err
	case busy:
		cancel()
		return q.refuse(ErrBusy)
	}
	q.ctx, q.cancel, q.args = ctx, cancel, append([]byte(nil), d.rest...)
	s.busy.Add(1)
	go q.run()
	return nil
}

// refuse answers a call that does not begin.
func (q *question) refuse(err error) error {
	q.link.busy.Add(1)
	go q.answer(appendAnswerError(&dynamics{opts: &Options{}}, err))
	return nil
}

// answer sends what the call came to. Nobody listens where the session has ended.
func (q *question) answer(b []byte) {
	defer q.link.busy.Add(-1)
	e := encoder{limit: DefaultMaxSize}
	e.byte(messageAnswer)
	q.link.leave(q.size)
	e.uint(q.number)
	head := slices.Clip(e.buf)
	if err := q.link.send(append(head, b...)); errors.Is(err, ErrTooLarge) {
		_ = q.link.send(append(head, appendAnswerError(&dynamics{opts: &Options{}}, err)...))
	}
}

// run calls, and answers whatever happens.
func (q *question) run() {
	scope := q.link.Begin()
	y := q.method.dynamics
	b := appendAnswerError(y, errGone)
	defer func() {
		if v := recover(); v != nil {
			b = appendAnswerPanic(y, v, string(debug.Stack()))
		}
		q.cancel()
		q.link.mu.Lock()
		delete(q.link.running, q.number)
		q.link.mu.Unlock()
		scope.End()
		q.answer(b)
	}()
	args, err := q.method.Args(q.ctx, scope, q.args)
	q.args = nil
	if err != nil {
		b = appendAnswerError(y, err)
		return
	}
	results := q.call(args)
	made, err := q.method.appendResults(scope, q.target.scope, []byte{answerResults}, args, results)
	if err != nil {
		made = appendAnswerError(y, err)
	}
	b = made
}

func (q *question) call(args []reflect.Value) []reflect.Value {
	f := q.target.value
	if q.target.plan != nil {
		f = f.Method(q.method.index)
	}
	if q.method.variadic {
		return f.CallSlice(args)
	}
	return f.Call(args)
}

func appendAnswerError(y *dynamics, err error) []byte {
	e := encoder{buf: []byte{answerError}, limit: DefaultMaxSize}
	y.appendError(&e, err)
	return e.buf
}

func appendAnswerPanic(y *dynamics, v any, stack string) []byte {
	e := encoder{buf: []byte{answerPanic}, limit: DefaultMaxSize}
	err, isError := v.(error)
	if p, again := v.(*PanicError); again {
		stack = p.Stack + "\n" + stack
	}
	e.string(fmt.Sprint(v))
	e.string(stack)
	if !isError {
		e.byte(errorNil)
		return e.buf
	}
	y.appendError(&e, err)
	return e.buf
}
