package engine

import (
	"sync"
	"time"
)

// youthTime is how old a call is before it hears of its caller's going away, where nobody asks it to before.
const youthTime = time.Millisecond

// clock knows the running calls of a plugin in a version of it. It tells each when its time is over, has it hear of its
// caller once it is not over soon, and cuts all of them when the version ends. All have the same time from their start, so
// that one timer does for all.
type clock struct {
	limit time.Duration

	mu sync.Mutex
	// The calls are a list, in the order in which their time ends. Young is the first that does not hear of its caller yet.
	first, last, young *callContext
	stopped            bool
	timer              *time.Timer
	due                time.Time // of the timer; zero where it is not set
}

// enter begins to watch a call, until its time is over or it leaves.
func (k *clock) enter(c *callContext) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.insert(c)
	if k.young == nil && c.mayEnd {
		k.young = c
	}
	k.set()
	if k.stopped {
		c.cut()
	}
}

func (k *clock) leave(c *callContext) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.remove(c)
}

// stop cuts all calls, and those that come still.
func (k *clock) stop() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.stopped = true
	for c := k.first; c != nil; c = c.next {
		c.cut()
	}
}

// insert finds the place of a call: the last, except for one that is tried again.
func (k *clock) insert(c *callContext) {
	before := k.last
	for before != nil && before.deadline.After(c.deadline) {
		before = before.before
	}
	c.before, c.queued = before, true
	if before != nil {
		before.next, c.next = c, before.next
	} else {
		k.first, c.next = c, k.first
	}
	if c.next != nil {
		c.next.before = c
	} else {
		k.last = c
	}
}

// remove takes a call out of the list, if it is in.
func (k *clock) remove(c *callContext) {
	if !c.queued {
		return
	}
	if k.young == c {
		k.young = c.next
	}
	if c.before != nil {
		c.before.next = c.next
	} else {
		k.first = c.next
	}
	if c.next != nil {
		c.next.before = c.before
	} else {
		k.last = c.before
	}
	c.queued, c.next, c.before = false, nil, nil
}

// set sets the timer for what comes first. Where it is set for something sooner, which may be over by then, it stays.
func (k *clock) set() {
	if k.first == nil {
		return
	}
	at := k.first.deadline
	if k.young != nil {
		if grown := k.young.began.Add(youthTime); grown.Before(at) {
			at = grown
		}
	}
	if !k.due.IsZero() && !at.Before(k.due) {
		return
	}
	k.due = at
	if k.timer == nil {
		k.timer = time.AfterFunc(time.Until(at), k.tick)
	} else {
		k.timer.Reset(time.Until(at))
	}
}

// tick finds the calls whose time is over, and those that are not young any more.
func (k *clock) tick() {
	var over, grown []*callContext
	k.mu.Lock()
	now := time.Now()
	for k.first != nil && !k.first.deadline.After(now) {
		over = append(over, k.first)
		k.remove(k.first)
	}
	for k.young != nil && !k.young.began.Add(youthTime).After(now) {
		grown = append(grown, k.young)
		k.young = k.young.next
	}
	k.due = time.Time{}
	k.set()
	k.mu.Unlock()
	for _, c := range over {
		c.expire()
	}
	for _, c := range grown {
		c.hook()
	}
}
