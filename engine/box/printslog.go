package box

import (
	"context"
	"fmt"
	"log/slog"
	"reflect"
)

// slogFuncs returns the stand-ins for functions and methods of slog that take any value: its handlers look for methods
// that a Box does not have.
func (p *Program) slogFuncs() map[string]any {
	funcs := map[string]any{
		"log/slog.Default": func() *slog.Logger { return p.logger(context.Background()) },
		"log/slog.LogAttrs": func(ctx context.Context, level slog.Level, msg string, attrs ...slog.Attr) {
			p.logger(ctx).LogAttrs(ctx, level, msg, attrs...)
		},
		"log/slog.Any":      func(key string, v any) slog.Attr { return slog.Any(key, p.logged(v)) },
		"log/slog.AnyValue": func(v any) slog.Value { return slog.AnyValue(p.logged(v)) },
		"log/slog.Group":    func(key string, a ...any) slog.Attr { a = p.loggedAll(a); return slog.Group(key, a...) },
		"log/slog.With":     func(a ...any) *slog.Logger { a = p.loggedAll(a); return p.logger(context.Background()).With(a...) },
		"log/slog.Log": func(ctx context.Context, level slog.Level, msg string, a ...any) {
			p.logger(ctx).Log(ctx, level, msg, p.loggedAll(a)...)
		},

		"(*log/slog.Logger).With": func(l *slog.Logger, a ...any) *slog.Logger { return l.With(p.loggedAll(a)...) },
		"(*log/slog.Logger).Log": func(l *slog.Logger, ctx context.Context, level slog.Level, msg string, a ...any) {
			l.Log(ctx, level, msg, p.loggedAll(a)...)
		},
		"(*log/slog.Record).Add": func(r *slog.Record, a ...any) { r.Add(p.loggedAll(a)...) },
	}
	for name, level := range map[string]slog.Level{
		"Debug": slog.LevelDebug, "Info": slog.LevelInfo, "Warn": slog.LevelWarn, "Error": slog.LevelError,
	} {
		funcs["log/slog."+name] = func(msg string, a ...any) {
			ctx := context.Background()
			p.logger(ctx).Log(ctx, level, msg, p.loggedAll(a)...)
		}
		funcs["log/slog."+name+"Context"] = func(ctx context.Context, msg string, a ...any) {
			p.logger(ctx).Log(ctx, level, msg, p.loggedAll(a)...)
		}
		funcs["(*log/slog.Logger)."+name] = func(l *slog.Logger, msg string, a ...any) {
			l.Log(context.Background(), level, msg, p.loggedAll(a)...)
		}
		funcs["(*log/slog.Logger)."+name+"Context"] = func(l *slog.Logger, ctx context.Context, msg string, a ...any) {
			l.Log(ctx, level, msg, p.loggedAll(a)...)
		}
	}
	return funcs
}

func (p *Program) logger(ctx context.Context) *slog.Logger {
	if p.Logger != nil {
		return p.Logger(ctx)
	}
	return slog.Default()
}

func (p *Program) loggedAll(a []any) []any {
	if !hasBox(a) {
		return a
	}
	to := make([]any, len(a))
	for i, v := range a {
		to[i] = p.logged(v)
	}
	return to
}

// logged returns a value as a handler of slog finds out about it what it would about the compiled one.
func (p *Program) logged(v any) any {
	b, ok := v.(Box)
	if !ok {
		return v
	}
	if sig := methodSignature(b.T.Type, "LogValue"); sig != nil && sig.Params().Len() == 0 && sig.Results().Len() == 1 &&
		Name(sig.Results().At(0).Type()) == "slog.Value" {
		return logValuer{loggedBox{b}}
	}
	isError := b.T.form().methods&hasError != 0
	_, text := b.T.Method("MarshalText")
	_, json := b.T.Method("MarshalJSON")
	switch {
	case isError && json:
		err, _ := p.Error(b)
		return err
	case isError && text:
		return loggedErrorText{loggedError{loggedBox{b}}, loggedText{b}}
	case isError:
		return loggedError{loggedBox{b}}
	case text:
		return loggedText{b}
	}
	return b
}

// loggedBox is a Box without its methods but Format.
type loggedBox struct{ b Box }

// Unbox implements Wrapper.
func (l loggedBox) Unbox() Box { return l.b }

// Format implements fmt.Formatter.
func (l loggedBox) Format(s fmt.State, verb rune) { l.b.Format(s, verb) }

type logValuer struct{ loggedBox }

// LogValue implements slog.LogValuer.
func (l logValuer) LogValue() slog.Value {
	m, ok := l.b.T.Method("LogValue")
	if !ok {
		return slog.StringValue(fmt.Sprint(l.b))
	}
	v, _ := reflect.TypeAssert[slog.Value](m.Call(l.b.V)[0])
	return v
}

type loggedError struct{ loggedBox }

// Error implements error.
func (e loggedError) Error() string { return errorText(e.b) }

type loggedText struct{ Box }

// Unbox implements Wrapper.
func (t loggedText) Unbox() Box { return t.Box }

// MarshalText implements encoding.TextMarshaler.
func (t loggedText) MarshalText() ([]byte, error) {
	m, ok := t.T.Method("MarshalText")
	if !ok || m.Func.Type().NumOut() != 2 {
		return fmt.Append(nil, t.Box), nil
	}
	out := m.Call(t.V)
	err, _ := reflect.TypeAssert[error](out[1])
	return out[0].Bytes(), err
}

type loggedErrorText struct {
	loggedError
	text loggedText
}

// MarshalText implements encoding.TextMarshaler.
func (e loggedErrorText) MarshalText() ([]byte, error) { return e.text.MarshalText() }
