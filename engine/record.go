package engine

import (
	"context"
	"reflect"
	"time"

	"github.com/scriptd/scriptd/cache"
	"github.com/scriptd/scriptd/sources"
)

// recordTime bounds a write to the cache that is not given up with the sync it belongs to.
const recordTime = 10 * time.Second

// record tells the cache what a restart should begin with, unless it knows. What fails is tried again at the next sync.
// Nothing is recorded of a source that nothing was ever live of. The caller holds the source's turn.
func (e *Engine) record(ctx context.Context, s *source, active cache.Active) {
	if active.Digest == "" || reflect.DeepEqual(active, s.recorded) {
		return
	}
	// What is decided is decided, whoever asked for it is still there or not.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), recordTime)
	defer cancel()
	err := e.opts.Cache.Activate(ctx, s.Name, active)
	if err != nil {
		e.log.Warn("what serves cannot be recorded: a restart would begin with what was recorded before", "source", s.Name, "error", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.recordErr = sources.Fail(sources.Transient, err, "record what serves")
	if err == nil {
		s.recorded = active
	}
}

// recordAgain records what could not be recorded before.
func (e *Engine) recordAgain(ctx context.Context, s *source) {
	if s.recordErr != nil {
		e.record(ctx, s, active(s.live, s.newest, s.members))
	}
}
