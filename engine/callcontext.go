package engine

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"github.com/scriptd/scriptd/engine/runtime"
)

// callContext is the context of a call. It does what context.WithDeadline does and costs less, which is felt in every
// call: it has no timer of its own, but its plugin's clock; it registers with the caller's context only where somebody waits
// for its end, or the call is not over soon; and it has a channel only where somebody asks for one.
type callContext struct {
	context.Context // the caller's
	began, deadline time.Time
	// mayEnd: the caller's context is one that can end.
	mayEnd bool
	// isCut: it ended because its version did.
	isCut atomic.Bool

	err atomic.Pointer[error] // nil until it has ended

	mu     sync.Mutex
	done   chan struct{} // nil until somebody asks
	afters map[*func()]struct{}
	// hooked: the end of the caller's context is heard of; unhook takes that back.
	hooked bool
	unhook func() bool

	// Its place in a clock, which guards it.
	next, before *callContext
	queued       bool
}

// start makes a context that ends with the caller's, or when the clock says so that it is entered in. It is done with by end.
func (c *callContext) start(ctx context.Context, began time.Time, limit time.Duration) {
	c.Context, c.began, c.deadline = ctx, began, began.Add(limit)
	c.mayEnd = ctx.Done() != nil
}

// hook has the context end as soon as the caller's does.
func (c *callContext) hook() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.hooked || !c.mayEnd || c.err.Load() != nil {
		return
	}
	c.hooked = true
	c.unhook = context.AfterFunc(c.Context, func() {
		err := c.Context.Err()
		c.cancel(&err)
	})
}

// cancel ends the context, once.
func (c *callContext) cancel(err *error) {
	c.mu.Lock()
	if !c.err.CompareAndSwap(nil, err) {
		c.mu.Unlock()
		return
	}
	if c.done != nil {
		close(c.done)
	}
	afters, unhook := c.afters, c.unhook
	c.afters, c.unhook = nil, nil
	c.mu.Unlock()
	if unhook != nil {
		unhook()
	}
	for f := range afters {
		go (*f)()
	}
}

var canceled, exceeded = context.Canceled, context.DeadlineExceeded

// end frees what the context holds.
func (c *callContext) end() { c.cancel(&canceled) }

// expire ends the context because its time is over.
func (c *callContext) expire() { c.cancel(&exceeded) }

// cut ends the context because the version that it is for ends.
func (c *callContext) cut() {
	c.isCut.Store(true)
	c.cancel(&canceled)
}

// alarm has the context end in time while no clock does. Stop takes that back.
func (c *callContext) alarm() (stop func() bool) {
	return time.AfterFunc(time.Until(c.deadline), c.expire).Stop
}

// Deadline implements context.Context: the caller's where that is sooner.
func (c *callContext) Deadline() (time.Time, bool) {
	if d, ok := c.Context.Deadline(); ok && d.Before(c.deadline) {
		return d, true
	}
	return c.deadline, true
}

// Done implements context.Context.
func (c *callContext) Done() <-chan struct{} {
	c.hook()
	return c.over()
}

// over is Done for who does not mind to hear of the caller a moment later.
func (c *callContext) over() <-chan struct{} {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.done == nil {
		c.done = make(chan struct{})
		if c.err.Load() != nil {
			close(c.done)
		}
	}
	return c.done
}

// Err implements context.Context.
func (c *callContext) Err() error {
	err := c.err.Load()
	if err == nil && c.mayEnd {
		if callers := c.Context.Err(); callers != nil {
			ended := callers // which costs memory only here
			c.cancel(&ended)
			err = c.err.Load()
		}
	}
	if err == nil {
		return nil
	}
	return *err
}

// Value implements context.Context. Who waits for the call itself gets along without a hook for the first moment.
func (c *callContext) Value(key any) any {
	if _, ok := key.(runtime.EndKey); ok {
		return c.over()
	}
	return c.Context.Value(key)
}

// AfterFunc is what package context asks for, so that contexts derived from this one need no goroutine.
func (c *callContext) AfterFunc(f func()) (stop func() bool) {
	c.hook()
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.err.Load() != nil {
		go f()
		return func() bool { return false }
	}
	if c.afters == nil {
		c.afters = make(map[*func()]struct{})
	}
	key := &f
	c.afters[key] = struct{}{}
	return func() bool {
		c.mu.Lock()
		defer c.mu.Unlock()
		_, waiting := c.afters[key]
		delete(c.afters, key)
		return waiting
	}
}
