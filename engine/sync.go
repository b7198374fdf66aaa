package engine

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"sync"
	"time"

	"github.com/scriptd/scriptd/cache"
	"github.com/scriptd/scriptd/sources"
)

// Sync brings the named sources, all where none is named, up to date now. The results are in the order of the names. An
// error is returned for a name that is not a source's, where ctx ended, and ErrClosed where the engine was closed; what
// went wrong with a source is in its result.
func (e *Engine) Sync(ctx context.Context, names ...string) ([]SyncResult, error) {
	if !e.begin() {
		return nil, ErrClosed
	}
	defer e.work.Done()
	wanted, err := e.named(names)
	if err != nil {
		return nil, err
	}
	ctx, cancel := e.untilClosed(ctx)
	defer cancel()
	results := make([]SyncResult, len(wanted))
	var syncs sync.WaitGroup
	for i, s := range wanted {
		syncs.Go(func() { results[i] = e.syncNow(ctx, s) })
	}
	syncs.Wait()
	if e.closing.Err() != nil {
		return results, ErrClosed
	}
	return results, ctx.Err()
}

func (e *Engine) syncNow(ctx context.Context, s *source) SyncResult {
	before := s.serving().Digest
	err := e.syncSource(ctx, s, pass{asked: true})
	st := s.status()
	if err == nil {
		err = st.Err // what is wrong with packages, found now or before
	}
	r := SyncResult{Source: s.Name, Revision: st.Revision, Digest: st.Digest, Changed: st.Digest != string(before), Err: err}
	if err != nil {
		r.Error = err.Error()
	}
	return r
}

// named returns the sources of these names, all for none.
func (e *Engine) named(names []string) ([]*source, error) {
	if len(names) == 0 {
		return e.sources, nil
	}
	wanted := make([]*source, len(names))
	for i, name := range names {
		if wanted[i] = e.source(name); wanted[i] == nil {
			return nil, fmt.Errorf("%w: %s", ErrNoSource, name)
		}
	}
	return wanted, nil
}

// untilClosed returns a context that ends with ctx, and with the engine.
func (e *Engine) untilClosed(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(ctx)
	unhook := context.AfterFunc(e.closing, cancel)
	return ctx, func() {
		unhook()
		cancel()
	}
}

// pass is how a source is synced. The zero value is as usual.
type pass struct {
	// patience is how long to wait for the origin to say which revision it has; zero is the source's timeout.
	patience time.Duration
	// turn is called before anything goes live.
	turn func()
	// asked: somebody wants it now, though the source may be suspended.
	asked bool
}

// syncSource asks the origin for its revision and, where that is another one than was tried last, fetches it and
// brings it live. The error, which is in the source's status too, is that of the origin or the cache; what is wrong with
// the packages is in the status alone. Where ctx ends, that is the error, and it is as if nothing had been tried.
func (e *Engine) syncSource(ctx context.Context, s *source, p pass) error {
	if err := s.lock(ctx); err != nil {
		return fmt.Errorf("sync %s: %w", s.Name, err)
	}
	defer s.unlock()
	e.obey(ctx, s)
	if s.suspended() && !p.asked {
		e.recordAgain(ctx, s)
		return nil
	}
	before := s.last().digest
	ctx, polled := s.startPoll(ctx)
	err := e.update(ctx, s, p)
	if err != nil && ctx.Err() != nil {
		return fmt.Errorf("sync %s: %w", s.Name, ctx.Err()) // it says nothing about the origin
	}
	news := s.synced(err)
	e.noteSync(ctx, s, polled(), before, err, news)
	if err != nil {
		e.emit(Event{Kind: SourceFailed, Source: s.Name, Err: err, news: news})
	} else if news {
		e.log.Info("source can be synced again", "source", s.Name)
	}
	e.recordAgain(ctx, s)
	return err
}

// update brings a source to what its origin has.
func (e *Engine) update(ctx context.Context, s *source, p pass) error {
	switch e.opts.Role {
	case RoleServe:
		next, err := e.followHead(ctx, s, p.patience)
		if err == nil && next != nil {
			err = e.load(ctx, s, next, p.turn)
		}
		return err
	case RoleSync:
		return e.updateCache(ctx, s, p)
	default:
		return e.updateBoth(ctx, s, p)
	}
}

