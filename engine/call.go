package engine

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"reflect"
	"time"

	"github.com/cenkalti/backoff/v5"

	"github.com/scriptd/scriptd/engine/runtime"
	"github.com/scriptd/scriptd/plugin"
)

// wishes are what a caller wants to hear of its calls.
type wishes struct {
	progress func(done, total int, note string)
	log      slog.Handler
}

type wishesKey struct{}

func wishesOf(ctx context.Context) wishes {
	w, _ := ctx.Value(wishesKey{}).(wishes)
	return w
}

// WithProgress returns a context whose calls report the progress of their plugin to f, which must allow concurrent
// calls and return soon.
func WithProgress(ctx context.Context, f func(done, total int, note string)) context.Context {
	w := wishesOf(ctx)
	w.progress = f
	return context.WithValue(ctx, wishesKey{}, w)
}

// WithLog returns a context whose calls pass what their plugins log to h too, beside the engine's logger.
func WithLog(ctx context.Context, h slog.Handler) context.Context {
	w := wishesOf(ctx)
	w.log = h
	return context.WithValue(ctx, wishesKey{}, w)
}

// Call runs a plugin. Params holds JSON values, or anything that encodes to JSON; nil is none. What the plugin answered,
// failure included, is in the result. The error is the host's: see ErrNotFound and its neighbours. A call that times
// out or is cancelled returns at once; a plugin that does not heed its context is stopped after the grace of its policy.
func (e *Engine) Call(ctx context.Context, name string, params map[string]any) (plugin.Result, error) {
	c := &call{engine: e, name: name, number: e.calls.Add(1)}
	c.began = time.Now()
	res, err := c.run(ctx, params)
	c.finish(res, err)
	return res, err
}

// invoke is Call for a method of a contract.
func (c *call) invoke(ctx context.Context) ([]reflect.Value, error) {
	c.began = time.Now()
	res, err := c.run(ctx, nil)
	if errors.Is(err, errOlder) {
		return nil, err // another call is made
	}
	c.finish(res, err)
	return c.typed.out, err
}

// call is a call of a plugin while it runs.
type call struct {
	engine *Engine
	name   string
	number uint64
	// target is what answers, params what it is given, valid under its schema.
	target *entry
	params map[string]any
	// typed is what a call of a contract's method is, nil for that of a plugin.
	typed *invocation
	// limited: the caller gives as much time as the plugin may take.
	limited bool

	callContext
	seen   plugin.Call // what the plugin sees of it
	log    callLog
	logger slog.Logger // to log
}

func (c *call) run(ctx context.Context, params map[string]any) (plugin.Result, error) {
	if err := c.find(params); err != nil {
		return plugin.Result{}, err
	}
	c.start(ctx, c.began, c.target.clock.limit)
	defer c.end()
	d, ok := ctx.Deadline()
	c.limited = !ok || !d.Before(c.deadline)
	res, err := c.attempt(params)
	if again := c.target.gen.policy.Retry; again.Attempts > 1 && (c.typed == nil || c.typed.repeatable()) {
		res, err = c.retry(params, again, res, err)
	}
	if err != nil {
		return plugin.Result{}, c.fault(err)
	}
	if c.typed == nil { // whose caller gets no envelope
		res.Plugin, res.Revision, res.Digest = c.name, c.target.revision, c.target.digest
		res.DurationMS = c.milliseconds()
	}
	return res, nil
}

// milliseconds is how long the call has taken.
func (c *call) milliseconds() float64 { return float64(time.Since(c.began).Microseconds()) / 1000 }

// find looks for the plugin and checks the parameters.
func (c *call) find(params map[string]any) error {
	find := c.engine.find
	if c.typed != nil {
		find = c.engine.findImplementation
	}
	target, err := find(c.name)
	if err != nil || target == c.target {
		return err
	}
	c.target = target
	if c.typed != nil {
		return c.typed.suits(target)
	}
	filled, faults := target.schema.Apply(params)
	if len(faults) > 0 {
		return &InvalidError{Plugin: c.name, Fields: faults}
	}
	c.params = filled
	return nil
}

// find returns the plugin of a name as it is now.
func (e *Engine) find(name string) (*entry, error) {
	r := e.registry.Load()
	if r == nil {
		return nil, fmt.Errorf("plugin %s: %w", name, ErrClosed)
	}
	target := (*r)[name]
	if target == nil || target.impl != nil {
		return nil, e.missing(name)
	}
	return target, target.out
}

// findImplementation returns the implementation of a key as it is now.
func (e *Engine) findImplementation(key string) (*entry, error) {
	r := e.registry.Load()
	if r == nil {
		return nil, fmt.Errorf("plugin %s: %w", key, ErrClosed)
	}
	target := (*r)[key]
	if target == nil || target.impl == nil {
		return nil, e.missing(key)
	}
	return target, target.out
}

