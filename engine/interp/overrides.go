package interp

import (
	"context"
	"flag"
	"fmt"
	"log"
	"log/slog"
	"maps"
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
		return map[string]any{"Exit": func(code int) { panic(fmt.Sprintf("os.Exit(%d): a plugin does not end its host", code)) }}
	case "runtime":
		return map[string]any{"Goexit": func() { panic("runtime.Goexit: a plugin does not end the goroutine of a call") }}
	case "time":
		return map[string]any{"Sleep": in.sleep}
	case "net", "net/http", "net/rpc":
		own := in.ownVariables(importPath)
		if importPath == "net/http" && in.web != nil {
			maps.Copy(own, in.web.variables())
		}
		return own
	case symbols.SDK:
		return map[string]any{"Log": in.logger}
	default:
		return nil
	}
}

// ownVariables are those of a compiled package that each package has for itself.
func (in *instance) ownVariables(importPath string) map[string]any {
	own := make(map[string]any)
	for name, pointer := range in.guard.Variables(importPath) {
		own[name] = variable{pointer}
	}
	return own
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
