package engine

import (
	"context"
	"io/fs"
	"sync"

	"github.com/scriptd/scriptd/cache"
)

// candidate is a tree that may go live, with the configuration of its packages.
type candidate struct {
	cache.Active
	files   fs.FS
	configs configs
	// restoring: every package is taken from the tree that it served from last, not from this one.
	restoring bool
	// partial: what becomes of it says nothing of the tree as a whole.
	partial bool
	// force has packages loaded though nothing has changed.
	force bool
	// bad is a version that is taken out of service, in whose place another may come.
	bad *quarantinedPackage
	// others are the trees of packages that are held at another one.
	others *trees
}

// from returns a candidate for another tree of the cache, with the same configuration.
func (c *candidate) from(ctx context.Context, revision string, digest cache.Digest) (*candidate, error) {
	files, err := c.others.open(ctx, digest)
	if err != nil {
		return nil, err
	}
	other := *c
	other.files, other.Revision, other.Digest = files, revision, digest
	return &other, nil
}

// trees are trees of the cache, each opened once. They are safe for concurrent use.
type trees struct {
	store cache.Store

	mu     sync.Mutex
	opened map[cache.Digest]fs.FS
}

func (t *trees) open(ctx context.Context, d cache.Digest) (fs.FS, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if files := t.opened[d]; files != nil {
		return files, nil
	}
	files, err := t.store.Open(ctx, d)
	if err != nil {
		return nil, err
	}
	if t.opened == nil {
		t.opened = make(map[cache.Digest]fs.FS)
	}
	t.opened[d] = files
	return files, nil
}

// candidate returns one for a tree that the cache has. Nil files are read when they are needed.
func (e *Engine) candidate(active cache.Active, configs configs, files fs.FS) *candidate {
	active.Packages, active.Newest, active.NewestRevision = nil, "", ""
	return &candidate{Active: active, files: files, configs: configs, others: &trees{store: e.opts.Cache}}
}

// followed returns the tree that packages of a source follow which are not pinned.
func (e *Engine) followed(s *source) *candidate { return e.candidate(s.newest, s.configs(), nil) }
