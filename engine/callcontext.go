package engine

import (
	"context"
	"sync"
	"time"
)

// callContext is the context of a call. It does what context.WithDeadline does and costs less, which is felt in every
// call: it has no timer of its own, but stands in a queue with the other calls of its plugin, see deadlines.
type callContext struct {
	context.Context // the caller's
	deadline        time.Time
	done            chan struct{}
	// unhook takes back what waits for the end of the caller's context.
	unhook func() bool

	mu     sync.Mutex
	err    error
	afters map[*func()]struct{}

	place link[*callContext] // in deadlines
}

// start makes the context end with the caller's. It is done with by end.
func (c *callContext) start(ctx context.Context, deadline time.Time) {
	c.Context, c.deadline, c.done, c.place.of = ctx, deadline, make(chan struct{}), c
	if ctx.Done() != nil {
		c.unhook = context.AfterFunc(ctx, func() { c.cancel(ctx.Err()) })
	}
}

// cancel ends the context, once.
func (c *callContext) cancel(err error) {
	c.mu.Lock()
	if c.err != nil {
		c.mu.Unlock()
		return
	}
	c.err = err
	close(c.done)
	afters := c.afters
	c.afters = nil
	c.mu.Unlock()
	for f := range afters {
		go (*f)()
	}
}

// end frees what the context holds.
func (c *callContext) end() {
	if c.unhook != nil {
		c.unhook()
	}
	c.cancel(context.Canceled)
}

// Deadline implements context.Context: the caller's where that is sooner.
func (c *callContext) Deadline() (time.Time, bool) {
	if d, ok := c.Context.Deadline(); ok && d.Before(c.deadline) {
		return d, true
	}
	return c.deadline, true
}

// Done implements context.Context.
func (c *callContext) Done() <-chan struct{} { return c.done }

// Err implements context.Context.
func (c *callContext) Err() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.err
}

// AfterFunc is what package context asks for, so that contexts derived from this one need no goroutine.
func (c *callContext) AfterFunc(f func()) (stop func() bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.err != nil {
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
