// Package sources fetches plugin source from where it is kept. A Source names the state of its origin with Resolve,
// which is cheap, and writes the files of one such state into a Tree with Fetch:
//
//	rev, err := src.Resolve(ctx)
//	...
//	tree := sources.NewTree(sources.Selection{Dir: "plugins"}, sources.Limits{})
//	err = src.Fetch(ctx, rev, tree)
//	...
//	files, err := tree.Seal() // an fs.FS
//
// The kinds live in packages of their own: sources/filesystem, sources/git and sources/s3. All of them pass the suite
// of sources/sourcetest. What is allowed in a tree is decided in one place, the Tree; implementations return the
// errors of their origin, classified with Fail.
package sources

import "context"

// Revision is an origin's own name for a state of its files: a commit, or a digest over names and contents. Equal
// revisions of one source mean equal files.
type Revision string

// Source is an origin of plugin source. Implementations are safe for concurrent use, keep no goroutine behind, and
// end promptly when the context does.
type Source interface {
	// Resolve returns the revision that the origin has now. It is asked often: it transfers names, not contents.
	Resolve(ctx context.Context) (Revision, error)
	// Fetch adds the files of rev to tree: all of them, as they were in rev, or an error. A source that can no longer
	// get at rev fails with the kind Transient (the origin moved on) or NotFound; it never fetches another revision.
	// It does not seal the tree.
	Fetch(ctx context.Context, rev Revision, tree *Tree) error
}

// Watcher is a Source that hears of changes by itself.
type Watcher interface {
	Source
	// Watch calls changed whenever the origin may have changed, until ctx ends; it then returns nil. It calls changed
	// once when it has begun to watch, so that no change is lost between a Resolve before and the watch. Any other
	// error means that the source has to be polled.
	Watch(ctx context.Context, changed func()) error
}