// missing is why there is no plugin of a name.
func (e *Engine) missing(name string) error {
	if e.opts.Role == RoleSync {
		return fmt.Errorf("plugin %s: %w", name, ErrSyncs)
	}
	return fmt.Errorf("%w: %s", ErrNotFound, name)
}

// attempt calls the plugin once.
func (c *call) attempt(params map[string]any) (plugin.Result, error) {
	if err := c.pin(params); err != nil {
		return plugin.Result{}, err
	}
	target := c.target
	timed := c.typed == nil || !c.typed.brief(target) // else it is over before a clock could tell
	if timed {
		target.clock.enter(&c.callContext)
	}
	defer func() {
		if timed {
			target.clock.leave(&c.callContext)
		}
		target.gen.unpin()
		target.slots.leave()
	}()
	c.started()
	res, err := c.answer(target)
	if err == nil && timed {
		err = c.Err() // a plugin that heeds its context, and one that does not, come to the same, whatever it answers
	}
	return res, err
}

// answer has the target answer.
func (c *call) answer(target *entry) (plugin.Result, error) {
	if t := c.typed; t != nil {
		return t.answer(c.forPlugin(), target)
	}
	return target.gen.inst.Call(c.forPlugin(), c.name, c.params)
}

// pin waits for a place, and keeps the version open that is live then.
func (c *call) pin(params map[string]any) error {
	for {
		slots := c.target.slots
		if err := slots.enter(&c.callContext); err != nil {
			return err
		}
		if slots != nil { // others may have gone live meanwhile
			if err := c.find(params); err != nil {
				slots.leave()
				return err
			}
		}
		if c.target.slots == slots && c.target.gen.pin() {
			return nil
		}
		slots.leave()
		// It was retired in between: another one is there.
		if err := c.find(params); err != nil {
			return err
		}
	}
}

// retry tries again while that may help.
func (c *call) retry(params map[string]any, policy Retry, res plugin.Result, err error) (plugin.Result, error) {
	wait := backoff.NewExponentialBackOff()
	wait.InitialInterval, wait.MaxInterval = policy.Backoff, max(30*time.Second, policy.Backoff)
	wait.Multiplier, wait.RandomizationFactor = 2, 0.5
	defer c.alarm()()
	for try := 1; try < policy.Attempts && worthARetry(res, err) && c.Err() == nil; try++ {
		timer := time.NewTimer(wait.NextBackOff())
		select {
		case <-timer.C:
		case <-c.Done():
			timer.Stop()
			return res, err // which says more than that time is up
		}
		if findErr := c.find(params); findErr != nil {
			return res, err
		}
		res, err = c.attempt(params)
	}
	return res, err
}

// worthARetry reports whether the same call may succeed when it is tried again.
func worthARetry(res plugin.Result, err error) bool {
	if err == nil {
		return !res.Success && res.Retry
	}
	return errors.Is(err, runtime.ErrStopped) || errors.Is(err, ErrCrashed)
}

// fault is the error of a call that was not answered, as callers get it.
func (c *call) fault(err error) error {
	switch {
	case errors.Is(err, ErrNotFound), errors.Is(err, ErrClosed), errors.Is(err, errOlder), errors.Is(err, ErrVersion):
		return err
	case c.isCut.Load(), errors.Is(err, runtime.ErrStopped):
		err = ErrStopped
	case errors.Is(err, context.DeadlineExceeded):
		took := time.Since(c.began).Round(time.Millisecond)
		if err = fmt.Errorf("%w after %s", ErrTimeout, took); c.typed != nil { // as methods tell, too
			err = fmt.Errorf("%w after %s: %w", ErrTimeout, took, context.DeadlineExceeded)
		}
	case errors.Is(err, context.Canceled) && c.Err() != nil:
		err = c.Err()
	}
	what := c.name
	if c.typed != nil {
		what += "." + c.typed.of().Name
	}
	return fmt.Errorf("call %s: %w", what, err)
}

// forPlugin returns the call's context, with what plugin.Log and plugin.Progress need.
func (c *call) forPlugin() context.Context {
	w := wishesOf(c.Context)
	if c.log.call != nil { // it is tried again, and something of the call before may still run
		seen := &plugin.Call{Progress: w.progress, Log: slog.New(&callLog{call: c, target: c.target, also: w.log})}
		return plugin.WithCall(&c.callContext, seen)
	}
	c.log.call, c.log.target, c.log.also = c, c.target, w.log
	c.logger = *slog.New(&c.log)
	c.seen.Progress, c.seen.Log = w.progress, &c.logger
	return plugin.WithCall(&c.callContext, &c.seen)
}
