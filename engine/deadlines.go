package engine

import (
	"sync"
	"time"
)

// deadlines tell when the time of calls is over. All have the same time from their start, so that it ends in the order in
// which they came, and one timer does for all.
type deadlines struct {
	limit time.Duration
	// over is called for each call whose time is over, and not any more in the queue.
	over func(*callContext)

	mu    sync.Mutex
	calls queue[ticket]
	timer *time.Timer
	armed bool
}

// ticket is the place of a call among deadlines.
type ticket struct {
	call *callContext
	at   time.Time
}

// enter puts a call into the queue, until its time is over or it leaves.
func (d *deadlines) enter(place *link[ticket], c *callContext, began time.Time) {
	place.of = ticket{c, began.Add(d.limit)}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.calls.push(place)
	if !d.armed {
		d.arm(time.Until(d.calls.first.of.at))
	}
}

func (d *deadlines) leave(place *link[ticket]) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.calls.remove(place)
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

// expire finds the calls whose time is over.
func (d *deadlines) expire() {
	var over []*callContext
	d.mu.Lock()
	now := time.Now()
	for d.calls.first != nil && !d.calls.first.of.at.After(now) {
		over = append(over, d.calls.first.of.call)
		d.calls.remove(d.calls.first)
	}
	if d.armed = d.calls.first != nil; d.armed {
		d.arm(d.calls.first.of.at.Sub(now))
	}
	d.mu.Unlock()
	for _, c := range over {
		d.over(c)
	}
}
