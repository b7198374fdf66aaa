package engine

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/scriptd/scriptd/plugin"
)

type (
	progressKey struct{}
	logKey      struct{}
)

// WithLog returns a context whose calls pass what their plugins log to h too, beside the engine's logger.
func WithLog(ctx context.Context, h slog.Handler) context.Context {
	return context.WithValue(ctx, logKey{}, h)
}

// WithProgress returns a context whose calls report the progress of their plugin to f, which must allow concurrent
// calls and return soon.
func WithProgress(ctx context.Context, f func(done, total int, note string)) context.Context {
	return context.WithValue(ctx, progressKey{}, f)
}

// Call runs a plugin. Params holds JSON values, or anything that encodes to JSON; nil is none. What the plugin answered,
// failure included, is in the result. The error is the host's: see ErrNotFound and its neighbours. A call that times
// out or is cancelled returns at once; a plugin that does not heed its context goes on until it ends by itself.
func (e *Engine) Call(ctx context.Context, name string, params map[string]any) (plugin.Result, error) {
	start := time.Now()
	target, err := e.pin(name)
	if err != nil {
		return plugin.Result{}, err
	}
	defer target.gen.unpin()
	filled, faults := target.schema.Apply(params)
	if len(faults) > 0 {
		return plugin.Result{}, &InvalidError{Plugin: name, Fields: faults}
	}
	limit := e.timeout(target)
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	if err := target.enter(ctx); err != nil {
		return plugin.Result{}, fmt.Errorf("call %s: %w", name, err)
	}
	defer target.leave()
	res, err := target.gen.inst.Call(e.withCall(ctx, target), name, filled)
	if err == nil && !res.Success {
		err = ctx.Err() // a plugin that heeds its context, and one that does not, come to the same
	}
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		return plugin.Result{}, fmt.Errorf("call %s: %w after %s", name, ErrTimeout, time.Since(start).Round(time.Millisecond))
	case err != nil:
		return plugin.Result{}, fmt.Errorf("call %s: %w", name, err)
	}
	res.Plugin, res.Revision, res.Digest = name, target.gen.revision, target.gen.digest
	res.DurationMS = float64(time.Since(start).Microseconds()) / 1000
	return res, nil
}

// pin finds a plugin and keeps its generation open.
func (e *Engine) pin(name string) (*entry, error) {
	for {
		r := e.registry.Load()
		if r == nil {
			return nil, fmt.Errorf("plugin %s: %w", name, ErrClosed)
		}
		target := (*r)[name]
		if target == nil {
			return nil, fmt.Errorf("%w: %s", ErrNotFound, name)
		}
		if target.gen.pin() {
			return target, nil
		} // retired in between: another registry is there
	}
}

// timeout is the shortest of those that the plugin and its package ask for, else the engine's.
func (e *Engine) timeout(target *entry) time.Duration {
	limit := target.plugin.Timeout
	if t := target.gen.timeout; t > 0 && (limit == 0 || t < limit) {
		limit = t
	}
	if limit == 0 {
		limit = e.opts.CallTimeout
	}
	return limit
}

// enter waits for a place among the calls of a plugin that may run at a time.
func (target *entry) enter(ctx context.Context) error {
	if target.slots == nil {
		return nil
	}
	select {
	case target.slots <- struct{}{}:
		return nil
	case <-ctx.Done():
		if errors.Is(ctx.Err(), context.Canceled) {
			return ctx.Err()
		}
		return fmt.Errorf("%w: %d calls are running", ErrBusy, cap(target.slots))
	}
}

func (target *entry) leave() {
	if target.slots != nil {
		<-target.slots
	}
}

// withCall gives the plugin what plugin.Log and plugin.Progress need.
func (e *Engine) withCall(ctx context.Context, target *entry) context.Context {
	progress, _ := ctx.Value(progressKey{}).(func(done, total int, note string))
	g := target.gen
	return plugin.WithCall(ctx, &plugin.Call{
		Log: e.log.With(slog.String("plugin", target.plugin.Name), slog.String("package", g.source+"/"+g.path),
			slog.String("revision", g.revision), slog.Uint64("call", e.calls.Add(1))),
		Progress: progress,
	})
}
