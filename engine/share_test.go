package engine_test

import (
	"testing"

	"github.com/scriptd/scriptd/engine"
)

// The packages of a source may share a process, and one of them is reloaded without the other.
func TestSharedProcesses(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, map[string]string{"a/a.go": greeter("a", "first"), "b/b.go": greeter("b", "other")})
	e := open(t, engine.Options{
		Isolation: engine.IsolationProcess, Processes: engine.Processes{Share: engine.ShareSource},
		Sources: []engine.Source{folder(t, "local", dir)},
	})
	run(t, e)
	for _, want := range []string{"first world", "second world"} {
		eventually(t, func() bool { return call(t, e, "a") == want })
		if got := call(t, e, "b"); got != "other world" {
			t.Errorf("got %q", got)
		}
		eventually(t, func() bool { return len(children(t)) == 2 }) // theirs, and one that waits for a package
		write(t, dir, map[string]string{"a/a.go": greeter("a", "second")})
	}
}
