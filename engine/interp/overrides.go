package interp

import (
	"context"
	"flag"
	"fmt"
	"log"
	"log/slog"
	"os"
	"slices"
	"strings"

	"github.com/scriptd/scriptd/engine/symbols"
	"github.com/scriptd/scriptd/plugin"
)

// overrides are what a package is given in place of compiled symbols that belong to the host: its standard streams, its
// default loggers, its environment and its life. The symbols of one import path, by name.
func (in *instance) overrides(importPath string) map[string]any {
	switch importPath {
	case "flag":
		return map[string]any{"NewFlagSet": in.newFlagSet}
	case "fmt":
		return in.fmtOverrides()
	case "log":
		return logOverrides(log.New(in.output, "", 0))
	case "log/slog":
		return in.slogOverrides()
	case "os":
		return map[string]any{
			"Getenv":    in.getenv,
			"LookupEnv": in.lookupEnv,
			"Environ":   in.environ,
			"ExpandEnv": func(s string) string { return os.Expand(s, in.getenv) },
			"Exit":      func(code int) { panic(fmt.Sprintf("os.Exit(%d): a plugin does not end its host", code)) },
		}
	case "runtime":
		return map[string]any{"Goexit": func() { panic("runtime.Goexit: a plugin does not end the goroutine of a call") }}
	case symbols.SDK:
		return map[string]any{"Log": in.logger}
	default:
		return nil
	}
}

func (in *instance) fmtOverrides() map[string]any {
	empty := strings.NewReader("")
	return map[string]any{
		"Print":   func(a ...any) (int, error) { return fmt.Fprint(in.output, a...) },
		"Printf":  func(f string, a ...any) (int, error) { return fmt.Fprintf(in.output, f, a...) },
		"Println": func(a ...any) (int, error) { return fmt.Fprintln(in.output, a...) },
		"Scan":    func(a ...any) (int, error) { return fmt.Fscan(empty, a...) },
		"Scanf":   func(f string, a ...any) (int, error) { return fmt.Fscanf(empty, f, a...) },
		"Scanln":  func(a ...any) (int, error) { return fmt.Fscanln(empty, a...) },
	}
}

// logOverrides have std in the place of package log's standard logger.
func logOverrides(std *log.Logger) map[string]any {
	return map[string]any{
		"Default": func() *log.Logger { return std },
		"Print":   std.Print, "Printf": std.Printf, "Println": std.Println,
		"Panic": std.Panic, "Panicf": std.Panicf, "Panicln": std.Panicln,
		// A plugin does not end its host.
		"Fatal": std.Panic, "Fatalf": std.Panicf, "Fatalln": std.Panicln,
		"Flags": std.Flags, "SetFlags": std.SetFlags, "Prefix": std.Prefix, "SetPrefix": std.SetPrefix,
		"Output": std.Output, "SetOutput": std.SetOutput, "Writer": std.Writer,
	}
}

// slogOverrides have the package's logger in the place of the default one, and a call's where its context is at hand.
func (in *instance) slogOverrides() map[string]any {
	std := in.log
	level := func(l slog.Level) func(context.Context, string, ...any) {
		return func(ctx context.Context, msg string, args ...any) { in.logger(ctx).Log(ctx, l, msg, args...) }
	}
	return map[string]any{
		"Default": func() *slog.Logger { return std }, "With": std.With,
		"Debug": std.Debug, "Info": std.Info, "Warn": std.Warn, "Error": std.Error,
		"DebugContext": level(slog.LevelDebug), "InfoContext": level(slog.LevelInfo),
		"WarnContext": level(slog.LevelWarn), "ErrorContext": level(slog.LevelError),
		"Log": func(ctx context.Context, l slog.Level, msg string, args ...any) {
			in.logger(ctx).Log(ctx, l, msg, args...)
		},
		"LogAttrs": func(ctx context.Context, l slog.Level, msg string, attrs ...slog.Attr) {
			in.logger(ctx).LogAttrs(ctx, l, msg, attrs...)
		},
	}
}

// logger is plugin.Log, with the package's logger outside of calls.
func (in *instance) logger(ctx context.Context) *slog.Logger {
	if c := plugin.CallFrom(ctx); c != nil && c.Log != nil {
		return c.Log
	}
	return in.log
}

// newFlagSet makes a flag set that prints where the package prints, and does not end the host.
func (in *instance) newFlagSet(name string, handling flag.ErrorHandling) *flag.FlagSet {
	if handling == flag.ExitOnError {
		handling = flag.PanicOnError
	}
	set := flag.NewFlagSet(name, handling)
	set.SetOutput(in.output)
	return set
}

func (in *instance) getenv(name string) string {
	v, _ := in.lookupEnv(name)
	return v
}

// lookupEnv reads a variable of the environment that the package may read. Others are not set, as far as it can see.
func (in *instance) lookupEnv(name string) (string, bool) {
	p := in.pkg.Permissions
	if !p.All && !slices.Contains(p.Env, name) && !slices.Contains(p.Env, "*") {
		return "", false
	}
	return os.LookupEnv(name)
}

func (in *instance) environ() []string {
	return slices.DeleteFunc(os.Environ(), func(entry string) bool {
		name, _, _ := strings.Cut(entry, "=")
		_, ok := in.lookupEnv(name)
		return !ok
	})
}
