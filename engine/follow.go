package engine

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/scriptd/scriptd/cache"
	"github.com/scriptd/scriptd/sources"
)

// followInterval is how often an engine with RoleServe looks into the cache, where its source does not say.
const followInterval = 5 * time.Second

// followHead returns what others say that the origin has, or nil where that was tried before. The origin is not asked.
func (e *Engine) followHead(ctx context.Context, s *source, patience time.Duration) (*candidate, error) {
	ctx, cancel := context.WithTimeout(ctx, s.Timeout)
	defer cancel()
	h, err := e.askCache(ctx, s, patience)
	if err != nil {
		return nil, err
	}
	s.heard()
	e.emit(Event{Kind: SourceChecked, Source: s.Name, Revision: h.Revision})
	last, configs := s.last(), s.configs()
	if last.revision == h.Revision && last.digest == h.Digest && last.config == configs.fingerprint && !e.anyFree(last.waits) {
		return nil, nil
	}
	if s.Digest != "" && string(h.Digest) != s.Digest {
		return nil, sources.Fail(sources.Unverified, fmt.Errorf("the tree is %s, want %s", h.Digest, s.Digest), "revision %s", h.Revision)
	}
	files, err := e.opts.Cache.Open(ctx, h.Digest)
	if err != nil {
		// Where it was removed, a newer one is the head.
		return nil, overdue(ctx, s.Timeout, sources.Fail(sources.Transient, err, "revision %s", h.Revision))
	}
	if last.digest != h.Digest {
		e.emit(Event{Kind: SourceFetched, Source: s.Name, Revision: h.Revision, Digest: string(h.Digest)})
	}
	return e.candidate(head{Head: h}.tree(), configs, files), nil
}

// askCache returns the head of a source. A head of another origin is none.
func (e *Engine) askCache(ctx context.Context, s *source, patience time.Duration) (cache.Head, error) {
	if patience == 0 || patience > s.Timeout {
		patience = s.Timeout
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	h, err := e.opts.Cache.Head(ctx, s.Name)
	const op = "follow the cache"
	switch {
	case errors.Is(err, cache.ErrNotFound):
		err = sources.Fail(sources.NotFound, errors.New("it has nothing of this source yet: a scriptd of the role sync or both brings it"), op)
	case err != nil:
		err = overdue(ctx, patience, sources.Fail(sources.Transient, err, op))
	case h.Origin != s.Origin:
		err = sources.Fail(sources.Misconfigured, fmt.Errorf("what it has is of %s, and the configuration says %s", h.Origin, s.Origin), op)
	}
	return h, err
}
