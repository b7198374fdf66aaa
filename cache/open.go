package cache

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"

	"golang.org/x/sync/errgroup"
)

// Open implements Store.
func (f *Files) Open(ctx context.Context, d Digest) (fs.FS, error) {
	t, err := f.open(ctx, d)
	if err != nil {
		return nil, fmt.Errorf("open cached tree %s: %w", d, err)
	}
	return t, nil
}

func (f *Files) open(ctx context.Context, d Digest) (*tree, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if !d.Valid() {
		return nil, ErrNotFound
	}
	listing, err := readUpTo(f.fs, treePath(d), maxListing)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, ErrNotFound
	case errors.Is(err, errTooLong):
		return nil, corrupt("listing", err)
	case err != nil:
		return nil, err
	case DigestOf(listing) != d:
		return nil, corrupt("listing", errSum)
	}
	entries, err := parse(listing)
	if err != nil {
		return nil, corrupt("listing", err)
	}
	contents, err := f.contents(ctx, entries)
	if err != nil {
		return nil, err
	}
	t, err := newTree(entries, contents)
	if err != nil {
		return nil, corrupt("listing", err)
	}
	return t, nil
}

// contents reads and verifies the blobs of entries.
func (f *Files) contents(ctx context.Context, entries []entry) ([]string, error) {
	contents := make([]string, len(entries))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(workers)
	for i, e := range entries {
		group.Go(func() error {
			if err := ctx.Err(); err != nil {
				return err
			}
			content, err := f.blob(e)
			contents[i] = string(content)
			return err
		})
	}
	return contents, group.Wait()
}

func (f *Files) blob(e entry) ([]byte, error) {
	content, err := readUpTo(f.fs, blobPath(e.sum), e.size)
	switch {
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, errTooLong):
		return nil, corrupt(e.path, err)
	case err != nil:
		return nil, fmt.Errorf("%s: %w", e.path, err)
	}
	if sum := sha256.Sum256(content); hex.EncodeToString(sum[:]) != e.sum {
		return nil, corrupt(e.path, errSum)
	}
	return content, nil
}

var errSum = errors.New("SHA-256 differs")

// corrupt returns an error that is ErrCorrupt, and says what of it is and why.
func corrupt(what string, why error) error {
	return fmt.Errorf("%w: %s: %w", ErrCorrupt, what, why)
}
