package main

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
)

// logger returns the log on stderr, at the level of the flag or else at level.
func (a *app) logger(level slog.Level) (*slog.Logger, error) {
	if a.logLevel != "" {
		if err := level.UnmarshalText([]byte(a.logLevel)); err != nil {
			return nil, fmt.Errorf("--log-level %q: want debug, info, warn or error", a.logLevel)
		}
	}
	opts := &slog.HandlerOptions{Level: level}
	switch a.logFormat {
	case "text":
		return slog.New(slog.NewTextHandler(a.stderr, opts)), nil
	case "json":
		return slog.New(slog.NewJSONHandler(a.stderr, opts)), nil
	default:
		return nil, fmt.Errorf("--log-format %q: want text or json", a.logFormat)
	}
}

// callLogger returns the log of a verb that reports by itself what is wrong with sources and packages: without
// --log-level it has only what plugins log in calls, from warnings on.
func (a *app) callLogger() (*slog.Logger, error) {
	log, err := a.logger(slog.LevelWarn)
	if err != nil || a.logLevel != "" {
		return log, err
	}
	return slog.New(callsOnly{Handler: log.Handler()}), nil
}

// callsOnly is a handler that drops what does not belong to a call.
type callsOnly struct {
	slog.Handler
	inCall bool
}

// Enabled implements slog.Handler.
func (h callsOnly) Enabled(ctx context.Context, level slog.Level) bool {
	return h.inCall && h.Handler.Enabled(ctx, level)
}

// WithAttrs implements slog.Handler. The engine marks the lines of a call with its number.
func (h callsOnly) WithAttrs(attrs []slog.Attr) slog.Handler {
	inCall := h.inCall || slices.ContainsFunc(attrs, func(a slog.Attr) bool { return a.Key == "call" })
	return callsOnly{h.Handler.WithAttrs(attrs), inCall}
}

// WithGroup implements slog.Handler.
func (h callsOnly) WithGroup(name string) slog.Handler {
	return callsOnly{h.Handler.WithGroup(name), h.inCall}
}
