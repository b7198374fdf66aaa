package worker

import (
	"os"
	goruntime "runtime"
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
	settings := []string{"memprofilerate=0"} // see profileMemory
	if own := os.Getenv(goDebug); own != "" {
		settings = append(settings, own)
	}
	settings = append(settings, "tracebacklabels=1") // a crash then names the plugin
	return append(env, goDebug+"="+strings.Join(settings, ","), gcPercent)
}

// profileMemory has the Go runtime note where memory is allocated, as it does by default: what it takes would be a part of each start.
func profileMemory() {
	if goruntime.MemProfileRate == 0 {
		goruntime.MemProfileRate = 512 << 10
	}
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
