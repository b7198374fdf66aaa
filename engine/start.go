package engine

import (
	"context"
	"errors"
	"sync"

	"github.com/scriptd/scriptd/cache"
)

// start tries every source once: from the cache, so that everything serves that served before, then from the origin.
func (e *Engine) start(ctx context.Context) {
	restored, synced := newOrder(len(e.sources)), newOrder(len(e.sources))
	var started sync.WaitGroup
	for i, s := range e.sources {
		started.Go(func() {
			first := pass{turn: func() {
				restored.wait(len(restored)) // what served keeps its names
				synced.wait(i)
			}}
			if e.restore(ctx, s, func() { restored.wait(i) }) {
				first.patience = e.opts.StartTimeout
			}
			restored.done(i)
			_ = e.syncSource(ctx, s, first) // it is in the status and in the log
			synced.done(i)
		})
	}
	started.Wait()
}

// restore brings the tree live that was active when the cache was used last, and reports whether there is one.
func (e *Engine) restore(ctx context.Context, s *source, turn func()) bool {
	active, err := e.opts.Cache.Active(ctx, s.Name)
	if errors.Is(err, cache.ErrNotFound) || err == nil && active.Origin != s.Origin {
		return false
	}
	next := &candidate{Active: active, cached: true}
	if err == nil {
		next.files, err = e.opts.Cache.Open(ctx, active.Digest)
	}
	if err != nil {
		e.log.Warn("the cached tree cannot be used", "source", s.Name, "error", err)
		return false
	}
	next.configs = s.configs()
	s.restoring(active)
	return e.load(ctx, s, next, turn) == nil
}
