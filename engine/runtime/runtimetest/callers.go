package runtimetest

import (
	"sync"
	"sync/atomic"
	"testing"
)

// Callers has n goroutines call f again and again, each until f is false. Stop ends them, waits for them, and returns how many calls
// were true; it is called when the test ends, at the latest.
func Callers(tb testing.TB, n int, f func() bool) (stop func() int64) {
	tb.Helper()
	var calls atomic.Int64
	done := make(chan struct{})
	end := sync.OnceFunc(func() { close(done) })
	var callers sync.WaitGroup
	for range n {
		callers.Go(func() {
			for f() {
				calls.Add(1)
				select {
				case <-done:
					return
				default:
				}
			}
		})
	}
	stop = func() int64 {
		end()
		callers.Wait()
		return calls.Load()
	}
	tb.Cleanup(func() { stop() })
	return stop
}
