package interp

import (
	"context"
	"sync"
	"sync/atomic"
)

// running counts what runs of an instance: calls, and functions that it registered. Their callers may be gone.
type running struct {
	// count is their number, and closedBit.
	count atomic.Int64

	mu sync.Mutex
	// idle is closed when nothing runs, where somebody waits for that.
	idle chan struct{}
	// abandoned counts down with them, where they are abandoned.
	abandoned *atomic.Int64
}

const closedBit = 1 << 62

// begin is false where the calls are closed.
func (r *running) begin() bool {
	for {
		n := r.count.Load()
		if n&closedBit != 0 {
			return false
		}
		if r.count.CompareAndSwap(n, n+1) {
			return true
		}
	}
}

// enter is begin, whether the calls are closed or not. It comes before abandon.
func (r *running) enter() { r.count.Add(1) }

func (r *running) end() {
	for {
		n := r.count.Load()
		if n&closedBit != 0 {
			break
		}
		if r.count.CompareAndSwap(n, n-1) {
			return
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	left := r.count.Add(-1) &^ closedBit
	if r.abandoned != nil {
		r.abandoned.Add(-1)
	}
	if left == 0 && r.idle != nil {
		close(r.idle)
		r.idle = nil
	}
}

// close lets no more begin.
func (r *running) close() { r.count.Or(closedBit) }

func (r *running) closed() bool { return r.count.Load()&closedBit != 0 }

// wait waits until none of the calls, which are closed, runs.
func (r *running) wait(ctx context.Context) error {
	r.mu.Lock()
	if r.count.Load() == closedBit {
		r.mu.Unlock()
		return nil
	}
	if r.idle == nil {
		r.idle = make(chan struct{})
	}
	idle := r.idle
	r.mu.Unlock()
	select {
	case <-idle:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// abandon counts those that still run, until they end.
func (r *running) abandon(total *atomic.Int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.abandoned = total
	total.Add(r.count.Load() &^ closedBit)
}
