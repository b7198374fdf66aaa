// Package confine takes from a process what the package that it is about to run was not granted. It has two sides. The
// process confines itself, once, after all that it needs is open and before anything of the package runs:
//
//	report, err := confine.Apply(confine.Policy{Permissions: granted})
//
// Its host watches what a process cannot be held to by its own kernel limits:
//
//	err := confine.Watch(ctx, pid, policy, func(reason string) { kill(pid, reason) })
//
// Nothing of it needs privileges. It is best effort by kernel: what one does not know is left out and is in the Report. On
// systems other than Linux nothing is enforced. What is enforced by what, and what is not, is in docs/isolation.md.
package confine

import (
	"errors"
	"strings"

	"github.com/scriptd/scriptd/engine/runtime"
)

// Policy is what a process may do.
type Policy struct {
	// Permissions are what its package may use. The zero value allows nothing. Where all is allowed, only the limits hold.
	Permissions runtime.Permissions
	// Limits are how much it may use.
	Limits Limits
	// Temp is a folder of its own that exists. Where the package may write, it may write here too, and TMPDIR is set to it.
	// Empty is none.
	Temp string
	// Read are further files and folders that the process itself needs to read. The package can read them too.
	Read []string
}

// Report is what Apply has done, a line each.
type Report struct {
	// Enforced is what the kernel holds the process to.
	Enforced []string
	// Missing is what it should, and this kernel cannot.
	Missing []string
	// Ignored are grants without effect, such as one of a file that does not exist.
	Ignored []string
}

// String returns all lines.
func (r Report) String() string {
	var b strings.Builder
	for _, part := range []struct {
		title string
		lines []string
	}{{"enforced", r.Enforced}, {"not enforced", r.Missing}, {"ignored", r.Ignored}} {
		for _, line := range part.lines {
			b.WriteString(part.title + ": " + line + "\n")
		}
	}
	return b.String()
}

// Feature is something that confinement uses of the system.
type Feature struct {
	// Name is what it holds: "files", for example.
	Name string
	// Have reports whether this system has it.
	Have bool
	// Essential says that without it a package reaches what it was not granted. Others go beyond that, or make limits exact.
	Essential bool
	// Fix is what to do to have it, where it is missing.
	Fix string
	// Detail is by what it is held, or what is missing and what then is not held.
	Detail string
}

// Groups is the name of the feature that a Group needs to hold a package to its limits.
const Groups = "groups"

// String returns the feature as a line.
func (f Feature) String() string {
	if f.Have {
		return f.Name + ": " + f.Detail
	}
	return f.Name + ": not enforced: " + f.Detail
}

// ErrUnsupported is returned for what this system has no means for.
var ErrUnsupported = errors.New("not supported on this system")

// Apply confines this process, for good: what it cannot do afterwards, nothing that it starts can do. It is called once, with
// everything open that the process itself needs; goroutines that need nothing more may go on meanwhile. What the kernel does not have is
// left out, and is in the report; an error is about what it has and did not do: then the process must not run the package. Part of the
// policy may be in force then.
func Apply(p Policy) (Report, error) { return apply(p) }

// Probe tells what this system can enforce. It confines nothing.
func Probe() []Feature { return probe() }

// Scope puts the process into a domain of its own for signals: it, and what it starts, then reaches no other process of its user.
// For that the program is executed anew, once, with the same arguments and descriptors; so it is called first thing in main. It
// matters for processes that may start programs, under kernels that keep a domain for each thread (Landlock 6 and 7); elsewhere it
// does nothing, and Apply does the same. A process that goes through it is killed when the thread that has started it ends.
func Scope() error { return scope() }

// NeedsScope reports whether Scope does something here for a process that is to have such permissions.
func NeedsScope(p runtime.Permissions) bool { return needsScope(p) }
