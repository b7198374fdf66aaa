package worker

import (
	"sync"
	"sync/atomic"
	"time"
)

// counter counts what has been heard of a process in the background, so that a call does not return before what was logged in it
// has been. The zero value is at zero.
type counter struct {
	n atomic.Uint64

	mu      sync.Mutex
	ended   bool
	waiting chan struct{} // closed at the next one; nil where nobody waits
}

// heardTime bounds how long a call waits: a logger may be slow, or call itself.
const heardTime = time.Second

func (c *counter) add() {
	c.n.Add(1)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.wake()
}

// end says that no more will be heard.
func (c *counter) end() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ended = true
	c.wake()
}

func (c *counter) wake() {
	if c.waiting != nil {
		close(c.waiting)
		c.waiting = nil
	}
}

// wait returns when so many have been heard, or there is no use in waiting.
func (c *counter) wait(n uint64) {
	if c.n.Load() >= n {
		return
	}
	late := time.NewTimer(heardTime)
	defer late.Stop()
	for {
		c.mu.Lock()
		if c.n.Load() >= n || c.ended {
			c.mu.Unlock()
			return
		}
		if c.waiting == nil {
			c.waiting = make(chan struct{})
		}
		more := c.waiting
		c.mu.Unlock()
		select {
		case <-more:
		case <-late.C:
			return
		}
	}
}
