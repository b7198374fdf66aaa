package engine

import (
	"context"
	"errors"
	"log/slog"
	"sync"
)

// callLog is the handler of a call's logger. It is cheap to make, since most calls do not log: what marks the lines of a
// call is put together at the first of them. The lines go to the engine's log, and to the caller where that wants them.
type callLog struct {
	call   *call
	target *entry
	also   slog.Handler // of the caller, or nil

	once sync.Once
	log  slog.Handler
}

var _ slog.Handler = (*callLog)(nil)

// handler is the engine's, with the attributes of the call.
func (h *callLog) handler() slog.Handler {
	h.once.Do(func() {
		g := h.target.gen
		h.log = h.call.engine.log.Handler().WithAttrs([]slog.Attr{
			slog.String("plugin", h.call.name), slog.String("package", g.name()),
			slog.String("revision", h.target.revision), slog.Uint64("call", h.call.number),
		})
	})
	return h.log
}

func (h *callLog) both() tee { return tee{h.handler(), h.also} }

// Enabled implements slog.Handler.
func (h *callLog) Enabled(ctx context.Context, level slog.Level) bool {
	return h.both().Enabled(ctx, level)
}

// Handle implements slog.Handler.
func (h *callLog) Handle(ctx context.Context, r slog.Record) error { return h.both().Handle(ctx, r) }

// WithAttrs implements slog.Handler.
func (h *callLog) WithAttrs(attrs []slog.Attr) slog.Handler { return h.both().WithAttrs(attrs) }

// WithGroup implements slog.Handler.
func (h *callLog) WithGroup(name string) slog.Handler { return h.both().WithGroup(name) }

// tee hands lines to two handlers, of which the second may be nil.
type tee [2]slog.Handler

// Enabled implements slog.Handler.
func (t tee) Enabled(ctx context.Context, level slog.Level) bool {
	return t[0].Enabled(ctx, level) || t[1] != nil && t[1].Enabled(ctx, level)
}

// Handle implements slog.Handler.
func (t tee) Handle(ctx context.Context, r slog.Record) error {
	var errs []error
	for _, h := range t {
		if h != nil && h.Enabled(ctx, r.Level) {
			errs = append(errs, h.Handle(ctx, r.Clone()))
		}
	}
	return errors.Join(errs...)
}

// WithAttrs implements slog.Handler.
func (t tee) WithAttrs(attrs []slog.Attr) slog.Handler {
	return t.each(func(h slog.Handler) slog.Handler { return h.WithAttrs(attrs) })
}

// WithGroup implements slog.Handler.
func (t tee) WithGroup(name string) slog.Handler {
	return t.each(func(h slog.Handler) slog.Handler { return h.WithGroup(name) })
}

func (t tee) each(f func(slog.Handler) slog.Handler) slog.Handler {
	for i, h := range t {
		if h != nil {
			t[i] = f(h)
		}
	}
	return t
}
