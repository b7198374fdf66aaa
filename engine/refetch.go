package engine

import (
	"context"
	"errors"
	"fmt"
	"io/fs"

	"github.com/scriptd/scriptd/cache"
	"github.com/scriptd/scriptd/sources"
)

// Refetched is a tree that the cache had lost.
type Refetched struct {
	Source   string       `json:"source"`
	Revision string       `json:"revision"`
	Digest   cache.Digest `json:"digest"`
	// Err is why it could not be had again, and Error the same in words; nil and empty where it is in the cache.
	Err   error  `json:"-"`
	Error string `json:"error"`
}

// Refetch looks for trees that the cache should have and cannot open: what is active, the head, was tried last, or is in the
// history of a package of a source. It fetches them from the origin, by their revision, and puts them into the cache. Nothing is loaded.
// An origin that keeps only what is there now, a folder or a bucket, has no other than that.
func Refetch(ctx context.Context, store cache.Store, list []Source) ([]Refetched, error) {
	var results []Refetched
	for _, s := range list {
		wanted, err := wantedTrees(ctx, store, s)
		if err != nil {
			return results, err
		}
		for _, r := range wanted {
			_, err := store.Open(ctx, r.Digest)
			if err == nil {
				continue
			}
			if !errors.Is(err, cache.ErrNotFound) && !errors.Is(err, cache.ErrCorrupt) {
				return results, err
			}
			r.Source = s.Name
			if r.Err = refetch(ctx, store, s, r); r.Err != nil {
				r.Error = r.Err.Error()
			}
			results = append(results, r)
		}
	}
	return results, ctx.Err()
}

// wantedTrees are the trees that the records of a source name, each once. Records that are damaged, or of another origin, name none.
func wantedTrees(ctx context.Context, store cache.Store, s Source) ([]Refetched, error) {
	var list []Refetched
	seen := map[cache.Digest]bool{"": true}
	add := func(d cache.Digest, revision string) {
		if !seen[d] {
			seen[d] = true
			list = append(list, Refetched{Digest: d, Revision: revision})
		}
	}
	broken := func(err error) bool { return !errors.Is(err, cache.ErrNotFound) && !errors.Is(err, cache.ErrCorrupt) }
	active, err := store.Active(ctx, s.Name)
	if err != nil && broken(err) {
		return nil, err
	}
	if err == nil && active.Origin == s.Origin {
		add(active.Digest, active.Revision)
		add(active.Newest, active.NewestRevision)
		for _, versions := range active.Packages {
			for _, v := range versions {
				add(v.Digest, v.Revision)
			}
		}
	}
	head, err := store.Head(ctx, s.Name)
	if err != nil && broken(err) {
		return nil, err
	}
	if err == nil && head.Origin == s.Origin {
		add(head.Digest, head.Revision)
	}
	return list, nil
}

func refetch(ctx context.Context, store cache.Store, s Source, want Refetched) error {
	if s.From == nil {
		return errors.New("this scriptd follows the cache, and asks no origin: one with another role can fetch it")
	}
	if s.Timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, s.Timeout)
		defer cancel()
	}
	tree, err := s.fetchTree(ctx, sources.Revision(want.Revision))
	if err != nil {
		return err
	}
	got, err := store.Put(ctx, tree)
	if err != nil {
		return sources.Fail(sources.Transient, err, "keep revision %s", want.Revision)
	}
	if got != want.Digest {
		return fmt.Errorf("the origin has another tree for the revision: %s", got)
	}
	return nil
}

// fetchTree fetches the files of a revision.
func (s *Source) fetchTree(ctx context.Context, revision sources.Revision) (fs.FS, error) {
	files := sources.NewTree(s.selection(), s.Limits)
	if err := s.From.Fetch(ctx, revision, files); err != nil {
		return nil, err
	}
	return files.Seal()
}
