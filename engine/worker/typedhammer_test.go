//go:build unix

package worker_test

import (
	"errors"
	"io"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/scriptd/scriptd/engine/runtime"
	"github.com/scriptd/scriptd/engine/worker"
)

// Calls that call back end, whatever becomes of the package meanwhile.
func TestTypedCallsWhilePackagesEnd(t *testing.T) {
	rt := typedRuntime(t, worker.Options{})
	for i := range 12 {
		p := typedPkg()
		if i%3 == 2 {
			p.Group = "g"
		}
		inst := load(t, rt, p)
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				for {
					out, err := invoke(t.Context(), inst, "Each", t.Context(), 3, func(int) (string, error) { return "x", nil })
					if err == nil && out[1] != nil {
						err, _ = out[1].(error)
					}
					if err != nil {
						ended(t, err)
						return
					}
				}
			})
			wg.Go(func() {
				for {
					out, err := invoke(t.Context(), inst, "Open", "abc")
					if err != nil {
						ended(t, err)
						return
					}
					stream, _ := out[0].(io.ReadCloser)
					if _, err := io.Copy(io.Discard, stream); err != nil {
						ended(t, err)
						return
					}
				}
			})
		}
		time.Sleep(20 * time.Millisecond)
		if i%3 == 0 {
			for _, pid := range rt.PIDs() {
				_ = syscall.Kill(pid, syscall.SIGKILL) // one that waits may be gone
			}
		}
		_ = inst.Close(t.Context()) // some are gone
		wg.Wait()
	}
}

func ended(t *testing.T, err error) {
	t.Helper()
	if !errors.Is(err, runtime.ErrStopped) && !errors.Is(err, runtime.ErrCrashed) {
		t.Errorf("got %v", err)
	}
}
