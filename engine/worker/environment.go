package worker

import (
	"os"
	"slices"
	"strings"

	"github.com/scriptd/scriptd/engine/runtime"
)

// goDebug is the variable with the settings of the Go runtime, which a child has of its own.
const goDebug = "GODEBUG"

// gcPercent is for a process that is small, and whose garbage is mostly that of calls. It holds from the start: what the first
// package waits for is not the time to collect that of the initialisation.
const gcPercent = "GOGC=400"

// base are the variables that compiled code of a child needs to do what it does in the host. Packages read those that they were
// granted.
var base = []string{"PATH", "HOME", "TMPDIR", "TZ", "LANG", "SSL_CERT_FILE", "SSL_CERT_DIR", "GOMAXPROCS", "GOTRACEBACK"}

// baseEnvironment is what a child starts with.
func baseEnvironment() []string {
	env := granted(os.Environ(), runtime.Permissions{Env: base})
	// A crash then names the plugin.
	debug := strings.TrimPrefix(os.Getenv(goDebug)+",tracebacklabels=1", ",")
	return append(env, goDebug+"="+debug, gcPercent)
}

// granted returns the variables that a package may read.
func granted(env []string, p runtime.Permissions) []string {
	if p.All || slices.Contains(p.Env, "*") {
		return env
	}
	return slices.DeleteFunc(env, func(entry string) bool {
		name, _, _ := strings.Cut(entry, "=")
		return !slices.Contains(p.Env, name)
	})
}
