package engine

import (
	"context"
	"time"

	"github.com/scriptd/scriptd/sources"
)

// recordTime bounds a write to the cache that is not given up with the sync it belongs to.
const recordTime = 10 * time.Second

// record tells the cache which tree a restart should begin with. What fails is tried again at the next sync. The caller
// holds the source's turn.
func (e *Engine) record(ctx context.Context, s *source) {
	s.mu.Lock()
	active := s.unrecorded
	s.mu.Unlock()
	if active == nil {
		return
	}
	// It is live already, whoever asked for the sync is still there or not.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), recordTime)
	defer cancel()
	err := e.opts.Cache.Activate(ctx, s.Name, *active)
	if err != nil {
		e.log.Warn("what serves cannot be recorded: a restart would begin with what was recorded before", "source", s.Name, "error", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.recordErr = sources.Fail(sources.Transient, err, "record what serves")
	if err == nil {
		s.unrecorded = nil
	}
}
