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
// A Store is made by Disk, Memory or New, by package cache/s3 in a bucket that many machines share, and by NewLayered with a folder in
// front of that; package cachetest holds the suite that each of them passes. Trees are removed from a store only by Collect of a
// Keeper, which knows what is in use.
package cache

import (
	"context"
	"errors"
	"io"
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
	// Newest and NewestRevision are the tree that was tried last, where that is not Digest: nothing of it may be in use.
	Newest         Digest `json:"newest,omitempty"`
	NewestRevision string `json:"newest_revision,omitempty"`
	// Packages are the versions of each package that were tried, by its path in the tree, the newest first.
	Packages map[string][]Version `json:"packages,omitempty"`
	// Version is that of the record: see Store.
	Version string `json:"-"`
}

// Version is a package as it is in one tree, and what became of it.
type Version struct {
	// Digest is the tree. Where later trees hold the same package, it is the last of them.
	Digest   Digest `json:"digest"`
	Revision string `json:"revision"`
	// ActivatedAt is when the version went live, or was tried and failed.
	ActivatedAt time.Time `json:"activated_at"`
	State       State     `json:"state"`
	// Error is why it failed or was quarantined; empty for other states.
	Error string `json:"error"`
}

// State is what became of a version.
type State string

const (
	// Live serves now. A package has at most one such version.
	Live State = "live"
	// Retired has served, until another took its place.
	Retired State = "retired"
	// Failed did not go live.
	Failed State = "failed"
	// Quarantined was taken out of service, because its calls kept failing.
	Quarantined State = "quarantined"
)

// Control is what people want of a source and its packages. It is kept apart from Active, since it is written by whoever
// is told, and read by those who serve.
type Control struct {
	// Packages are by path.
	Packages map[string]PackageControl `json:"packages,omitempty"`
	// Suspended: the origin is not asked, unless somebody says so each time.
	Suspended bool `json:"suspended,omitempty"`
	// Version is that of the record: see Store.
	Version string `json:"-"`
}

// PackageControl is what people want of a package.
type PackageControl struct {
	// Pin is the tree that the package is held at; empty is the newest.
	Pin      Digest `json:"pin,omitempty"`
	Revision string `json:"revision,omitempty"` // of the tree that Pin is
	// Reload is when somebody last asked to load the package anew, whatever is known of it.
	Reload time.Time `json:"reload,omitzero"`
}

var (
	// ErrNotFound is returned for a digest or a source that the store does not have.
	ErrNotFound = errors.New("not in the cache")
	// ErrCorrupt is returned where stored bytes are not what they were when they were written.
	ErrCorrupt = errors.New("cache is corrupt")
	// ErrConflict is returned for a record that was replaced since it was read.
	ErrConflict = errors.New("somebody else has replaced the record")
)

// Absent is the version of a record that there is none of.
const Absent = "absent"

// Store keeps trees. Implementations are safe for concurrent use by goroutines and, where they persist, by processes.
// A method whose context ends before its work is done fails with the context's error.
//
// The records Active, Head and Control have a Version. What is read has one, which is opaque: it tells the record from those
// before and after it. What is written with a version replaces only the record of that version, and with Absent only none;
// else the write fails with ErrConflict, and nothing has changed (in a bucket: or it was replaced at once, and the answer was
// lost). Of several who write what they read, one succeeds. What is
// written without a version replaces whatever is there, also what is corrupt.
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
	// SetHead records what the origin of source has: atomic, and on stable storage when it returns. The tree must be in the
	// store, else it fails with ErrNotFound. Names of sources are those of Activate.
	SetHead(ctx context.Context, source string, h Head) error
	// Head returns what SetHead recorded last for source. It fails with ErrNotFound where it recorded nothing, and with
	// ErrCorrupt. It is asked often, and costs no more than reading a small file.
	Head(ctx context.Context, source string) (Head, error)
	// SetControl records what people want of a source: atomic, and on stable storage when it returns. Names of sources
	// are those of Activate.
	SetControl(ctx context.Context, source string, c Control) error
	// Control returns what SetControl recorded last for source, the zero Control, of version Absent, where it recorded nothing.
	// It fails with ErrCorrupt. It is asked often, and costs no more than reading a small file.
	Control(ctx context.Context, source string) (Control, error)
	// SetSyncs records the last syncs of a source, the oldest first: atomic, and on stable storage when it returns.
	SetSyncs(ctx context.Context, source string, list []Sync) error
	// Syncs returns what SetSyncs recorded last for source, none where it recorded nothing. It fails with ErrCorrupt.
	Syncs(ctx context.Context, source string) ([]Sync, error)
}

// Keeper is a Store that can be looked after.
type Keeper interface {
	Store
	// Trees lists the trees that are there, by digest, with what they are to the sources that know them.
	Trees(ctx context.Context) ([]TreeInfo, error)
	// Size measures what is there.
	Size(ctx context.Context) (Size, error)
	// Collect removes trees that r does not keep, and what no tree has; with dryRun it only tells what it would remove. It
	// never removes a tree that is active, the head, pinned, tried last or in the history of a package of any source, nor, in a
	// folder, one that is being read, or was put by a process that goes on and has not activated it; in a bucket, nor one
	// that was put less than half a grace ago. Where it ends early, what is kept is whole.
	// Where it cannot tell what is in use, it removes nothing and fails with ErrCorrupt.
	Collect(ctx context.Context, r Retention, dryRun bool) (Collection, error)
	// Verify compares all that is there with the hashes it is stored under. With repair, what is damaged is set aside, so that
	// it can be put again.
	Verify(ctx context.Context, repair bool) (Verification, error)
	// Export writes what sources have in use to an archive, and Import adds what an archive has to the store, and makes active
	// what was active there, and heads of its heads. Import fails with ErrCorrupt for what Export did not write, and for an archive of another digest
	// than want, where that is not empty; then nothing else is active than before.
	Export(ctx context.Context, to io.Writer) (Archive, error)
	Import(ctx context.Context, from io.Reader, want Digest) (Archive, error)
}
