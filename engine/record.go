package engine

import (
	"context"
	"errors"
	"math/rand/v2"
	"reflect"
	"time"

	"github.com/scriptd/scriptd/cache"
	"github.com/scriptd/scriptd/sources"
)

// recordTime bounds a write to the cache that is not given up with the sync it belongs to.
const recordTime = 10 * time.Second

// conflictPause is the longest time before a record is read again that somebody else has replaced.
const conflictPause = 20 * time.Millisecond

// record tells the cache what a restart should begin with, unless it knows. What fails is tried again at the next sync.
// Nothing is recorded of a source that nothing was ever live of. The caller holds the source's turn.
func (e *Engine) record(ctx context.Context, s *source, active cache.Active) {
	if active.Digest == "" || reflect.DeepEqual(active, s.recorded) {
		return
	}
	// What is decided is decided, whoever asked for it is still there or not.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), recordTime)
	defer cancel()
	err := untilAgreed(ctx, func() error { return e.recordOnce(ctx, s.Name, s.recorded, active) })
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

// recordOnce adds what an engine knows to what others have recorded. Base is what it knew when it did so last.
func (e *Engine) recordOnce(ctx context.Context, source string, base, active cache.Active) error {
	theirs, err := e.opts.Cache.Active(ctx, source)
	next := active
	switch {
	case errors.Is(err, cache.ErrNotFound):
		next.Version = cache.Absent
	case errors.Is(err, cache.ErrCorrupt):
	case err != nil:
		return err
	default:
		if next = merge(base, active, theirs); reflect.DeepEqual(next, theirs) {
			return nil
		}
	}
	return e.opts.Cache.Activate(ctx, source, next)
}

// elsewhere finds a version of a package that others have recorded, and this engine has not seen. Where there is none, it fails with
// the error that is given.
func (e *Engine) elsewhere(ctx context.Context, s *source, path, digest string, unknown error) (Version, error) {
	theirs, err := e.opts.Cache.Active(ctx, s.Name)
	if err != nil || theirs.Origin != s.Origin {
		return Version{}, unknown
	}
	v, err := (&member{versions: theirs.Packages[path]}).version(digest)
	if err != nil {
		return Version{}, unknown
	}
	return v, nil
}

// untilAgreed calls a function that replaces a record as it read it, until nobody else has replaced it meanwhile, or ctx ends.
func untilAgreed(ctx context.Context, write func() error) error {
	for {
		err := write()
		if !errors.Is(err, cache.ErrConflict) {
			return err
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(rand.N(conflictPause)): // so that not all try again at the same moment
		}
	}
}

// recordAgain records what could not be recorded before.
func (e *Engine) recordAgain(ctx context.Context, s *source) {
	if s.recordErr != nil {
		e.record(ctx, s, active(s.live, s.newest, s.members))
	}
}
