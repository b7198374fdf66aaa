package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/scriptd/scriptd/cache"
	"github.com/scriptd/scriptd/engine/runtime"
	"github.com/scriptd/scriptd/sources"
)

const (
	// keptSyncs bounds the syncs of a source that are remembered.
	keptSyncs = 200
	// maxSyncPage is the most that SyncHistory returns at a time.
	maxSyncPage = 100
)

// poll is what is known of the last time that an origin was asked.
type poll struct {
	began    time.Time
	took     time.Duration
	requests int64
	bytes    int64
}

// startPoll returns a context in which the traffic of a poll is counted, and what to call when it is over.
func (s *source) startPoll(ctx context.Context) (context.Context, func() poll) {
	traffic := new(sources.Traffic)
	began := time.Now()
	return sources.WithTraffic(ctx, traffic), func() poll {
		p := poll{began, time.Since(began), traffic.Requests(), traffic.Bytes()}
		s.mu.Lock()
		defer s.mu.Unlock()
		s.lastPoll = p
		if s.originErr == nil && s.loadErr == nil {
			s.lastSuccess = time.Now()
		}
		return p
	}
}

// noteSync adds a sync to the history of a source, unless it is like the one before: news says that another error came, or
// went, and before is the tree that was there. The caller holds the source's turn.
func (e *Engine) noteSync(ctx context.Context, s *source, p poll, before cache.Digest, err error, news bool) {
	s.mu.Lock()
	entry := cache.Sync{
		At: p.began.UTC(), Revision: s.newest.Revision, Digest: s.newest.Digest,
		Requests: p.requests, Bytes: p.bytes, Milliseconds: p.took.Milliseconds(),
	}
	loadErr, first := s.loadErr, !s.noted
	s.noted = true
	s.mu.Unlock()
	switch {
	case err != nil && !news:
		return
	case err != nil:
		entry.Result, entry.Revision, entry.Digest = cache.SyncFailed, "", ""
	case entry.Digest != before:
		entry.Result, err = cache.SyncChanged, loadErr
	case news, first: // another process may have found it in trouble
		entry.Result = cache.SyncRecovered
	default:
		return
	}
	if err != nil {
		entry.Kind, entry.Error = errorKind(err), err.Error()
	}
	if e.opts.Role == RoleServe {
		return // those say it who ask the origin
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), recordTime)
	defer cancel()
	list, err := e.opts.Cache.Syncs(ctx, s.Name)
	if err != nil && !errors.Is(err, cache.ErrCorrupt) {
		e.log.Warn("the history of a source cannot be read", "source", s.Name, "error", err)
		return
	}
	var last cache.Sync
	if len(list) > 0 {
		last = list[len(list)-1]
	}
	switch known := last.Result == cache.SyncFailed; {
	case entry.Result == cache.SyncFailed && known && last.Error == entry.Error, entry.Result == cache.SyncRecovered && !known:
		return // another process has said so
	}
	if entry.Result == cache.SyncChanged && last.Result == cache.SyncChanged && entry.Digest == last.Digest && entry.Revision == last.Revision {
		return // and this
	}
	entry.ID = last.ID + 1
	list = append(list, entry)
	if err := e.opts.Cache.SetSyncs(ctx, s.Name, list[max(0, len(list)-keptSyncs):]); err != nil {
		e.log.Warn("the history of a source cannot be recorded", "source", s.Name, "error", err)
	}
}

// errorKind names the kind of an error: that of an origin's, or problems where the source code is at fault.
func errorKind(err error) string {
	if err == nil {
		return ""
	}
	if _, ok := errors.AsType[runtime.Problems](err); ok {
		return "problems"
	}
	return sources.KindOf(err).String()
}

// SyncHistory returns the syncs of a source that brought something else than the one before, the newest first: those with
// an ID below before, all for zero, and limit of them at most, 100 for zero. It fails with ErrNoSource.
func (e *Engine) SyncHistory(ctx context.Context, name string, before int64, limit int) ([]cache.Sync, error) {
	if e.source(name) == nil {
		return nil, fmt.Errorf("%w: %s", ErrNoSource, name)
	}
	if limit <= 0 || limit > maxSyncPage {
		limit = maxSyncPage
	}
	list, err := e.opts.Cache.Syncs(ctx, name)
	if err != nil {
		return nil, err
	}
	slices.Reverse(list)
	if before > 0 {
		list = slices.DeleteFunc(list, func(s cache.Sync) bool { return s.ID >= before })
	}
	return list[:min(len(list), limit)], nil
}

// Suspend stops, or starts again, that the origin of a source is asked by itself; Sync still does. What serves goes on. It
// outlasts the process, and holds for all that share the cache. It fails with ErrNoSource.
func (e *Engine) Suspend(ctx context.Context, name string, suspended bool) error {
	s := e.source(name)
	if s == nil {
		return fmt.Errorf("%w: %s", ErrNoSource, name)
	}
	if err := s.lock(ctx); err != nil {
		return err
	}
	defer s.unlock()
	if err := e.changeControl(ctx, s, func(c *cache.Control) { c.Suspended = suspended }); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.control.Suspended = suspended
	if !suspended {
		s.wake()
	}
	return nil
}

// suspended reports whether the origin is not to be asked.
func (s *source) suspended() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.control.Suspended
}
