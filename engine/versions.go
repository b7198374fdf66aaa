package engine

import (
	"context"
	"errors"

	"github.com/scriptd/scriptd/cache"
)

// Version is a version of a package, and what became of it.
type Version = cache.Version

// PackageStatus is the state of a package.
type PackageStatus struct {
	// Package is its name: SOURCE/PATH.
	Package string `json:"package"`
	// State is live, failed where it never went live, or quarantined where it was taken out of service and nothing serves in
	// its place.
	State cache.State `json:"state"`
	// Revision and Digest are the tree that it serves from, empty where it does not serve.
	Revision string `json:"revision"`
	Digest   string `json:"digest"`
	// Plugins are the names of its plugins, sorted.
	Plugins []string `json:"plugins"`
	// Pinned says that it stays at this version until it is unpinned.
	Pinned bool `json:"pinned"`
	// Error is why the newest version does not serve; empty where it does, or the package is pinned.
	Error string `json:"error"`
}

var errTODO = errors.New("to come")

// Packages lists the packages of all sources, sorted by name.
func (e *Engine) Packages() []PackageStatus { return nil }

// History lists the versions of a package, SOURCE/PATH, the newest first. It fails with ErrNoPackage.
func (e *Engine) History(pkg string) ([]Version, error) { return nil, errTODO }

// Rollback takes a package back to a version of its history, by the digest of its tree or the beginning of one; empty is
// the version that served before this one. The version passes what every new one has to pass; then new calls go to it. It
// stays until Unpin, whatever the source brings, also over a restart. It fails with ErrNoPackage, with ErrNoVersion, and
// with runtime.Problems where the version does not load any more; what served before serves on then.
func (e *Engine) Rollback(ctx context.Context, pkg, digest string) (Version, error) {
	return Version{}, errTODO
}

// Pin holds a package at the version that serves, until Unpin. It fails with ErrNoPackage, and with ErrNoVersion where
// none serves.
func (e *Engine) Pin(ctx context.Context, pkg string) (Version, error) { return Version{}, errTODO }

// Unpin lets a package follow its source again, and brings its newest version live. Of a package that is not pinned it
// changes nothing. Where the newest version does not load, the package serves on as it did, and the error is
// runtime.Problems.
func (e *Engine) Unpin(ctx context.Context, pkg string) (Version, error) { return Version{}, errTODO }

// Reload loads a package anew, from the tree that it is to serve from, though nothing has changed: also one that failed, or
// is in quarantine. The error is that of the load.
func (e *Engine) Reload(ctx context.Context, pkg string) (Version, error) { return Version{}, errTODO }

// Abandoned counts the calls that still run though their version is gone, because they cannot be ended.
func (e *Engine) Abandoned() int { return 0 }

// Poke asks Run to sync a source soon, and does not wait for it. It fails with ErrNoSource, and with ErrClosed.
func (e *Engine) Poke(source string) error {
	if e.closing.Err() != nil {
		return ErrClosed
	}
	found, err := e.named([]string{source})
	if err != nil {
		return err
	}
	found[0].wake()
	return nil
}

// Health asks the health functions of the packages that serve, all at the same time, and returns the errors of those that
// are not well, by the name of the package. It returns when ctx ends, whatever they do: those that have not answered are
// not well.
func (e *Engine) Health(ctx context.Context) map[string]error { return nil }
