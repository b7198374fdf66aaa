package cache

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"sync"

	"golang.org/x/sync/errgroup"
)

// Open implements Store. What of the tree is damaged is set aside.
func (s *Shared) Open(ctx context.Context, d Digest) (fs.FS, error) {
	t, err := s.open(ctx, d)
	if err != nil {
		return nil, fmt.Errorf("open cached tree %s: %w", d, err)
	}
	return t, nil
}

func (s *Shared) open(ctx context.Context, d Digest) (*tree, error) {
	if err := s.ready(ctx, false); err != nil {
		return nil, err
	}
	if !d.Valid() {
		return nil, ErrNotFound
	}
	t, damage, err := s.read(ctx, d)
	if len(damage) == 0 {
		return t, err
	}
	// A tree that was being removed meanwhile is not damaged: its listing goes first.
	if there, err := s.has(ctx, treePath(d)); err != nil || !there {
		return nil, errors.Join(ErrNotFound, err)
	}
	err = damage[0]
	for _, bad := range damage {
		aside, asideErr := s.moveAside(ctx, bad.name)
		if bad == damage[0] && aside && asideErr == nil {
			err = fmt.Errorf("%w: set aside as %s", err, asidePath(bad.name))
		}
	}
	return nil, err
}

// read reads and verifies a tree, and tells all that is damaged.
func (s *Shared) read(ctx context.Context, d Digest) (*tree, []*damagedError, error) {
	entries, _, err := s.listing(ctx, d)
	if bad, ok := errors.AsType[*damagedError](err); ok {
		return nil, []*damagedError{bad}, err
	}
	if err != nil {
		return nil, nil, err
	}
	contents, damage, err := s.contents(ctx, entries)
	if err != nil || len(damage) > 0 {
		return nil, damage, err
	}
	t, err := newTree(entries, contents)
	if err != nil {
		bad := &damagedError{treePath(d), "listing", err}
		return nil, []*damagedError{bad}, bad
	}
	return t, nil, nil
}

// contents reads and verifies the contents of entries, each once.
func (s *Shared) contents(ctx context.Context, entries []entry) ([]string, []*damagedError, error) {
	places := make(map[string][]int) // by SHA-256
	for i, e := range entries {
		places[e.sum] = append(places[e.sum], i)
	}
	contents := make([]string, len(entries))
	var mu sync.Mutex
	var damage []*damagedError
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(transfers)
	for _, list := range places {
		group.Go(func() error {
			if err := ctx.Err(); err != nil {
				return err
			}
			content, err := s.content(ctx, entries[list[0]])
			if bad, ok := errors.AsType[*damagedError](err); ok {
				mu.Lock()
				defer mu.Unlock()
				damage = append(damage, bad)
				return nil
			}
			for _, i := range list {
				contents[i] = content
			}
			return err
		})
	}
	err := group.Wait()
	return contents, damage, err
}

func (s *Shared) content(ctx context.Context, e entry) (string, error) {
	name := blobPath(e.sum)
	content, o, err := s.bucket.Get(ctx, name, e.size)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "", corrupt(name, e.path, fs.ErrNotExist)
	case err != nil:
		return "", err
	case o.Size > e.size:
		return "", corrupt(name, e.path, errTooLong)
	case recordSum(content) != e.sum:
		return "", corrupt(name, e.path, errSum)
	}
	return string(content), nil
}

// moveAside implements shelf. While it removes something, it says so.
func (s *Shared) moveAside(ctx context.Context, name string) (aside bool, err error) {
	if _, _, err := s.checked(ctx, name); !errors.Is(err, ErrCorrupt) {
		return false, notThere(err)
	}
	rm, err := s.announce(ctx)
	if err != nil {
		return false, err
	}
	defer rm.end(ctx)
	content, o, err := s.checked(ctx, name) // it may have been mended before the others knew
	if !errors.Is(err, ErrCorrupt) {
		return false, notThere(err)
	}
	if content != nil {
		if err := s.bucket.Put(ctx, asidePath(name), content, ""); err != nil {
			return false, err
		}
	}
	if err := rm.remove(ctx, name, o.Version); err != nil {
		if errors.Is(err, ErrConflict) {
			err = nil
		}
		return false, err
	}
	return true, nil
}

// notThere drops the error of what is not there.
func notThere(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}
