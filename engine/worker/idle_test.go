//go:build unix

package worker_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/scriptd/scriptd/engine/runtime"
	"github.com/scriptd/scriptd/engine/worker"
)

// counting is a package that counts its calls in a variable.
func counting() runtime.Package {
	return runtime.Package{Name: "test/counting", Dir: ".", Tree: fstest.MapFS{"p.go": {Data: []byte(`package counting

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/scriptd/scriptd/plugin"
)

var calls atomic.Int64

func Register(r *plugin.Registrar) error {
	if err := r.Add(plugin.Spec{Name: "slow"}, func(context.Context) error { time.Sleep(300 * time.Millisecond); return nil }); err != nil {
		return err
	}
	return r.Add(plugin.Spec{Name: "count"}, func(context.Context) (int64, error) { return calls.Add(1), nil })
}
`)}}}
}

func count(t *testing.T, inst runtime.Instance) float64 {
	t.Helper()
	res, err := inst.Call(t.Context(), "count", nil)
	if err != nil || !res.Success {
		t.Fatalf("got %+v, %v", res, err)
	}
	n, _ := res.Data.(float64)
	return n
}

// sleeps waits until a runtime has no process.
func sleeps(t *testing.T, rt *worker.Runtime) {
	t.Helper()
	for deadline := time.Now().Add(30 * time.Second); len(rt.PIDs()) > 0; time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("its process does not end")
		}
	}
}

// A process that nobody uses ends, and the next call starts another one.
func TestIdle(t *testing.T) {
	rt := open(t, worker.Options{Spares: -1, Idle: 100 * time.Millisecond})
	p, broken := watched(counting())
	inst := load(t, rt, p)
	if n := count(t, inst); n != 1 {
		t.Errorf("the first call is number %v", n)
	}
	if _, err := inst.Call(t.Context(), "slow", nil); err != nil { // a call that takes its time is no sleep
		t.Error(err)
	}
	sleeps(t, rt)
	if err := inst.Health(t.Context()); err != nil || len(rt.PIDs()) > 0 {
		t.Errorf("asked whether it is well while it sleeps: %v, processes %v", err, rt.PIDs())
	}
	var callers sync.WaitGroup
	for range 8 {
		callers.Go(func() { count(t, inst) })
	}
	callers.Wait()
	if n := count(t, inst); n != 9 {
		t.Errorf("got number %v: one process was to be started for all", n)
	}
	sleeps(t, rt)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := inst.Call(ctx, "count", nil); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	if err := inst.Close(t.Context()); err != nil {
		t.Error(err)
	}
	if _, err := inst.Call(t.Context(), "count", nil); !errors.Is(err, runtime.ErrStopped) {
		t.Errorf("after Close: got %v", err)
	}
	sleeps(t, rt)
	if len(broken) > 0 {
		t.Errorf("told %v", <-broken)
	}
}

// Whenever a process ends because nobody uses it, no call fails.
func TestIdleHammer(t *testing.T) {
	rt := open(t, worker.Options{Idle: 2 * time.Millisecond})
	p, broken := watched(counting())
	inst := load(t, rt, p)
	var callers sync.WaitGroup
	for i := range 4 {
		callers.Go(func() {
			for range 30 {
				count(t, inst)
				time.Sleep(time.Duration(i) * 2 * time.Millisecond)
			}
		})
	}
	callers.Wait()
	if len(broken) > 0 {
		t.Errorf("told %v", <-broken)
	}
}
