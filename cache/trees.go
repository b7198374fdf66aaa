package cache

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"golang.org/x/sync/errgroup"
)

// TreeInfo is a tree of a store.
type TreeInfo struct {
	Digest Digest `json:"digest"`
	// Files is their number, and Bytes what they have, where none is shared with other trees.
	Files int   `json:"files"`
	Bytes int64 `json:"bytes"`
	// Uses are what it is to the sources that know it, by source.
	Uses []Use `json:"uses"`
	// Error is why it cannot be read; empty where its listing can.
	Error string `json:"error"`
}

// Trees lists the trees of the store, by digest. Only listings are read; Verify reads contents.
func (f *Files) Trees(ctx context.Context) ([]TreeInfo, error) {
	unlock := f.locks.tryShare()
	defer unlock()
	list, err := treeInfos(ctx, f)
	if err != nil {
		return nil, fmt.Errorf("list cache: %w", err)
	}
	return list, nil
}

func treeInfos(ctx context.Context, from shelf) ([]TreeInfo, error) {
	x, err := newIndex(ctx, from)
	if err != nil {
		return nil, err
	}
	digests, err := from.trees(ctx)
	if err != nil {
		return nil, err
	}
	list := make([]TreeInfo, len(digests))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(workers)
	for i, d := range digests {
		group.Go(func() error {
			t := TreeInfo{Digest: d, Uses: append([]Use{}, x.uses[d]...)}
			entries, err := from.entries(ctx, d)
			switch {
			case errors.Is(err, ErrNotFound):
				return nil // it was removed meanwhile
			case ctx.Err() != nil:
				return ctx.Err()
			case err != nil:
				t.Error = err.Error()
			}
			for _, e := range entries {
				t.Files++
				t.Bytes += e.size
			}
			list[i] = t
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	return slices.DeleteFunc(list, func(t TreeInfo) bool { return t.Digest == "" }), nil
}
