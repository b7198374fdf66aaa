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
	"time"

	"github.com/scriptd/scriptd/engine/box"
	"github.com/scriptd/scriptd/engine/symbols"
	"github.com/scriptd/scriptd/plugin"
)

// surround gives a package streams and loggers of its own in the place of the host's. A fatal error of one is a panic: a
// plugin does not end its host.
func (in *instance) surround(boxes *box.Program) {
	boxes.Stdin, boxes.Stdout = strings.NewReader(""), in.output
	boxes.Log = log.New(in.output, "", 0)
	boxes.Logger = in.logger
	boxes.Fatal = func(text string) { panic(text) }
}

// overrides are what a package is given in place of compiled symbols that belong to the host: its environment and its
// life, and its time. The symbols of one import path, by name.
func (in *instance) overrides(importPath string) map[string]any {
	switch importPath {
	case "flag":
		return map[string]any{"NewFlagSet": in.newFlagSet}
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
	case "time":
		return map[string]any{"Sleep": in.sleep}
	case "net/http":
		if in.web != nil {
			return in.web.variables()
		}
		return nil
	case symbols.SDK:
		return map[string]any{"Log": in.logger}
	default:
		return nil
	}
}

// variable is what stands in for a compiled variable: the one that it points to.
type variable struct{ pointer any }

// sleep is time.Sleep, as long as the package is not stopped.
func (in *instance) sleep(d time.Duration) {
	if d <= 0 {
		return
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-in.done:
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
