//go:build unix

package worker

import (
	"context"
	"fmt"
	"time"
)

// watch asks all processes, now and then, whether they are there.
func (r *Runtime) watch() {
	ticker := time.NewTicker(r.opts.PingInterval)
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
		case <-r.done:
			return
		}
		r.mu.Lock()
		for w := range r.workers {
			if w.pinging.CompareAndSwap(false, true) {
				r.work.Go(func() {
					defer w.pinging.Store(false)
					w.ping(r.opts.PingTimeout)
				})
			}
		}
		r.mu.Unlock()
	}
}

// secondChance is how long a process may take to answer again: where the host has been asleep itself, the first time was over
// before the answer could be read.
const secondChance = time.Second

// ping asks a process whether it is there, and kills one that does not answer. It reports whether it has.
func (w *worker) ping(timeout time.Duration) bool {
	for _, t := range []time.Duration{timeout, min(timeout, secondChance)} {
		ctx, cancel := context.WithTimeout(context.Background(), t)
		err := w.calls.Ping(ctx)
		cancel()
		if err == nil {
			return true
		}
		if ctx.Err() == nil { // the connection has ended
			w.unconnected()
			return false
		}
	}
	w.process.kill(fmt.Sprintf("it did not answer for %s, and was killed", timeout))
	return false
}
