package engine_test

import (
	"testing"
	"time"

	"github.com/scriptd/scriptd/engine"
)

// A package whose process has ended because nobody called it answers all the same, and can be reloaded meanwhile.
func TestIdlePackages(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, map[string]string{"hello/hello.go": greeter("hello", "first")})
	e := open(t, engine.Options{
		Isolation: engine.IsolationProcess, Processes: engine.Processes{Idle: 50 * time.Millisecond},
		Sources: []engine.Source{folder(t, "local", dir)},
	})
	run(t, e)
	for _, want := range []string{"first world", "second world"} {
		eventually(t, func() bool { return call(t, e, "hello") == want })
		eventually(t, func() bool { return len(children(t)) <= 1 }) // one waits for a package
		write(t, dir, map[string]string{"hello/hello.go": greeter("hello", "second")})
	}
}
