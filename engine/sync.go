package engine

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"sync"
	"time"

	"github.com/scriptd/scriptd/cache"
	"github.com/scriptd/scriptd/sources"
)

// Sync brings the named sources, all where none is named, up to date now. The results are in the order of the names. An
// error is returned for a name that is not a source's, and where ctx ended; what went wrong with a source is in its
// result.
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
		syncs.Go(func() {
			before := s.serving().Digest
			// What went wrong is in the status, with what went wrong at loads before.
			_ = e.syncSource(ctx, s, pass{})
			st := s.status()
			results[i] = SyncResult{
				Source: st.Name, Revision: st.Revision, Digest: st.Digest,
				Changed: st.Digest != string(before), Error: st.Error, Err: st.Err,
			}
		})
	}
	syncs.Wait()
	return results, ctx.Err()
}

// named returns the sources of these names, all for none.
func (e *Engine) named(names []string) ([]*source, error) {
	if len(names) == 0 {
		return e.sources, nil
	}
	wanted := make([]*source, len(names))
	for i, name := range names {
		at := slices.IndexFunc(e.sources, func(s *source) bool { return s.Name == name })
		if at < 0 {
			return nil, fmt.Errorf("%w: %s", ErrNoSource, name)
		}
		wanted[i] = e.sources[at]
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
}

// syncSource asks the origin for its revision and, where that is another one than was tried last, fetches it and
// brings it live. The error is that of the origin or the cache; what is wrong with the packages is in the source's
// status, as this is.
func (e *Engine) syncSource(ctx context.Context, s *source, p pass) (err error) {
	if err := s.lock(ctx); err != nil {
		return err
	}
	defer s.unlock()
	ctx, cancel := context.WithTimeout(ctx, s.Timeout)
	defer cancel()
	defer func() {
		if err != nil {
			s.unreachable(err)
			e.log.Warn("source cannot be synced", "source", s.Name, "error", err)
		}
	}()
	revision, err := s.resolve(ctx, p.patience)
	if err != nil {
		return err
	}
	configs, last := s.configs(), s.last()
	if last.revision == string(revision) && last.config == configs.fingerprint && !last.again {
		s.reached()
		return nil
	}
	tree, digest, err := e.tree(ctx, s, revision, last)
	if err != nil {
		return err
	}
	s.reached()
	active := cache.Active{Origin: s.Origin, Revision: string(revision), Digest: digest, FetchedAt: time.Now().UTC()}
	if !e.load(ctx, s, tree, active, configs, p.turn) {
		return nil
	}
	if err := e.opts.Cache.Activate(ctx, s.Name, active); err != nil {
		return sources.Fail(sources.Transient, err, "source %s: record the tree that is live", s.Name)
	}
	return nil
}

// resolve asks the origin for its revision.
func (s *source) resolve(ctx context.Context, patience time.Duration) (sources.Revision, error) {
	if patience == 0 {
		return s.From.Resolve(ctx)
	}
	limited, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	revision, err := s.From.Resolve(limited)
	if err != nil && limited.Err() != nil && ctx.Err() == nil {
		return "", sources.Fail(sources.Transient, fmt.Errorf("no answer within %s: %w", patience, err), "source %s", s.Name)
	}
	return revision, err
}

// tree returns the files of a revision: from the cache where it was tried before, else from the origin.
func (e *Engine) tree(ctx context.Context, s *source, revision sources.Revision, last attempt) (fs.FS, cache.Digest, error) {
	if last.revision == string(revision) {
		if tree, err := e.opts.Cache.Open(ctx, last.digest); err == nil {
			return tree, last.digest, nil
		} else if !errors.Is(err, cache.ErrNotFound) {
			e.log.Warn("the cached tree cannot be used", "source", s.Name, "error", err)
		}
	}
	files := sources.NewTree(sources.Selection{Dir: s.Dir}, s.Limits)
	if err := s.From.Fetch(ctx, revision, files); err != nil {
		return nil, "", err
	}
	tree, err := files.Seal()
	if err != nil {
		return nil, "", err
	}
	digest, err := e.opts.Cache.Put(ctx, tree)
	if err != nil {
		return nil, "", sources.Fail(sources.Transient, err, "source %s: keep revision %s", s.Name, revision)
	}
	return tree, digest, nil
}
