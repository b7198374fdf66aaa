package cache

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"time"
)

// Head is the newest tree that a source's origin had, as far as those know who ask it. Others follow it, and never ask.
type Head struct {
	// Origin is that of Active.
	Origin string `json:"origin"`
	// Revision is the origin's name of the tree.
	Revision string `json:"revision"`
	// Digest is the tree.
	Digest Digest `json:"digest"`
	// FetchedAt is when the tree was fetched.
	FetchedAt time.Time `json:"fetched_at"`
	// Version is that of the record: see Store.
	Version string `json:"-"`
}

// SetHead implements Store.
func (f *Files) SetHead(ctx context.Context, source string, h Head) error {
	if err := f.sharing(ctx, source, func() error { return f.recordHead(ctx, source, h) }); err != nil {
		return fmt.Errorf("record head of %s: %w", source, err)
	}
	return nil
}

// recordHead is SetHead for who shares the lock.
func (f *Files) recordHead(ctx context.Context, source string, h Head) error {
	if err := f.hasTree(h.Digest); err != nil {
		return err
	}
	name := headPath(source)
	err := f.inTurn(ctx, source, name, h.Version, func() error {
		h.FetchedAt = h.FetchedAt.UTC()
		return f.replaceRecord(name, h)
	})
	if err == nil {
		f.locks.drop(h.Digest) // the record keeps it from now on
	}
	return err
}

// hasTree fails with ErrNotFound for a tree that is not there.
func (f *Files) hasTree(d Digest) error {
	if !d.Valid() {
		return fmt.Errorf("tree %q: %w", d, ErrNotFound)
	}
	_, err := f.fs.Stat(treePath(d))
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("tree %s: %w", d, ErrNotFound)
	}
	return err
}

// Head implements Store.
func (f *Files) Head(ctx context.Context, source string) (Head, error) {
	return readHead(ctx, f, source)
}

func headPath(name string) string { return recordPath(headsDir, name) }
