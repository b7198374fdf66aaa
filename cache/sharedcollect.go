package cache

import (
	"context"
	"fmt"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"
)

// Collect implements Keeper. What it removes has been left alone for the grace. Others go on meanwhile: those who need what it may
// have chosen wait for it.
func (s *Shared) Collect(ctx context.Context, r Retention, dryRun bool) (Collection, error) {
	all := Collection{DryRun: dryRun, Trees: []Removed{}}
	if err := s.ready(ctx, false); err != nil {
		return all, fmt.Errorf("collect what the cache does not need: %w", err)
	}
	if !s.isMarked() {
		return all, nil // it is no cache yet, or not one at all
	}
	for {
		c, more, err := s.collectOnce(ctx, r, dryRun)
		all.KeptTrees, all.KeptBytes = c.KeptTrees, c.KeptBytes
		all.Trees = append(all.Trees, c.Trees...)
		all.Blobs += c.Blobs
		all.Bytes += c.Bytes
		if err != nil {
			return all, fmt.Errorf("collect what the cache does not need: %w", err)
		}
		if !more {
			return all, nil
		}
	}
}

// patience is how long others are made to wait at a time.
const patience = 15 * time.Second

// collectOnce reports whether there is more to remove, that it did not come to.
func (s *Shared) collectOnce(ctx context.Context, r Retention, dryRun bool) (c Collection, more bool, err error) {
	var rm *removal
	if !dryRun {
		if rm, err = s.announce(ctx); err != nil {
			return c, false, err
		}
		defer rm.end(ctx)
	}
	shelf, err := s.shelf(ctx)
	if err != nil {
		return c, false, err
	}
	p, err := newPlan(ctx, shelf, r, shelf.now, shelf.held())
	if err != nil {
		return c, false, err
	}
	c = p.collection()
	c.DryRun = dryRun
	var spared []blob
	err = shelf.blobs(ctx, func(b blob) error {
		if p.spares(b) {
			spared = append(spared, b)
		}
		return nil
	})
	if err != nil {
		return c, false, err
	}
	if dryRun {
		for _, b := range spared {
			c.Blobs++
			c.Bytes += b.size
		}
		return c, false, nil
	}
	until := time.Now().Add(patience)
	if err := rm.removeTrees(ctx, p); err != nil {
		return c, false, err
	}
	for chunk := range slices.Chunk(spared, 64*transfers) {
		if time.Now().After(until) {
			return c, true, nil
		}
		names := make([]string, len(chunk))
		for i, b := range chunk {
			names[i] = b.name
			c.Blobs++
			c.Bytes += b.size
		}
		if err := rm.removeAll(ctx, names); err != nil {
			return c, false, err
		}
	}
	return c, false, rm.removeAll(ctx, shelf.leftovers())
}

// removeTrees removes listings before anything that they name.
func (r *removal) removeTrees(ctx context.Context, p *plan) error {
	var names []string
	for d := range p.removed {
		names = append(names, treePath(d))
	}
	if err := r.removeAll(ctx, names); err != nil {
		return err
	}
	return r.removeAll(ctx, p.entriesToDrop())
}

func (r *removal) removeAll(ctx context.Context, names []string) error {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(transfers)
	for _, name := range names {
		group.Go(func() error { return r.remove(ctx, name, "") })
	}
	return group.Wait()
}

// leftovers returns what was set aside a while ago, and what those left who died while they removed something.
func (s *sharedShelf) leftovers() []string {
	var names []string
	for dir, most := range map[string]time.Duration{corruptDir: asideTime, removingDir: forgotten} {
		for _, o := range s.in(dir) {
			if o.Age > most {
				names = append(names, o.Name)
			}
		}
	}
	return names
}
