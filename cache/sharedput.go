package cache

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"
)

// Put implements Store. It lists what is there, and writes what is missing, has another size, or may be removed soon. Damage that leaves
// the size is found by who reads, who sets it aside.
func (s *Shared) Put(ctx context.Context, tree fs.FS) (Digest, error) {
	d, err := s.put(ctx, tree)
	if err != nil {
		return "", fmt.Errorf("put tree into cache: %w", err)
	}
	return d, nil
}

func (s *Shared) put(ctx context.Context, tree fs.FS) (Digest, error) {
	entries, err := scan(ctx, tree, func(entry, []byte) error { return nil })
	if err != nil {
		return "", err
	}
	listing := format(entries)
	if len(listing) > maxListing {
		return "", fmt.Errorf("%d files: the listing is over %d bytes", len(entries), maxListing)
	}
	if err := s.ready(ctx, true); err != nil {
		return "", err
	}
	p := &sharedPut{Shared: s, tree: tree, digest: DigestOf(listing), listing: listing, blobs: make(map[string]entry)}
	for _, e := range entries {
		p.blobs[e.sum] = e
	}
	for {
		if done, err := p.try(ctx); done || err != nil {
			return p.digest, err
		}
	}
}

// sharedPut is a Put of one tree.
type sharedPut struct {
	*Shared
	tree    fs.FS
	digest  Digest
	listing []byte
	blobs   map[string]entry // by SHA-256
}

// try makes the tree be there. It reports false where it has to begin again.
func (p *sharedPut) try(ctx context.Context) (done bool, err error) {
	from := time.Now()
	before, err := p.removers(ctx)
	if err != nil {
		return false, err
	}
	missing, err := p.renew(ctx)
	if err != nil {
		return false, err
	}
	disturbed, err := p.settle(ctx, before)
	if err == nil && disturbed {
		missing, err = p.renew(ctx) // what was removed is written again, and by now nobody chooses any of it
	}
	switch {
	case err != nil:
		return false, err
	case p.stale(from):
		return false, nil
	case missing:
		err = p.bucket.Put(ctx, treePath(p.digest), p.listing, Absent)
	}
	if err == nil {
		p.hold(p.digest, from)
	}
	return err == nil, conflict(err)
}

// renew writes what of the tree is missing, damaged or old, but for a listing that is missing: it comes when its contents stay.
func (p *sharedPut) renew(ctx context.Context) (missing bool, err error) {
	for {
		listing, known, err := p.bucket.Get(ctx, treePath(p.digest), maxListing)
		missing = errors.Is(err, fs.ErrNotExist)
		if err != nil && !missing {
			return false, err
		}
		there, err := p.stored(ctx)
		if err != nil {
			return false, err
		}
		err = p.writeBlobs(ctx, there)
		if sound := string(listing) == string(p.listing); err == nil && !missing && (!sound || !p.young(known)) {
			// Never where it was removed since: its contents may go.
			err = p.bucket.Put(ctx, treePath(p.digest), p.listing, known.Version)
		}
		if !errors.Is(err, ErrConflict) {
			return missing, err
		}
		// Others do something to it at the same time, and what becomes of it is not known.
		if err := pause(ctx); err != nil {
			return false, err
		}
	}
}

// pause lets others go on who do the same.
func pause(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(time.Duration(10+rand.IntN(40)) * time.Millisecond):
		return nil
	}
}

// conflict drops the error of who came second.
func conflict(err error) error {
	if errors.Is(err, ErrConflict) {
		return nil
	}
	return err
}

// folders is up to how many folders of contents are listed one by one, and not all at once.
const folders = 32

// stored returns the contents of the tree that are there.
func (p *sharedPut) stored(ctx context.Context) (map[string]Object, error) {
	var mu sync.Mutex
	there := make(map[string]Object, len(p.blobs))
	visit := func(o Object) error {
		sum := o.Name[max(0, len(o.Name)-len(p.digest.hex())):]
		if _, ours := p.blobs[sum]; ours && o.Name == blobPath(sum) {
			mu.Lock()
			defer mu.Unlock()
			there[sum] = o
		}
		return nil
	}
	prefixes := make(map[string]bool)
	for sum := range p.blobs {
		prefixes[blobsDir+"/"+sum[:2]+"/"] = true
	}
	if len(prefixes) > folders {
		prefixes = map[string]bool{blobsDir + "/": true}
	}
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(transfers)
	for prefix := range prefixes {
		group.Go(func() error {
			_, err := p.bucket.List(ctx, prefix, visit)
			return err
		})
	}
	return there, group.Wait()
}

// writeBlobs writes the contents that are not there, or cannot be relied on. It fails with ErrConflict where others do something
// to one of them at the same time.
func (p *sharedPut) writeBlobs(ctx context.Context, there map[string]Object) error {
	var conflicts atomic.Bool
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(transfers)
	for _, sum := range slices.Sorted(maps.Keys(p.blobs)) {
		e := p.blobs[sum]
		o, ok := there[sum]
		if ok && o.Size == e.size && p.young(o) {
			continue
		}
		version := Absent
		if ok {
			version = ""
		}
		group.Go(func() error {
			if err := ctx.Err(); err != nil {
				return err
			}
			content, err := fs.ReadFile(p.tree, e.path)
			if err != nil {
				return err
			}
			if recordSum(content) != e.sum {
				return fmt.Errorf("%s: changed while it was read", e.path)
			}
			err = p.bucket.Put(ctx, blobPath(e.sum), content, version)
			if errors.Is(err, ErrConflict) {
				conflicts.Store(true) // the others are written all the same
			}
			return conflict(err)
		})
	}
	if err := group.Wait(); err != nil || !conflicts.Load() {
		return err
	}
	return ErrConflict
}
