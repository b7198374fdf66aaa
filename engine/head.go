package engine

import (
	"context"
	"errors"
	"time"

	"github.com/scriptd/scriptd/cache"
	"github.com/scriptd/scriptd/sources"
)

// head is what the cache said that the origin of a source has, before the origin was asked.
type head struct {
	cache.Head
	err error
}

// head reads what the cache says that the origin has. None, and one that is damaged, is no error.
func (e *Engine) head(ctx context.Context, s *source) head {
	h, err := e.opts.Cache.Head(ctx, s.Name)
	switch {
	case errors.Is(err, cache.ErrNotFound):
		return head{Head: cache.Head{Version: cache.Absent}}
	case errors.Is(err, cache.ErrCorrupt):
		e.log.Warn("what the cache says of the origin cannot be read: it is written anew", "source", s.Name, "error", err)
		return head{}
	}
	return head{h, err}
}

// tree is the tree that h is.
func (h head) tree() cache.Active {
	return cache.Active{Origin: h.Origin, Revision: h.Revision, Digest: h.Digest, FetchedAt: h.FetchedAt}
}

// accepted reports whether h may be used for a source in place of what the origin would give.
func (h head) accepted(s *source) bool {
	return h.err == nil && h.Digest != "" && h.Origin == s.Origin && (s.Digest == "" || string(h.Digest) == s.Digest)
}

// is reports whether h is that tree.
func (h head) is(tree cache.Active) bool {
	return h.Origin == tree.Origin && h.Revision == tree.Revision && h.Digest == tree.Digest
}

// fetchedAt is the time of a revision that was fetched just now. It is that of the head where another engine has found the same,
// else later than all that is known, whatever the clocks say: so the trees of a source are in the order in which they came.
func (s *source) fetchedAt(h head, revision sources.Revision) time.Time {
	if h.Origin == s.Origin && h.Revision == string(revision) && s.newest.Revision != h.Revision {
		return h.FetchedAt
	}
	at := time.Now().UTC()
	for _, known := range []time.Time{h.FetchedAt, s.newest.FetchedAt} {
		if !at.After(known) {
			at = known.Add(1)
		}
	}
	return at
}

// lead makes a tree, which the origin had after h was read, the head of the source for all who follow. News says that this
// engine did not know it before. Where another engine is there first, with what it saw later, that stays, and the source is looked
// at again soon. The caller holds the source's turn.
func (e *Engine) lead(ctx context.Context, s *source, h head, tree cache.Active, news bool) error {
	if tree.Digest == "" {
		return nil
	}
	if h.err != nil {
		return sources.Fail(sources.Transient, h.err, "read the head in the cache")
	}
	known := h.Version != cache.Absent && h.Version != ""
	switch {
	case h.is(tree):
		s.led, s.doubted = true, ""
		return nil
	case known && !news && h.Origin != s.Origin && s.led:
		return nil // another configuration has the same name: neither replaces the other's again and again
	case known && !news && h.Origin == s.Origin && s.doubted != h.Version:
		// Another engine has seen what this one does not. It may be ahead; if it is not, the next poll will find the same.
		s.doubted = h.Version
		return nil
	}
	next := cache.Head{Origin: s.Origin, Revision: tree.Revision, Digest: tree.Digest, FetchedAt: tree.FetchedAt, Version: h.Version}
	if !next.FetchedAt.After(h.FetchedAt) {
		next.FetchedAt = h.FetchedAt.Add(1)
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), recordTime)
	defer cancel()
	err := e.opts.Cache.SetHead(ctx, s.Name, next)
	if errors.Is(err, cache.ErrConflict) && e.head(ctx, s).is(tree) {
		err = nil // another has found the same
	}
	switch {
	case err == nil:
		s.led, s.doubted = true, ""
	case errors.Is(err, cache.ErrConflict):
		e.log.Debug("another scriptd has found something else meanwhile", "source", s.Name, "revision", tree.Revision)
		s.wake()
		return nil
	case errors.Is(err, cache.ErrNotFound):
		s.forget() // the cache has lost the tree
	}
	return sources.Fail(sources.Transient, err, "record the head in the cache")
}
