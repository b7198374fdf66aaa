package engine

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/scriptd/scriptd/cache"
	"github.com/scriptd/scriptd/engine/interp"
	"github.com/scriptd/scriptd/engine/runtime"
)

// PackagePermissions are what a package uses of the world, what it asks for, and what it was granted.
type PackagePermissions struct {
	// Package is its name: SOURCE/PATH.
	Package string `json:"package"`
	// Digest is the tree that this was found in: the newest, or that of the version which serves.
	Digest string `json:"digest"`
	interp.Needs
	// Granted is what the configuration allows it.
	Granted runtime.Permissions `json:"granted"`
}

// Permissions lists what the newest version of each package uses of the world, sorted by name, also of those that do not load.
// What cannot be found out, because the source is at fault, is empty. The error is that of ctx.
func (e *Engine) Permissions(ctx context.Context) ([]PackagePermissions, error) {
	var all []PackagePermissions
	for _, s := range e.sources {
		s.mu.Lock()
		digests := make(map[string]cache.Digest)
		for path, m := range s.members {
			switch {
			case m.last != nil:
				digests[path] = m.last.digest
			case m.live != nil:
				digests[path] = m.live.digest
			}
		}
		s.mu.Unlock()
		for path, digest := range digests {
			p, err := e.permissionsOf(ctx, s.Name, path, digest, s.Permissions.Merge(s.packageOptions(path).Permissions))
			if ctx.Err() != nil {
				return nil, ctx.Err()
			}
			if err != nil {
				e.log.Warn("what a package imports is not known", "package", p.Package, "error", err)
			}
			all = append(all, p)
		}
	}
	slices.SortFunc(all, func(a, b PackagePermissions) int { return strings.Compare(a.Package, b.Package) })
	return all, nil
}

func (e *Engine) permissionsOf(ctx context.Context, source, path string, digest cache.Digest, granted runtime.Permissions) (PackagePermissions, error) {
	p := PackagePermissions{Package: source + "/" + path, Digest: string(digest), Granted: granted}
	p.Imports, p.Uses = []string{}, []interp.Use{}
	tree, err := e.opts.Cache.Open(ctx, digest)
	if err != nil {
		return p, fmt.Errorf("permissions of %s: %w", p.Package, err)
	}
	p.Needs, _ = interp.With(e.universe).Needs(tree, path) // its problems are those of its load
	return p, nil
}
