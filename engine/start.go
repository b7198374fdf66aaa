package engine

import (
	"context"
	"errors"
	"sync"

	"github.com/scriptd/scriptd/cache"
)

// start tries every source once: from the cache, so that everything serves that served before, then from the origin.
func (e *Engine) start(ctx context.Context) {
	restored := newOrder(len(e.sources), e.opts.StartTimeout)
	synced := newOrder(len(e.sources), e.opts.StartTimeout)
	var started sync.WaitGroup
	for i, s := range e.sources {
		started.Go(func() {
			first := pass{turn: func() { synced.wait(i) }}
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
	tree, openErr := e.opts.Cache.Open(ctx, active.Digest)
	if err = errors.Join(err, openErr); err != nil {
		e.log.Warn("the cached tree cannot be used", "source", s.Name, "error", err)
		return false
	}
	s.unreachable(errors.New("serving the cached tree; the origin has not answered yet"))
	e.load(ctx, s, tree, active, s.configs(), turn)
	return true
}
