package engine

import (
	"context"
	"sync"
	"time"
)

// deadlines end the calls of a plugin when their time is over. All have the same time from their start, so that they end in
// the order in which they came, and one timer does for all.
type deadlines struct {
	limit time.Duration

	mu    sync.Mutex
	calls queue[*callContext]
	timer *time.Timer
	armed bool
}

// enter has a call end in time, unless it leaves before.
func (d *deadlines) enter(c *callContext) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.calls.push(&c.place)
	if !d.armed {
		d.arm(time.Until(d.calls.first.of.deadline))
	}
}

func (d *deadlines) leave(c *callContext) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.calls.remove(&c.place)
}

// arm sets the timer. It stays set when the call ends before, and finds out then.
func (d *deadlines) arm(in time.Duration) {
	d.armed = true
	if d.timer == nil {
		d.timer = time.AfterFunc(in, d.expire)
	} else {
		d.timer.Reset(in)
	}
}

// expire ends the calls whose time is over.
func (d *deadlines) expire() {
	var over []*callContext
	d.mu.Lock()
	now := time.Now()
	for d.calls.first != nil && !d.calls.first.of.deadline.After(now) {
		over = append(over, d.calls.first.of)
		d.calls.remove(d.calls.first)
	}
	if d.armed = d.calls.first != nil; d.armed {
		d.arm(d.calls.first.of.deadline.Sub(now))
	}
	d.mu.Unlock()
	for _, c := range over {
		c.cancel(context.DeadlineExceeded)
	}
}
