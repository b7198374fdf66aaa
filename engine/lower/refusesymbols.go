package lower

import "strings"

var (
	frames = reason{
		"the calls that compiled code sees are the interpreter's",
		"pass on what names the place; a panic that nothing recovers is reported with its own",
	}
	finalizers = reason{
		"the interpreter keeps values alive in ways of its own",
		"use defer, or a Close method",
	}
	memory = reason{
		"what is allocated is the interpreter's",
		"measure time, or the compiled program",
	}
)

// refusedSymbols are functions, methods, variables, types and fields of compiled packages that would not do what they do for a
// compiled program.
var refusedSymbols = map[string]reason{
	"runtime.Caller":           frames,
	"runtime.Callers":          frames,
	"runtime.CallersFrames":    frames,
	"runtime.FuncForPC":        frames,
	"runtime.Stack":            frames,
	"runtime/debug.Stack":      frames,
	"runtime/debug.PrintStack": frames,
	"log.Llongfile": {
		"the path of a file is that of the machine that compiles it", "use log.Lshortfile",
	},
	"log/slog.Record.PC":        frames,
	"(log/slog.Record).Source":  frames,
	"runtime.SetFinalizer":      finalizers,
	"runtime.AddCleanup":        finalizers,
	"runtime.ReadMemStats":      memory,
	"runtime.MemProfile":        memory,
	"runtime.MemProfileRate":    memory,
	"runtime.BlockProfile":      memory,
	"runtime.MutexProfile":      memory,
	"runtime.GoroutineProfile":  memory,
	"runtime/debug.ReadGCStats": memory,
	"runtime.Pinner": {
		"interpreted values have no place in memory that could be kept", "leave it out: nothing moves them",
	},
	"runtime.TypeAssertionError": {
		"failed assertions of interpreted code are other values", "assert to runtime.Error, or use the form with two results",
	},
	"runtime/debug.ReadBuildInfo": {
		"what was built is the interpreter", "keep the version in a constant",
	},
	"log/slog.HandlerOptions.AddSource": {
		"the calls that compiled code sees are the interpreter's", "add an attribute that names the place",
	},
}

// refusedIn are the packages of refusedSymbols and lookers.
var refusedIn = packagesOf()

func packagesOf() map[string]bool {
	packages := map[string]bool{"reflect": true}
	add := func(name string) {
		name = strings.TrimLeft(name, "(*")
		slash := strings.LastIndex(name, "/") + 1
		dot := strings.Index(name[slash:], ".")
		packages[name[:slash+dot]] = true
	}
	for name := range refusedSymbols {
		add(name)
	}
	for name := range lookers {
		add(name)
	}
	return packages
}
