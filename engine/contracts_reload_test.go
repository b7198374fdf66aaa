package engine_test

import (
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/scriptd/scriptd/engine"
	"github.com/scriptd/scriptd/engine/runtime/runtimetest"
)

// A package goes on from one version to the next while it is called through an upgrade: no call fails.
func TestVersionChangesUnderCallers(t *testing.T) {
	if testing.Short() {
		t.Skip("it reloads forty times under load")
	}
	dir := t.TempDir()
	e := open(t, greeters(t, dir, greets("a", "english", "Hello")))
	g, err := engine.Get[Greeter3](e, "english")
	if err != nil {
		t.Fatal(err)
	}
	stop := runtimetest.Callers(t, 8, func() bool {
		text, err := g.Greet(t.Context(), Greeting{Name: "Bob"})
		if err != nil || !strings.HasSuffix(text, " Bob") {
			t.Errorf("got %q, %v", text, err)
			return false
		}
		return true
	})
	newer := implementing("a", `return r.Provide("greeter@2", "english", g{})`, `
type g struct{}

func (g) Greet(_ context.Context, x api.Greeting) (string, error) { return "Dear " + x.Name, nil }`)
	for i := range 40 {
		write(t, dir, []map[string]string{newer, greets("a", "english", "Hello")}[i%2])
		sync(t, e)
	}
	stop()
}

// 32 callers hold one value over 100 reloads. None fails, and none gets an answer of a version that was replaced before its call.
func TestTypedCallsOverReloads(t *testing.T) {
	for _, isolation := range []engine.Isolation{engine.IsolationNone, engine.IsolationProcess} {
		t.Run(string(isolation), func(t *testing.T) { typedCallsOverReloads(t, isolation) })
	}
}

func typedCallsOverReloads(t *testing.T, isolation engine.Isolation) {
	t.Helper()
	reloads := int64(100)
	if testing.Short() {
		reloads = 20
	}
	dir := t.TempDir()
	opts := greeters(t, dir, greets("a", "english", "0"))
	opts.Isolation = isolation
	e := open(t, opts)
	g, err := engine.Get[Greeter](e, "english")
	if err != nil {
		t.Fatal(err, e.Sources()[0].Error)
	}
	var live atomic.Int64
	stop := runtimetest.Callers(t, 32, func() bool {
		atLeast := live.Load()
		text, err := g.Greet(t.Context(), "Bob")
		var version int64
		if _, scanErr := fmt.Sscanf(text, "%d Bob", &version); err != nil || scanErr != nil || version < atLeast {
			t.Errorf("got %q, %v, when version %d was live", text, err, atLeast)
			return false
		}
		time.Sleep(200 * time.Microsecond) // the reloads are to get on as well
		return true
	})
	for n := range reloads {
		write(t, dir, greets("a", "english", fmt.Sprint(n+1)))
		sync(t, e)
		live.Store(n + 1)
	}
	if calls := stop(); calls < 32*reloads {
		t.Errorf("only %d calls", calls)
	}
}
