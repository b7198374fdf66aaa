package plugin

import (
	"context"
	"log/slog"
)

// Call is what a running call knows of its surroundings. The engine puts one into the context of each call.
type Call struct {
	// Log is the logger that Log returns.
	Log *slog.Logger
	// Progress receives what the handler reports through Progress. It may be nil, and must allow concurrent calls.
	Progress func(done, total int, note string)
}

type callKey struct{}

// WithCall returns a context that carries c. Plugins do not need it, except in tests.
func WithCall(ctx context.Context, c *Call) context.Context { return &callContext{ctx, c} }

// callContext is context.WithValue for a Call, and passes on that a context can tell of its end without a goroutine.
type callContext struct {
	context.Context
	call *Call
}

// Value implements context.Context.
func (c *callContext) Value(key any) any {
	if _, ok := key.(callKey); ok {
		return c.call
	}
	return c.Context.Value(key)
}

// AfterFunc is what package context asks for when a context is derived from this one.
func (c *callContext) AfterFunc(f func()) (stop func() bool) { return context.AfterFunc(c.Context, f) }

// CallFrom returns the Call that ctx carries, or nil.
func CallFrom(ctx context.Context) *Call {
	c, _ := ctx.Value(callKey{}).(*Call)
	return c
}

// Log returns the logger of the call that ctx belongs to: its lines carry the plugin, the package, the revision and
// the call. Outside a call it is slog.Default.
func Log(ctx context.Context) *slog.Logger {
	if c := CallFrom(ctx); c != nil && c.Log != nil {
		return c.Log
	}
	return slog.Default()
}

// Progress reports that done of total steps are behind the call, with a note on what it is doing. A total of zero or
// less means that nobody knows. It never blocks for long and may be called from several goroutines.
func Progress(ctx context.Context, done, total int, note string) {
	if c := CallFrom(ctx); c != nil && c.Progress != nil {
		c.Progress(done, total, note)
	}
}
