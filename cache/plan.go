package cache

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"path"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"
)

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

// newPlan reads what a store has. What is held is kept whatever r says.
func newPlan(ctx context.Context, from shelf, r Retention, now time.Time, held map[Digest]bool) (*plan, error) {
	x, err := newIndex(ctx, from)
	if err != nil {
		return nil, err
	}
	digests, err := from.trees(ctx)
	if err != nil {
		return nil, err
	}
	p := &plan{
		index: x, entries: make(map[Digest][]entry), removed: make(map[Digest]string),
		wanted: make(map[string]int), listings: make(map[Digest]int64),
	}
	var mu sync.Mutex
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(workers)
	for _, d := range digests {
		group.Go(func() error {
			if err := ctx.Err(); err != nil {
				return err
			}
			entries, err := from.entries(ctx, d)
			switch {
			case errors.Is(err, ErrNotFound):
				return nil // somebody else removed it
			case err != nil:
				return fmt.Errorf("tree %s: %w: repair the cache first", d, err)
			}
			mu.Lock()
			defer mu.Unlock()
			p.keep(d, entries)
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	p.apply(r, now, held)
	return p, nil
}

// spares reports whether a content can be removed.
func (p *plan) spares(b blob) bool { return p.wanted[path.Base(b.name)] == 0 && !b.young }

// entriesToDrop returns the names of entries of journals that say nothing any more: their tree is removed, or has a later entry.
func (p *plan) entriesToDrop() []string {
	var names []string
	for source, journal := range p.journals {
		for i, a := range journal {
			again := slices.ContainsFunc(journal[i+1:], func(b activation) bool { return b.digest == a.digest })
			if _, kept := p.entries[a.digest]; !kept || again {
				names = append(names, a.path(source))
			}
		}
	}
	return names
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
