package cache

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path"
	"slices"
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
	p, err := f.plan(ctx, r, now)
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
	err = f.blobs(func(name string, info os.FileInfo) error {
		if p.wanted[path.Base(name)] > 0 {
			return nil
		}
		c.Blobs++
		c.Bytes += info.Size()
		if dryRun {
			return nil
		}
		return errors.Join(ctx.Err(), f.remove(name))
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
	for source, journal := range p.journals {
		for i, a := range journal {
			again := slices.ContainsFunc(journal[i+1:], func(b activation) bool { return b.digest == a.digest })
			if _, kept := p.entries[a.digest]; kept && !again {
				continue
			}
			if err := f.remove(a.path(source)); err != nil {
				return err
			}
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

// plan is what of a store is kept.
type plan struct {
	*index
	// entries are the listings of what is kept, by tree, and removed is why the others are not.
	entries map[Digest][]entry
	removed map[Digest]string
	// wanted counts the kept trees that a content is in, by its SHA-256; bytes is what all of it takes.
	wanted map[string]int
	bytes  int64
	// listings are sizes of what is removed.
	listings map[Digest]int64
}

func (f *Files) plan(ctx context.Context, r Retention, now time.Time) (*plan, error) {
	x, err := f.index(ctx)
	if err != nil {
		return nil, err
	}
	held, err := f.locks.held()
	if err != nil {
		return nil, err
	}
	digests, err := f.trees()
	if err != nil {
		return nil, err
	}
	p := &plan{
		index: x, entries: make(map[Digest][]entry), removed: make(map[Digest]string),
		wanted: make(map[string]int), listings: make(map[Digest]int64),
	}
	for _, d := range digests {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		entries, err := f.entries(d)
		if err != nil {
			return nil, fmt.Errorf("tree %s: %w: repair the cache first", d, err)
		}
		p.keep(d, entries)
	}
	p.apply(r, now, held)
	return p, nil
}

func (p *plan) keep(d Digest, entries []entry) {
	p.entries[d] = entries
	p.listings[d] = int64(len(format(entries)))
	p.bytes += p.listings[d]
	for _, e := range entries {
		if p.wanted[e.sum]++; p.wanted[e.sum] == 1 {
			p.bytes += e.size
		}
	}
}

func (p *plan) drop(d Digest, reason string) {
	p.removed[d] = reason
	p.bytes -= p.listings[d]
	for _, e := range p.entries[d] {
		if p.wanted[e.sum]--; p.wanted[e.sum] == 0 {
			p.bytes -= e.size
		}
	}
	delete(p.entries, d)
}

// apply drops what is not to be kept.
func (p *plan) apply(r Retention, now time.Time, held map[Digest]bool) {
	// Of a tree that several sources had, each has to let go.
	within := make(map[Digest]bool)
	reasons := make(map[Digest]string)
	for source, journal := range p.journals {
		for place, d := range newestFirst(journal) {
			switch until := p.until(source, d); {
			case r.Keep > 0 && place >= r.Keep:
				reasons[d] = "count"
			case r.MaxAge > 0 && !until.IsZero() && now.Sub(until) > r.MaxAge:
				reasons[d] = "age"
			default:
				within[d] = true
			}
		}
	}
	for _, d := range slices.Sorted(maps.Keys(p.entries)) {
		if p.keeps(d) || held[d] || within[d] {
			continue
		}
		reason := reasons[d]
		if reason == "" {
			reason = "unused"
		}
		p.drop(d, reason)
	}
	if r.MaxSize <= 0 {
		return
	}
	for _, d := range p.oldestFirst() {
		if p.bytes <= r.MaxSize {
			return
		}
		if !p.keeps(d) && !held[d] {
			p.drop(d, "size")
		}
	}
}

func (p *plan) until(source string, d Digest) time.Time {
	for _, u := range p.uses[d] {
		if u.Source == source {
			return u.Until
		}
	}
	return time.Time{}
}

// newestFirst returns the trees of a journal, each once.
func newestFirst(journal []activation) []Digest {
	var list []Digest
	for _, a := range slices.Backward(journal) {
		if !slices.Contains(list, a.digest) {
			list = append(list, a.digest)
		}
	}
	return list
}

// oldestFirst returns the trees that are kept, in the order of when they were last active for any source.
func (p *plan) oldestFirst() []Digest {
	last := func(d Digest) (t time.Time) {
		for _, u := range p.uses[d] {
			if u.Until.After(t) {
				t = u.Until
			}
		}
		return t
	}
	return slices.SortedFunc(maps.Keys(p.entries), func(a, b Digest) int { return last(a).Compare(last(b)) })
}

func (p *plan) collection() Collection {
	c := Collection{Trees: []Removed{}, KeptTrees: len(p.entries), KeptBytes: p.bytes}
	for _, d := range slices.Sorted(maps.Keys(p.removed)) {
		c.Trees = append(c.Trees, Removed{d, p.removed[d], append([]Use{}, p.uses[d]...)})
		c.Bytes += p.listings[d]
	}
	return c
}
