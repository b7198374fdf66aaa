package engine

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/scriptd/scriptd/cache"
	"github.com/scriptd/scriptd/sources"
)

// start tries every source once: from the cache, so that everything serves that served before, then from the origin.
func (e *Engine) start(ctx context.Context) {
	restored := newOrder(len(e.sources), e.opts.StartTimeout)
	synced := newOrder(len(e.sources), e.opts.StartTimeout)
	var started sync.WaitGroup
	for i, s := range e.sources {
		started.Go(func() {
			limit := s.Timeout
			if e.restore(ctx, s, func() { restored.wait(i) }) {
				limit = e.opts.StartTimeout
			}
			restored.done(i)
			e.firstSync(ctx, s, limit, func() { synced.wait(i) })
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

// firstSync asks the origin for the first time.
func (e *Engine) firstSync(ctx context.Context, s *source, limit time.Duration, turn func()) {
	limited, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	err := e.syncSource(limited, s, turn)
	if errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil {
		s.unreachable(sources.Fail(sources.Transient, fmt.Errorf("no answer within %s: %w", limit, err), "source %s", s.Name))
	}
}
