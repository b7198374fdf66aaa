package cache

import (
	"context"
	"errors"
	"fmt"
	"path"
	"time"
)

// Retention says which trees a store keeps of those that were active and are in no use any more. A zero field is no bound.
type Retention struct {
	// Keep is the number of trees of each source, those in use included, the newest first.
	Keep int
	// MaxAge is how long after another tree took its place.
	MaxAge time.Duration
	// MaxSize is how much all trees may take, in bytes; those that were replaced first are removed first. What is in use
	// may take more.
	MaxSize int64
}

// Removed is a tree that was removed, or would be.
type Removed struct {
	Digest Digest `json:"digest"`
	// Reason is count, age, size, or unused where no source knows the tree.
	Reason string `json:"reason"`
	// Uses are what it was to sources.
	Uses []Use `json:"uses"`
}

// Collection is what Collect did.
type Collection struct {
	DryRun bool      `json:"dry_run"`
	Trees  []Removed `json:"trees"`
	// Blobs is the number of contents that no tree has any more, and Bytes what was freed.
	Blobs int   `json:"blobs"`
	Bytes int64 `json:"bytes"`
	// KeptTrees and KeptBytes are what is left.
	KeptTrees int   `json:"kept_trees"`
	KeptBytes int64 `json:"kept_bytes"`
	// Local is what was done to the local copy, of a store that has one.
	Local *Collection `json:"local,omitempty"`
}

// asideTime is how long what was set aside can be looked at.
const asideTime = 7 * 24 * time.Hour

// Collect removes trees that r does not keep, and what no tree has: contents, leftovers of writes, and what was set aside a
// week ago. It never removes what is active, pinned, tried last, in the history of a package, being read, or put by a process
// that goes on and has not activated it. It waits for who writes and reads; who writes waits for it. Where a record or a listing
// cannot be read it removes nothing, as what they name is not known, and fails with ErrCorrupt. Where it ends early, what is
// kept is whole. With dryRun it only tells.
func (f *Files) Collect(ctx context.Context, r Retention, dryRun bool) (Collection, error) {
	c, err := f.collect(ctx, r, dryRun)
	if err != nil {
		return c, fmt.Errorf("collect what the cache does not need: %w", err)
	}
	return c, nil
}

func (f *Files) collect(ctx context.Context, r Retention, dryRun bool) (Collection, error) {
	unlock, err := f.locks.exclude(ctx)
	if err != nil {
		return Collection{}, err
	}
	defer unlock()
	now, err := f.now()
	if err != nil {
		now = time.Now() // the disk may be full, or read-only
	}
	held, err := f.locks.held()
	if err != nil {
		return Collection{}, err
	}
	p, err := newPlan(ctx, f, r, now, held)
	if err != nil {
		return Collection{}, err
	}
	c := p.collection()
	c.DryRun = dryRun
	if !dryRun {
		if err := f.sweepTemp(); err != nil {
			return c, err
		}
		if err := f.removeTrees(ctx, p); err != nil {
			return c, err
		}
	}
	err = f.blobs(ctx, func(b blob) error {
		if !p.spares(b) {
			return nil
		}
		c.Blobs++
		c.Bytes += b.size
		if dryRun {
			return nil
		}
		return errors.Join(ctx.Err(), f.remove(b.name))
	})
	if err == nil && !dryRun {
		err = f.removeAside(now)
	}
	return c, err
}

// removeTrees removes listings, and makes sure that they stay removed, before anything that they name.
func (f *Files) removeTrees(ctx context.Context, p *plan) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	for d := range p.removed {
		if err := f.remove(treePath(d)); err != nil {
			return err
		}
	}
	if len(p.removed) > 0 {
		if err := syncFolder(f.fs, treesDir); err != nil {
			return err
		}
	}
	for _, name := range p.entriesToDrop() {
		if err := f.remove(name); err != nil {
			return err
		}
	}
	return nil
}

func (f *Files) removeAside(now time.Time) error {
	infos, err := f.list(corruptDir)
	for _, info := range infos {
		if now.Sub(info.ModTime()) > asideTime {
			err = errors.Join(err, f.remove(path.Join(corruptDir, info.Name())))
		}
	}
	return err
}
