package interp

import (
	"context"
	"fmt"
	goruntime "runtime"
	"sync"
	"testing"
)

// loadStuck loads a package like stuckPackage.
func loadStuck(t *testing.T, rt *Runtime, body string) *instance {
	t.Helper()
	inst, err := rt.Load(t.Context(), stuckPackage(body, ""))
	if err != nil {
		t.Fatal(err)
	}
	return inst.(*instance)
}

// Goroutines are used again, as long as there is an instance, and no more are kept than were of use.
func TestWorkers(t *testing.T) {
	rt := New()
	before := goruntime.NumGoroutine()
	a, b := loadStuck(t, rt, ""), loadStuck(t, rt, "")
	for i := range 100 {
		in := []*instance{a, b}[i%2]
		if res, err := in.Call(t.Context(), "fine", nil); err != nil || !res.Success {
			t.Fatalf("got %+v, %v", res, err)
		}
	}
	if n := len(rt.workers.idle); n != 1 {
		t.Errorf("%d workers for calls one after the other", n)
	}
	var callers sync.WaitGroup
	for range 4 * maxIdle {
		callers.Go(func() {
			for range 10 {
				if _, err := a.Call(t.Context(), "fine", nil); err != nil {
					t.Error(err)
				}
			}
		})
	}
	callers.Wait()
	settled(t, before+maxIdle)
	if err := a.Close(t.Context()); err != nil {
		t.Error(err)
	}

	// The first trim finds that all were used, the second that one was.
	rt.workers.trim()
	if _, err := b.Call(t.Context(), "fine", nil); err != nil {
		t.Error(err)
	}
	rt.workers.trim()
	settled(t, before+1)
	rt.workers.mu.Lock()
	if n := len(rt.workers.idle); n != 1 {
		t.Errorf("%d workers are kept, want the one that was used", n)
	}
	rt.workers.mu.Unlock()
	if _, err := b.Call(t.Context(), "fine", nil); err != nil {
		t.Error(err)
	}
	if err := b.Close(t.Context()); err != nil {
		t.Error(err)
	}
	settled(t, before)
}

// What is remembered of panics does not outlive the call.
func TestWorkersForgetPanics(t *testing.T) {
	rt := New()
	in := loadStuck(t, rt, `for i := 0; i < 10; i++ { func() { defer func() { recover() }(); panic("recovered") }() }`)
	for i := range 3 {
		if res, err := in.Call(t.Context(), "p", nil); err != nil || !res.Success {
			t.Errorf("got %+v, %v", res, err)
		}
		in.panics.mu.Lock()
		if n := len(in.panics.notes); n != 0 || in.panics.some.Load() {
			t.Errorf("%d notes after call %d", n, i)
		}
		in.panics.mu.Unlock()
	}
	if err := in.Close(t.Context()); err != nil {
		t.Error(err)
	}
}

// Calls of several instances go on while others are closed.
func TestWorkersHammer(t *testing.T) {
	rt := New()
	before := goruntime.NumGoroutine()
	rounds := 20
	if testing.Short() {
		rounds = 3
	}
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			for range rounds {
				inst, err := rt.Load(t.Context(), stuckPackage(fmt.Sprintf(`for { f(%d) }`, i), ""))
				if err != nil {
					t.Error(err)
					return
				}
				var callers sync.WaitGroup
				for range 8 {
					callers.Go(func() {
						for range 20 {
							if res, err := inst.Call(t.Context(), "fine", nil); err != nil || res.Data != "fine" {
								t.Errorf("got %+v, %v", res, err)
							}
						}
					})
				}
				if i%2 == 0 {
					getStuck(t, inst)
				}
				callers.Wait()
				if err := inst.Close(context.Background()); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	settled(t, before)
	if n := rt.Abandoned(); n != 0 {
		t.Errorf("%d calls are abandoned", n)
	}
}