// updateBoth brings what the origin has live, and tells others.
func (e *Engine) updateBoth(ctx context.Context, s *source, p pass) error {
	h, before := e.head(ctx, s), s.last()
	next, err := e.fetch(ctx, s, h, p.patience)
	if err == nil && next != nil {
		err = e.load(ctx, s, next, p.turn)
	}
	if err != nil {
		return err
	}
	err = e.lead(ctx, s, h, s.newest, next != nil && next.Revision != before.revision)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.headErr = err // what serves is what the origin has
	return nil
}

// updateCache brings what the origin has into the cache, and to the head there.
func (e *Engine) updateCache(ctx context.Context, s *source, p pass) error {
	h := e.head(ctx, s)
	if p.asked || time.Since(s.looked) > lookInterval {
		e.look(ctx, s)
	}
	next, err := e.fetch(ctx, s, h, p.patience)
	if err != nil {
		return err
	}
	tree := s.newest
	if next != nil {
		tree = next.Active
	}
	if err := e.lead(ctx, s, h, tree, next != nil); err != nil {
		return err
	}
	if next != nil && s.newest.Digest != tree.Digest {
		e.log.Info("source is in the cache", "source", s.Name, "revision", tree.Revision)
	}
	s.keep(tree)
	return nil
}

// fetch returns what the origin has now, or nil where that was tried before.
func (e *Engine) fetch(ctx context.Context, s *source, h head, patience time.Duration) (*candidate, error) {
	ctx, cancel := context.WithTimeout(ctx, s.Timeout)
	defer cancel()
	revision, err := s.resolve(ctx, patience)
	if err != nil {
		return nil, err
	}
	s.heard()
	e.emit(Event{Kind: SourceChecked, Source: s.Name, Revision: string(revision)})
	last, configs := s.last(), e.configs(s)
	if last.revision == string(revision) && last.config == configs.fingerprint && !e.anyFree(last.waits) {
		return nil, nil
	}
	files, digest, err := e.tree(ctx, s, h, revision, last)
	if err != nil {
		return nil, overdue(ctx, s.Timeout, err)
	}
	active := cache.Active{Origin: s.Origin, Revision: string(revision), Digest: digest, FetchedAt: s.fetchedAt(h, revision)}
	return e.candidate(active, configs, files), nil
}

// resolve asks the origin for its revision.
func (s *source) resolve(ctx context.Context, patience time.Duration) (sources.Revision, error) {
	if patience == 0 || patience > s.Timeout {
		patience = s.Timeout
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	revision, err := s.From.Resolve(ctx)
	return revision, overdue(ctx, patience, err)
}

// overdue is err, said for people where it is about the time that ctx gave.
func overdue(ctx context.Context, limit time.Duration, err error) error {
	if err == nil || !errors.Is(context.Cause(ctx), context.DeadlineExceeded) {
		return err
	}
	what := "ask the origin"
	if known, ok := errors.AsType[*sources.Error](err); ok {
		what = known.Op
	}
	return sources.Fail(sources.Transient, fmt.Errorf("no answer within %s", limit), "%s", what)
}

// tree returns the files of a revision: from the cache where it was tried before, or is the head, else from the origin.
func (e *Engine) tree(ctx context.Context, s *source, h head, revision sources.Revision, last attempt) (fs.FS, cache.Digest, error) {
	if h.Revision == string(revision) && e.opts.Role == RoleSync && h.accepted(s) {
		if tree, err := e.opts.Cache.Open(ctx, h.Digest); err == nil {
			return tree, h.Digest, nil // another has brought it, and this one makes no use of it
		}
	}
	if last.revision == string(revision) {
		if tree, err := e.opts.Cache.Open(ctx, last.digest); err == nil {
			return tree, last.digest, nil
		} else if !errors.Is(err, cache.ErrNotFound) {
			e.log.Warn("the cached tree cannot be used", "source", s.Name, "error", err)
		}
	}
	tree, err := e.download(ctx, s, revision)
	if err != nil {
		return nil, "", err
	}
	digest, err := e.opts.Cache.Put(ctx, tree)
	if err != nil {
		return nil, "", sources.Fail(sources.Transient, err, "keep revision %s", revision)
	}
	if s.Digest != "" && string(digest) != s.Digest {
		return nil, "", sources.Fail(sources.Unverified, fmt.Errorf("the tree is %s, want %s", digest, s.Digest), "revision %s", revision)
	}
	e.emit(Event{Kind: SourceFetched, Source: s.Name, Revision: string(revision), Digest: string(digest)})
	return tree, digest, nil
}
