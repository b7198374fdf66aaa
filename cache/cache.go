// Package cache keeps the trees of sources, each under the digest of its content, and remembers which one is active
// for each source. It is why an engine starts, and goes on, with every origin down.
//
//	store, err := cache.Disk("/var/cache/scriptd")
//	digest, err := store.Put(ctx, files)            // an fs.FS
//	err = store.Activate(ctx, "team", cache.Active{Revision: rev, Digest: digest})
//	...
//	active, err := store.Active(ctx, "team")
//	files, err := store.Open(ctx, active.Digest)    // verified
//
// A Store is made by Disk, Memory or New; package cachetest holds the suite that each of them passes. Nothing is ever
// removed from a store, except what an interrupted write left behind.
package cache

import (
	"context"
	"errors"
	"io/fs"
	"time"
)

// Active says which tree of a source is in use.
type Active struct {
	// Origin tells one configuration of a source from another of the same name, so that a tree of the one is never
	// taken for a tree of the other. It holds no credentials.
	Origin string `json:"origin"`
	// Revision is the origin's name of the tree.
	Revision string `json:"revision"`
	// Digest is the tree.
	Digest Digest `json:"digest"`
	// FetchedAt is when the origin last confirmed that this is its revision.
	FetchedAt time.Time `json:"fetched_at"`
}

var (
	// ErrNotFound is returned for a digest or a source that the store does not have.
	ErrNotFound = errors.New("not in the cache")
	// ErrCorrupt is returned where stored bytes are not what they were when they were written.
	ErrCorrupt = errors.New("cache is corrupt")
)

// Store keeps trees. Implementations are safe for concurrent use by goroutines and, where they persist, by processes.
// A method whose context ends before its work is done fails with the context's error.
type Store interface {
	// Put stores a tree and returns its digest, which is that of Listing. It is atomic: a tree is there as a whole or not
	// at all. It is on stable storage when Put returns. A tree that is there already costs no write; what of it is
	// damaged is written anew. Put reads the files of tree from several goroutines, and fails for a tree that holds
	// anything but folders and regular files.
	Put(ctx context.Context, tree fs.FS) (Digest, error)
	// Open returns a stored tree, read-only and independent of the store from then on: every byte was verified
	// against the digest. It fails with ErrNotFound or ErrCorrupt. The tree may be read from several goroutines.
	Open(ctx context.Context, d Digest) (fs.FS, error)
	// Activate records which tree of source is in use: atomic, and on stable storage when it returns. The digest must
	// be in the store, else it fails with ErrNotFound. The name of a source is [a-z0-9][a-z0-9_-]{0,63}; Activate fails
	// for any other.
	Activate(ctx context.Context, source string, a Active) error
	// Active returns what Activate recorded last for source. It fails with ErrNotFound where it recorded nothing, and
	// with ErrCorrupt.
	Active(ctx context.Context, source string) (Active, error)
}
