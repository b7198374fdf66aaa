package carry

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"sync"
	"sync/atomic"
	"time"
)

const (
	// MaxCalls bounds how many calls over a session run at the same time, in each direction.
	MaxCalls = 1024
	// maxReferences bounds how many functions and interfaces the other side may hold.
	maxReferences = 1 << 16
)

// ErrBusy is the error of one call too many.
var ErrBusy = fmt.Errorf("more than %d calls at the same time", MaxCalls)

// Session is one of the two ends that call each other's functions and interfaces. It is safe for concurrent use.
//
// What carries it is any channel that brings whole messages in both directions, in the order in which they were sent:
//
//	session := carry.NewSession(func(message []byte) error { … })
//	err := session.Receive(message) // what the other end has sent
type Session struct {
	measures
	send   func([]byte) error
	closed chan struct{}
	busy   atomic.Int64 // calls of the other side, until they are answered

	mu       sync.Mutex
	patience time.Duration
	cause    error
	last     uint64 // the number of the newest reference
	refs     map[uint64]target
	asked    uint64 // the number of the newest call
	answers  map[uint64]chan []byte
	running  map[uint64]func(reason byte) // calls of the other side
	lent     map[uint64]error             // errors of this side that may come back
}

// target is what the other side has a reference to: an interface, a function, or a context.
type target struct {
	plan   *Plan
	method *Method // of a function
	value  reflect.Value
	ctx    context.Context //nolint:containedctx // its end is what the other side hears of
	scope  *Scope          // nil is as long as the session
}

// NewSession returns a session that sends with send, which must not keep the message, is called by many goroutines, and may block as
// long as it takes to send.
func NewSession(send func(message []byte) error) *Session {
	return &Session{
		send: send, closed: make(chan struct{}), refs: make(map[uint64]target), answers: make(map[uint64]chan []byte),
		running: make(map[uint64]func(byte)),
	}
}

// SetPatience bounds how long calls wait for an answer after their contexts have ended. Zero, as it is first, is no bound.
func (s *Session) SetPatience(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.patience = d
}

// Busy counts the calls of the other side that are not answered yet. Another end of this package has at most MaxCalls of them,
// but for a moment.
func (s *Session) Busy() int { return int(s.busy.Load()) }

// Close ends the session: calls in both directions fail, with an error that wraps the cause and ErrClosed, and their contexts end. A
// nil cause is none. Only the first Close does anything.
func (s *Session) Close(cause error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.cause != nil {
		return
	}
	s.cause = ErrClosed
	if cause != nil {
		s.cause = &closedError{cause}
	}
	close(s.closed)
	s.refs = nil
	for _, end := range s.running {
		end(reasonCancelled)
	}
}

// closedError is ErrClosed with why.
type closedError struct{ cause error }

func (e *closedError) Error() string { return e.cause.Error() }

func (e *closedError) Unwrap() []error { return []error{e.cause, ErrClosed} }

// Err is why the session is closed; nil while it is not.
func (s *Session) Err() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.cause
}

// Offer gives the other side a reference to a value that implements the interface of the plan. It lasts as long as the session, or
// until the other side has no more use for it.
func (s *Session) Offer(p *Plan, value reflect.Value) (uint64, error) {
	return s.export(target{plan: p, value: value})
}

// Value returns a value whose methods are called on the other side, which has offered it.
func (s *Session) Value(p *Plan, reference uint64) (reflect.Value, error) {
	if p.wrapper == nil {
		_, err := p.opts.wrapper(p.Type)
		return reflect.Value{}, errors.Join(err)
	}
	d := decoder{rest: binaryUint(reference), link: s}
	return d.remote().make(p), nil
}

func (s *Session) export(t target) (uint64, error) {
	if t.ctx == nil {
		typ := t.value.Type()
		if t.plan != nil {
			typ = t.plan.Type
		}
		held := reflect.New(typ).Elem() // which nobody changes
		held.Set(t.value)
		t.value = held
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.cause != nil:
		return 0, s.cause
	case len(s.refs) >= maxReferences:
		return 0, fmt.Errorf("more than %d functions and interfaces are held by the other side", maxReferences)
	}
	s.last++
	s.refs[s.last] = t
	if t.scope != nil {
		t.scope.refs = append(t.scope.refs, s.last)
	}
	return s.last, nil
}

// target returns what a reference of the other side is to.
func (s *Session) target(id uint64) (target, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.cause != nil {
		return target{}, s.cause
	}
	t, ok := s.refs[id]
	if !ok {
		return target{}, ErrEnded
	}
	return t, nil
}

// release tells the other side that a reference is not needed any more. It is a cleanup, which must not block.
func (s *Session) release(id uint64) {
	select {
	case <-s.closed:
		return
	default:
	}
	go func() {
		e := encoder{limit: chunk}
		e.byte(messageRelease)
		e.uint(id)
		_ = s.send(e.buf) // a session that has ended holds nothing
	}()
}

// Scope is a call, as one side sees it: what it has given to the other as an argument may be used until End. It is used by one
// goroutine at a time, but for what was given.
type Scope struct {
	link  *Session
	ended atomic.Bool
	over  chan struct{} // closed by End; nil where nobody waits for it
	stops []func()
	via   func(message []byte) error // nil is the session's

	refs, lent []uint64 // guarded by the lock of the session
}

// Begin returns the scope of a call. It is to be ended.
func (s *Session) Begin() *Scope { return &Scope{link: s} }

// Via has calls of what was given go another way than that of the session, which is shorter while the call runs. It comes before
// anything is given.
func (c *Scope) Via(send func(message []byte) error) { c.via = send }

func (c *Scope) session() *Session {
	if c == nil {
		return nil
	}
	return c.link
}

// ending returns a channel that is closed by End.
func (c *Scope) ending() chan struct{} {
	if c.over == nil {
		c.over = make(chan struct{})
	}
	return c.over
}

// End makes what was given as an argument of no use any more. A nil scope has nothing.
func (c *Scope) End() {
	if c == nil || c.ended.Swap(true) {
		return
	}
	for _, stop := range c.stops {
		stop()
	}
	if c.over != nil {
		close(c.over)
	}
	c.link.mu.Lock()
	defer c.link.mu.Unlock()
	for _, id := range c.refs {
		delete(c.link.refs, id)
	}
	for _, id := range c.lent {
		delete(c.link.lent, id)
	}
}
