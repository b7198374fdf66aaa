package lower

import "sync"

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
var refusedSymbols = sync.OnceValue(func() map[string]reason {
	return map[string]reason{
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
})

// isRefusedIn reports whether a package has any of refusedSymbols and lookers. Few programs import one.
func isRefusedIn(importPath string) bool {
	switch importPath {
	case "database/sql", "encoding/asn1", "encoding/gob", "go/parser", "log", "log/slog", "net/rpc", "reflect", "runtime", "runtime/debug":
		return true
	default:
		return false
	}
}
