package carry

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"time"
)

// The messages of a session.
const (
	messageAsk     byte = iota + 1 // the number of the call, the reference and the method; the limits of its context, and its arguments
	messageAnswer                  // the number of the call, and what it came to
	messageCancel                  // the number of the call, and the reason
	messageRelease                 // the reference
)

// What a call came to.
const (
	answerResults byte = iota
	answerError
	answerPanic
)

// PanicError is what a function that panics on the other side panics with on this one.
type PanicError struct {
	// Value is the text of what it panicked with, Stack where.
	Value, Stack string
	// Err is what it panicked with, where that is an error.
	Err error
}

func (e *PanicError) Error() string { return e.Value }

// Unwrap returns Err.
func (e *PanicError) Unwrap() error { return e.Err }

// call calls a method of the other side. It returns the results, and panics where the method has no error to return.
func (r *remote) call(m *Method, args []reflect.Value) []reflect.Value {
	results, err := r.invoke(m, args)
	if err != nil {
		return m.Failed(err)
	}
	return results
}

func (r *remote) invoke(m *Method, args []reflect.Value) ([]reflect.Value, error) {
	if m.streams() {
		return r.stream(m, args)
	}
	return r.ask(m, args)
}

// ask calls, and waits for what the call comes to. A context that ends is told of, and the answer is waited for all the same, as it
// would be if the method were here.
func (r *remote) ask(m *Method, args []reflect.Value) ([]reflect.Value, error) {
	if err := r.over(); err != nil {
		return nil, err
	}
	if m.Missing() {
		return nil, fmt.Errorf("%s: %w", m.Name, ErrMissing)
	}
	ctx := context.Background()
	if m.Context >= 0 {
		if given, ok := reflect.TypeAssert[context.Context](args[m.Context]); ok {
			ctx = given
		}
	}
	scope := r.link.Begin()
	defer scope.End()
	e := encoder{limit: chunk}
	n, err := r.link.question(&e, r.id, m.there)
	if err != nil {
		return nil, err
	}
	e.limits(limitsOf(ctx))
	b, err := m.AppendArgs(scope, e.buf, args)
	if err != nil {
		r.link.forget(n)
		return nil, err
	}
	b, err = r.way().answer(ctx, n, b)
	if err != nil {
		return nil, err
	}
	if m.Name == "Close" && len(args) == 0 {
		r.grip.loose()
	}
	return r.results(scope, m, b, args)
}

// results takes an answer apart.
func (r *remote) results(scope *Scope, m *Method, b []byte, args []reflect.Value) ([]reflect.Value, error) {
	if len(b) > 0 && b[0] == answerResults {
		return m.Results(scope, b[1:], args)
	}
	y, d := m.dynamics, m.decoder(b)
	switch d.byte() {
	case answerError:
		if err := y.takeError(&d); err != nil {
			return nil, err
		}
	case answerPanic:
		e := &PanicError{Value: d.string(), Stack: d.string()}
		if e.Err = y.takeError(&d); d.err == nil {
			return nil, e
		}
	}
	d.malformed("an answer that is none")
	return nil, d.err
}

// question begins a message that asks, and returns its number.
func (s *Session) question(e *encoder, reference uint64, method int) (uint64, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.cause != nil:
		return 0, s.cause
	case len(s.answers) >= MaxCalls:
		return 0, ErrBusy
	}
	s.asked++
	s.answers[s.asked] = make(chan []byte, 1)
	e.byte(messageAsk)
	e.uint(s.asked)
	e.uint(reference)
	e.uint(uint64(method))
	return s.asked, nil
}

func (s *Session) forget(n uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.answers, n)
}

// answer sends a question, and returns the answer.
func (s way) answer(ctx context.Context, n uint64, question []byte) ([]byte, error) {
	s.mu.Lock()
	answer, patience := s.answers[n], s.patience
	s.mu.Unlock()
	defer s.forget(n)
	if err := s.send(question); err != nil {
		if closed := s.Err(); closed != nil {
			return nil, closed
		}
		return nil, fmt.Errorf("call the other side: %w", err)
	}
	done := ctx.Done()
	var over <-chan time.Time
	for {
		select {
		case b := <-answer:
			return b, nil
		case <-over:
			return nil, fmt.Errorf("%w, and the other side has not answered", ctx.Err())
		case <-done:
			done = nil
			e := encoder{limit: chunk}
			e.byte(messageCancel)
			e.uint(n)
			e.byte(reasonOf(ctx.Err()))
			_ = s.send(e.buf) // a session that has ended tells of it
			if patience > 0 {
				over = time.After(patience)
			}
		case <-s.closed:
			select {
			case b := <-answer:
				return b, nil
			default:
				return nil, s.Err()
			}
		}
	}
}

// streams reports whether a method moves bytes that may be many, which go in chunks.
func (m *Method) streams() bool {
	return m.fills || m.Name == "Write" && len(m.in) == 1 && len(m.out) == 2 && m.typ.In(0) == bytesType &&
		m.typ.Out(0) == intType && m.typ.Out(1) == errorType
}

// stream calls Read, ReadAt or Write, which other calls of the other side do not wait for longer than a chunk takes.
func (r *remote) stream(m *Method, args []reflect.Value) ([]reflect.Value, error) {
	p := args[0].Bytes()
	if len(p) <= chunk {
		return r.ask(m, args)
	}
	args = append([]reflect.Value(nil), args...)
	total := 0
	for {
		part := p[total:min(total+chunk, len(p))]
		args[0] = reflect.ValueOf(part)
		results, err := r.ask(m, args)
		if err != nil {
			return nil, err
		}
		n := int(results[0].Int())
		total += n
		if m.Name == "Read" || !results[1].IsNil() || n < len(part) || total == len(p) {
			results[0] = reflect.ValueOf(total)
			return results, nil
		}
		if m.Name == "ReadAt" {
			args[1] = reflect.ValueOf(args[1].Int() + int64(n))
		}
	}
}

// errGone is the error of a call whose goroutine ended without returning.
var errGone = errors.New("the goroutine of the call has ended")
