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
	unlock := f.locks.tryShare()
	t, err := f.read(ctx, d)
	unlock()
	if !errors.Is(err, ErrCorrupt) {
		return t, err
	}
	// A tree that was being removed meanwhile is not damaged: its listing goes first.
	if _, gone := f.fs.Stat(treePath(d)); errors.Is(gone, fs.ErrNotExist) {
		return nil, ErrNotFound
	}
	if bad, ok := errors.AsType[*damagedError](err); ok && f.setAside(bad.name) {
		err = fmt.Errorf("%w: set aside as %s", err, asidePath(bad.name))
	}
	return nil, err
}

func (f *Files) read(ctx context.Context, d Digest) (*tree, error) {
	entries, err := f.entries(ctx, d)
	if err != nil {
		return nil, err
	}
	contents, err := f.contents(ctx, entries)
	if err != nil {
		return nil, err
	}
	t, err := newTree(entries, contents)
	if err != nil {
		return nil, corrupt(treePath(d), "listing", err)
	}
	return t, nil
}

// entries implements shelf.
func (f *Files) entries(_ context.Context, d Digest) ([]entry, error) {
	listing, err := readUpTo(f.fs, treePath(d), maxListing)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, ErrNotFound
	case errors.Is(err, errTooLong):
		return nil, corrupt(treePath(d), "listing", err)
	case err != nil:
		return nil, err
	}
	return verifiedEntries(d, listing)
}

// verifiedEntries returns what a listing says, if it is that of d.
func verifiedEntries(d Digest, listing []byte) ([]entry, error) {
	if DigestOf(listing) != d {
		return nil, corrupt(treePath(d), "listing", errSum)
	}
	entries, err := parse(listing)
	if err != nil {
		return nil, corrupt(treePath(d), "listing", err)
	}
	return entries, nil
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
		return nil, corrupt(blobPath(e.sum), e.path, err)
	case err != nil:
		return nil, fmt.Errorf("%s: %w", e.path, err)
	}
	if sum := sha256.Sum256(content); hex.EncodeToString(sum[:]) != e.sum {
		return nil, corrupt(blobPath(e.sum), e.path, errSum)
	}
	return content, nil
}

var errSum = errors.New("SHA-256 differs")

// damagedError is ErrCorrupt, of a file of the store.
type damagedError struct {
	// name is the file; what it is to people, and why is what is wrong.
	name, what string
	why        error
}

func (e *damagedError) Error() string   { return fmt.Sprintf("%v: %s: %v", ErrCorrupt, e.what, e.why) }
func (e *damagedError) Unwrap() []error { return []error{ErrCorrupt, e.why} }

func corrupt(name, what string, why error) error { return &damagedError{name, what, why} }
