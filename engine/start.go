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
			turn := func() {
				restored.wait(len(restored)) // what served keeps its names
				synced.wait(i)
			}
			first := pass{turn: turn}
			var newest *candidate
			if e.opts.Role != RoleSync {
				newest = e.restore(ctx, s, func() { restored.wait(i) })
			} else if e.remembered(ctx, s) {
				first.patience = e.opts.StartTimeout
			}
			restored.done(i)
			if newest != nil {
				first.patience = e.opts.StartTimeout
				_ = e.load(ctx, s, newest, turn) // it ends with ctx, or the engine
			}
			_ = e.syncSource(ctx, s, first) // it is in the status and in the log
			synced.done(i)
		})
	}
	started.Wait()
}

// restore brings the packages live that were so when the cache was used last. It returns the newest tree of the source that
// the cache has, nil for none.
func (e *Engine) restore(ctx context.Context, s *source, turn func()) *candidate {
	active, err := e.opts.Cache.Active(ctx, s.Name)
	active.Version = ""
	if errors.Is(err, cache.ErrNotFound) || err == nil && active.Origin != s.Origin {
		return nil
	}
	if err == nil && s.Digest != "" && string(active.Digest) != s.Digest {
		return nil // what was accepted then is not now
	}
	var next *candidate
	if err == nil {
		next = e.candidate(active, s.configs(), nil)
		next.files, err = next.others.open(ctx, active.Digest)
	}
	if err != nil {
		e.log.Warn("the cached tree cannot be used", "source", s.Name, "error", err)
		if active.Digest != "" {
			s.remember(active, e.controls(ctx, s))
		}
		return nil
	}
	s.restoring(active, e.controls(ctx, s))
	was := *next
	was.restoring, was.partial = true, true
	if e.load(ctx, s, &was, turn) != nil {
		return nil
	}
	if active.Newest != "" {
		if newest, err := next.from(ctx, active.NewestRevision, active.Newest); err == nil {
			return newest
		}
	}
	return next
}
