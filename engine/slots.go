package engine

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
)

// slots bound the calls of a plugin that run at a time, and those that wait. The versions of a plugin share them, so that
// the bound holds while one takes over from another. Nil slots are no bound.
type slots struct {
	running chan struct{}
	waiting atomic.Int64
	queue   int64
}

// newSlots returns the slots for a bound of the plugin's own and one of its policy, zero for none. Those of the version
// before are taken where they are the same.
func newSlots(own int, p Policy, before *slots) *slots {
	limit := own
	if p.Concurrency > 0 && (limit == 0 || p.Concurrency < limit) {
		limit = p.Concurrency
	}
	queue := int64(max(p.Queue, 0))
	switch {
	case limit == 0:
		return nil
	case before != nil && cap(before.running) == limit && before.queue == queue:
		return before
	default:
		return &slots{running: make(chan struct{}, limit), queue: queue}
	}
}

// enter waits for a place. The error is ErrBusy where too many wait already, or no place became free in time.
func (s *slots) enter(ctx *callContext) error {
	if s == nil {
		return nil
	}
	select {
	case s.running <- struct{}{}:
		return nil
	default:
	}
	if n := s.waiting.Add(1); n > s.queue {
		s.waiting.Add(-1)
		return fmt.Errorf("%w: %d calls are running, and %d wait", ErrBusy, cap(s.running), s.queue)
	}
	defer s.waiting.Add(-1)
	defer ctx.alarm()()
	select {
	case s.running <- struct{}{}:
		return nil
	case <-ctx.Done():
		if errors.Is(ctx.Err(), context.Canceled) {
			return ctx.Err()
		}
		return fmt.Errorf("%w: %d calls are running, and none ended in time", ErrBusy, cap(s.running))
	}
}

func (s *slots) leave() {
	if s != nil {
		<-s.running
	}
}
