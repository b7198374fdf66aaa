//go:build unix

package worker_test

import (
	"context"
	"errors"
	"strings"
	"syscall"
	"testing"
	"testing/fstest"
	"time"

	"github.com/scriptd/scriptd/engine/runtime"
	"github.com/scriptd/scriptd/engine/worker"
)

// What one package does to its process ends the calls of all, which are told who it was; all serve again.
func TestCrashInGroup(t *testing.T) {
	rt := open(t, worker.Options{Spares: -1})
	names := []string{"test/a", "test/b", "test/c"}
	insts, told := make([]runtime.Instance, len(names)), make([]brokenness, len(names))
	all := func() {
		for i, name := range names {
			var p runtime.Package
			p, told[i] = watched(member(pkg(), name, sharing))
			insts[i] = load(t, rt, p)
		}
	}
	all()
	pid := only(t, rt)
	waiting := make(chan error, 1)
	go func() {
		_, err := do(context.Background(), insts[1], "wait", "", 0)
		waiting <- err
	}()
	answers(t, insts[1])
	_, err := do(t.Context(), insts[0], "overflow", "x", 0)
	crashed(t, err, "fatal error: stack overflow")
	if want := "test/a crashed: fatal error: stack overflow (exit status 2), in plugin p of p/p.go:22:39"; err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
	err = <-waiting
	crashed(t, err, "fatal error: stack overflow")
	if want := "test/b crashed with test/a: fatal error: stack overflow (exit status 2), in plugin p of p/p.go:22:39"; err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
	for i, name := range names {
		err := told[i].wait(t)
		crashed(t, err, "stack overflow")
		if crash, _ := errors.AsType[*runtime.CrashError](err); crash.Package != name || (crash.Culprit == "test/a") != (i > 0) {
			t.Errorf("%s was told %v", name, err)
		}
	}
	crashed(t, insts[2].Close(t.Context()), "stack overflow")
	gone(t, pid)
	all()
	again := only(t, rt)
	for _, inst := range insts {
		answers(t, inst)
	}
	signal(t, again, syscall.SIGKILL)
	for i := range names {
		err := told[i].wait(t)
		crashed(t, err, "signal: killed")
		if crash, _ := errors.AsType[*runtime.CrashError](err); crash.Culprit != "" {
			t.Errorf("%s is blamed for what came from outside", crash.Culprit)
		}
	}
}

// A crash while a package is loaded names it.
func TestCrashOfLoadInGroup(t *testing.T) {
	rt := open(t, worker.Options{Spares: -1})
	p, told := watched(member(pkg(), "test/a", sharing))
	load(t, rt, p)
	bad := member(runtime.Package{Dir: ".", Tree: fstest.MapFS{"p.go": {Data: []byte(`package p

import "github.com/scriptd/scriptd/plugin"

func forever(s string) string { return s + forever(s) }

func Register(r *plugin.Registrar) error { forever("x"); return nil }
`)}}}, "test/bad", sharing)
	_, err := rt.Load(t.Context(), bad)
	crashed(t, err, "stack overflow")
	err = told.wait(t)
	crashed(t, err, "stack overflow")
	if !strings.Contains(err.Error(), "test/a crashed with test/bad: ") {
		t.Errorf("got %v", err)
	}
	answers(t, load(t, rt, p))
}

// A stopped process keeps no caller beyond its time, nor Close, and is ended.
func TestGroupThatIsStopped(t *testing.T) {
	rt := open(t, worker.Options{Spares: -1, PingInterval: time.Hour})
	p, told := watched(member(pkg(), "test/a", sharing))
	other := member(pkg(), "test/b", sharing)
	other.Grace = 50 * time.Millisecond
	load(t, rt, p)
	inst := load(t, rt, other)
	pid := only(t, rt)
	halt(t, pid)
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if err := inst.Close(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
	crashed(t, told.wait(t), "did not answer")
	gone(t, pid)
}

// sticking is a package whose plugin p waits for what never comes, in compiled code that nobody can stop.
func sticking() runtime.Package {
	return runtime.Package{Dir: ".", Grace: 50 * time.Millisecond, Tree: fstest.MapFS{"p.go": {Data: []byte(`package p

import (
	"context"
	"sync"

	"github.com/scriptd/scriptd/plugin"
)

type Params struct{ Do string }

func Register(r *plugin.Registrar) error { return r.Add(plugin.Spec{Name: "p"}, handle) }

func handle(ctx context.Context, p Params) (string, error) {
	if p.Do == "loop" {
		for {
		}
	}
	var mu sync.Mutex
	mu.Lock()
	mu.Lock()
	return "", nil
}
`)}}}
}

// A call that does not end breaks its package and no other. Where it cannot be stopped, the others are asked to leave the process, and
// serve until they do.
func TestStuckCallInGroup(t *testing.T) {
	rt := open(t, worker.Options{Spares: -1})
	fine, finesTold := watched(member(pkg(), "test/fine", sharing))
	inst := load(t, rt, fine)
	pid := only(t, rt)
	for _, what := range []string{"loop", "lock"} {
		stuck, told := watched(member(sticking(), "test/stuck", sharing))
		bad := load(t, rt, stuck)
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
		defer cancel()
		if _, err := bad.Call(ctx, "p", map[string]any{"Do": what}); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v", err)
		}
		if err := told.wait(t); !errors.Is(err, runtime.ErrStuck) {
			t.Errorf("told %v", err)
		}
		answers(t, inst)
		if err := bad.Close(t.Context()); err != nil {
			t.Error(err)
		}
		answers(t, inst)
		if got := only(t, rt); got != pid {
			t.Errorf("%s: the process was %d, and is %d", what, pid, got)
		}
		if what == "loop" && len(finesTold) > 0 { // which the interpreter stops
			t.Errorf("the other one was told %v", <-finesTold)
		}
	}
	if err := finesTold.wait(t); !errors.Is(err, runtime.ErrDisplaced) || !strings.Contains(err.Error(), "test/fine") {
		t.Errorf("told %v", err)
	}
	answer := make(chan error, 1)
	go func() {
		_, err := do(t.Context(), inst, "sleep", "", 300)
		answer <- err
	}()
	next := load(t, rt, fine)
	if n := len(rt.PIDs()); n != 2 {
		t.Errorf("there are %d processes, want the old one and a new one", n)
	}
	answers(t, next)
	if err := <-answer; err != nil {
		t.Errorf("a call in the old process: %v", err)
	}
	if err := inst.Close(t.Context()); err != nil {
		t.Error(err)
	}
	gone(t, pid)
	answers(t, next)
	if len(finesTold) > 0 {
		t.Errorf("told %v", <-finesTold)
	}
}
