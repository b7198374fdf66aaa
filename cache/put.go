package cache

import (
	"context"
	"fmt"
	"io/fs"
)

// Put implements Store. It compares the whole of a tree that is there already, which takes about as long as Open.
func (f *Files) Put(ctx context.Context, tree fs.FS) (Digest, error) {
	d, err := f.put(ctx, tree)
	if err != nil {
		return "", fmt.Errorf("put tree into cache: %w", err)
	}
	return d, nil
}

func (f *Files) put(ctx context.Context, tree fs.FS) (Digest, error) {
	unlock, err := f.locks.share(ctx)
	if err != nil {
		return "", err
	}
	defer unlock()
	blobs := f.writer()
	entries, err := scan(ctx, tree, func(e entry, content []byte) error {
		return blobs.ensure(blobPath(e.sum), content)
	})
	if err != nil {
		return "", err
	}
	listing := format(entries)
	if len(listing) > maxListing {
		return "", fmt.Errorf("%d files: the listing is over %d bytes", len(entries), maxListing)
	}
	// A listing that is there says that its blobs were committed before it; only what was mended has to be.
	d := DigestOf(listing)
	trees := f.writer()
	known := trees.holds(treePath(d), listing)
	if !known || blobs.wrote {
		if err := blobs.commit(); err != nil {
			return "", err
		}
	}
	if err := ctx.Err(); err != nil {
		return "", err
	}
	if err := trees.ensure(treePath(d), listing); err != nil {
		return "", err
	}
	if err := trees.commit(); err != nil {
		return "", err
	}
	return d, f.locks.hold(d)
}
