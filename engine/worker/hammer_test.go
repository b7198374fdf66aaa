//go:build unix

package worker_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/scriptd/scriptd/engine/runtime"
	"github.com/scriptd/scriptd/engine/worker"
)

// Calls of all kinds, while their processes are killed, stopped, closed and replaced: each ends, with an answer of its own or an
// error that says why.
func TestHammer(t *testing.T) {
	hammerRuntime(t, func(rt *worker.Runtime) runtime.Runtime { return rt })
}

// The same of packages that share a process, and whatever happens to it.
func TestHammerOfGroup(t *testing.T) {
	if testing.Short() {
		t.Skip("the same runs for packages by themselves")
	}
	hammerRuntime(t, func(rt *worker.Runtime) runtime.Runtime { return grouped{rt, sharing} })
}

func hammerRuntime(t *testing.T, with func(*worker.Runtime) runtime.Runtime) {
	t.Helper()
	processes := open(t, worker.Options{Spares: 2, PingInterval: 20 * time.Millisecond, PingTimeout: 2 * time.Second})
	rt := with(processes)
	var stop atomic.Bool
	var answered atomic.Int64
	var slots sync.WaitGroup
	for range 3 {
		slots.Go(func() {
			for !stop.Load() {
				p, broken := watched(pkg())
				p.Grace = 100 * time.Millisecond
				inst, err := rt.Load(t.Context(), p)
				if err != nil {
					if !errors.Is(err, runtime.ErrCrashed) && !strings.Contains(err.Error(), "start a process: ") { // killed while it loaded
						t.Errorf("load: %v", err)
					}
					continue
				}
				var callers sync.WaitGroup
				for range 4 {
					callers.Go(func() {
						for useful := true; useful && !stop.Load(); {
							useful = hammer(t, inst, &answered)
						}
					})
				}
				if rand.IntN(3) == 0 {
					time.Sleep(time.Duration(rand.IntN(50)) * time.Millisecond)
					closeInTime(t, inst)
				}
				callers.Wait()
				select {
				case err := <-broken:
					if !errors.Is(err, runtime.ErrStuck) && !errors.Is(err, runtime.ErrDisplaced) { // asleep beyond the grace
						crashed(t, err, "")
					}
				default:
				}
				closeInTime(t, inst)
			}
		})
	}
	for range 20 {
		for before := answered.Load(); answered.Load() < before+20 && !t.Failed(); {
			time.Sleep(time.Millisecond)
		}
		if pids := processes.PIDs(); len(pids) > 0 {
			kill := []syscall.Signal{syscall.SIGKILL, syscall.SIGSEGV, syscall.SIGSTOP}[rand.IntN(3)]
			_ = syscall.Kill(pids[rand.IntN(len(pids))], kill) // it may be gone
		}
	}
	stop.Store(true)
	slots.Wait()
}

func closeInTime(t *testing.T, inst runtime.Instance) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	err := inst.Close(ctx)
	if err != nil && !errors.Is(err, runtime.ErrCrashed) && !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("close: %v", err)
	}
}

// hammer makes one call. It is false where the instance is of no use any more.
func hammer(t *testing.T, inst runtime.Instance, answered *atomic.Int64) bool {
	t.Helper()
	what, text := []string{"", "", "", "wait", "sleep"}[rand.IntN(5)], strings.Repeat("x", rand.IntN(20_000))
	limit := patience
	if what != "" {
		limit = time.Duration(1+rand.IntN(20)) * time.Millisecond
	}
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	defer cancel()
	got, err := do(ctx, inst, what, text, rand.IntN(30))
	switch {
	case err == nil:
		if got != text {
			t.Errorf("got %d bytes, want %d", len(got), len(text))
		}
		answered.Add(1)
	case errors.Is(err, context.DeadlineExceeded) || err.Error() == context.DeadlineExceeded.Error():
	case errors.Is(err, runtime.ErrStopped) || errors.Is(err, runtime.ErrCrashed):
		return false
	default:
		t.Errorf("got %v", err)
		return false
	}
	return true
}
