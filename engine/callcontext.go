package engine

import (
	"context"
	"sync"
	"time"

	"github.com/scriptd/scriptd/engine/runtime"
)

// callContext is the context of a call. It does what context.WithDeadline does and costs less, which is felt in every
// call: it has no timer of its own, but stands in a queue with the other calls of its plugin (see deadlines); and it
// registers with the caller's context only where somebody waits for its end, or the call is not over soon.
type callContext struct {
	context.Context // the caller's
	deadline        time.Time
	done            chan struct{}

	mu     sync.Mutex
	err    error
	afters map[*func()]struct{}
	// hooked: the end of the caller's context is heard of; unhook takes that back.
	hooked bool
	unhook func() bool

	place, youth link[ticket] // among deadlines
}

// start makes a context that ends with the caller's. It is done with by end.
func (c *callContext) start(ctx context.Context, deadline time.Time) {
	c.Context, c.deadline, c.done = ctx, deadline, make(chan struct{})
	c.hooked = ctx.Done() == nil
}

// hook has the context end as soon as the caller's does.
func (c *callContext) hook() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.hooked || c.err != nil {
		return
	}
	c.hooked = true
	c.unhook = context.AfterFunc(c.Context, func() { c.cancel(c.Context.Err()) })
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

// end frees what the context holds.
func (c *callContext) end() { c.cancel(context.Canceled) }

// expire ends the context because its time is over.
func (c *callContext) expire() { c.cancel(context.DeadlineExceeded) }

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
	return c.done
}

// Err implements context.Context.
func (c *callContext) Err() error {
	c.mu.Lock()
	err, hooked := c.err, c.hooked
	c.mu.Unlock()
	if err == nil && !hooked {
		if err = c.Context.Err(); err != nil {
			c.cancel(err)
		}
	}
	return err
}

// Value implements context.Context. Who waits for the call itself gets along without a hook for the first moment.
func (c *callContext) Value(key any) any {
	if _, ok := key.(runtime.EndKey); ok {
		return (<-chan struct{})(c.done)
	}
	return c.Context.Value(key)
}

// AfterFunc is what package context asks for, so that contexts derived from this one need no goroutine.
func (c *callContext) AfterFunc(f func()) (stop func() bool) {
	c.hook()
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
