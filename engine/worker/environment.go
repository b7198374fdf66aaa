package worker

import (
	"fmt"
	"os"
	goruntime "runtime"
	"slices"
	"strconv"
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

// Settings of the Go runtime that a child starts with, after those of its host.
const (
	noProfile  = ",memprofilerate=0"  // what notes where memory is allocated finds everything cold: see memoryProfile
	showLabels = ",tracebacklabels=1" // a crash names the plugin
)

// profileVariable has the MemProfileRate of the host, for a child that starts without.
const profileVariable = "SCRIPTD_WORKER_PROFILE"

// baseEnvironment is what a child starts with.
func baseEnvironment() []string {
	env := append(granted(os.Environ(), runtime.Permissions{Env: base}), gcPercent)
	settings := os.Getenv(goDebug)
	if rate := goruntime.MemProfileRate; rate > 0 {
		settings += noProfile
		env = append(env, fmt.Sprintf("%s=%d", profileVariable, rate))
	}
	return append(env, goDebug+"="+strings.TrimPrefix(settings+showLabels, ","))
}

// memoryProfile returns what has the Go runtime of a child note where memory is allocated, as that of its host does, and takes from
// the environment that it did not: programs that a package starts have settings of the Go runtime from there.
func memoryProfile() (begin func()) {
	rate, err := strconv.Atoi(os.Getenv(profileVariable))
	if err != nil {
		return func() {}
	}
	settings := strings.Replace(","+os.Getenv(goDebug), noProfile+showLabels, showLabels, 1)
	_ = os.Setenv(goDebug, settings[1:]) // its name is one
	return func() { goruntime.MemProfileRate = rate }
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
