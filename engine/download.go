package engine

import (
	"context"
	"errors"
	"fmt"
	"io/fs"

	"github.com/scriptd/scriptd/cache"
	"github.com/scriptd/scriptd/sources"
)

// refusal is a revision whose tree is not accepted.
type refusal struct {
	revision sources.Revision
	err      error
}

func (s *Source) selection() sources.Selection {
	return sources.Selection{Dir: s.Dir, Include: s.Include, Exclude: s.Exclude}
}

// download fetches the files of a revision. One that was refused stays refused, and is not fetched again.
func (e *Engine) download(ctx context.Context, s *source, revision sources.Revision) (fs.FS, error) {
	s.mu.Lock()
	refused := s.refused
	s.mu.Unlock()
	if refused.err != nil && refused.revision == revision {
		return nil, refused.err
	}
	tree, err := s.fetchTree(ctx, revision)
	if err == nil {
		err = e.checkDeletions(ctx, s, tree)
	}
	refused = refusal{}
	if err != nil && sources.KindOf(err) == sources.Refused {
		refused = refusal{revision, err}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.refused = refused
	return tree, err
}

// checkDeletions refuses a tree that lacks too many files of the tree before.
func (e *Engine) checkDeletions(ctx context.Context, s *source, tree fs.FS) error {
	if s.MaxDelete == 0 || s.MaxDelete == 1 {
		return nil
	}
	s.mu.Lock()
	digest := s.newest.Digest
	s.mu.Unlock()
	if digest == "" {
		return nil
	}
	before, err := e.opts.Cache.Open(ctx, digest)
	if errors.Is(err, cache.ErrNotFound) || errors.Is(err, cache.ErrCorrupt) {
		return nil // there is nothing to compare with
	}
	if err != nil {
		return sources.Fail(sources.Transient, err, "compare with the tree before")
	}
	total, gone := 0, 0
	err = fs.WalkDir(before, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		total++
		if info, err := fs.Stat(tree, name); err != nil || info.IsDir() {
			gone++
		}
		return nil
	})
	if err != nil {
		return sources.Fail(sources.Transient, err, "compare with the tree before")
	}
	if float64(gone) <= s.MaxDelete*float64(total) {
		return nil
	}
	why := fmt.Errorf("%d of the %d files before are gone, more than %g %%: if that is meant, raise max_delete", gone, total, 100*s.MaxDelete)
	return sources.Fail(sources.Refused, why, "compare with the tree before")
}
