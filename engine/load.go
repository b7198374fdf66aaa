package engine

import (
	"context"
	"errors"
	"fmt"
	goruntime "runtime"
	"slices"

	"golang.org/x/sync/errgroup"

	"github.com/scriptd/scriptd/cache"
	"github.com/scriptd/scriptd/engine/runtime"
)

// load brings the packages of a tree live: those that load, in one step. What is wrong with packages is in the source's
// status; the error says that nothing has changed, because ctx ended, the engine was closed, or the tree cannot be read.
// The caller holds the source's turn.
func (e *Engine) load(ctx context.Context, s *source, next *candidate, turn func()) error {
	paths, err := s.wanted(next)
	if err != nil {
		return fmt.Errorf("look for packages: %w", err)
	}
	loaded := make([]*loadedPackage, len(paths))
	var group errgroup.Group
	group.SetLimit(goruntime.GOMAXPROCS(0))
	for i, path := range paths {
		group.Go(func() error {
			loaded[i] = e.loadPackage(ctx, s, next, path)
			if p := loaded[i]; next.restoring && p.gen == nil && !p.quarantined {
				if before := e.before(ctx, s, next, path); before != nil {
					loaded[i] = before
				}
			}
			return nil
		})
	}
	_ = group.Wait() // what goes wrong is in loaded
	if turn != nil {
		turn()
	}
	if err := ctx.Err(); err != nil {
		e.discard(loaded) // what did not load may well be good
		return err
	}
	return e.swap(ctx, s, next, loaded, nil)
}

// before loads the version of a package before the one that should serve, and cannot: where engines share a cache, that one may
// have gone live on another, and never here. The history stays as it is. It returns nil for none.
func (e *Engine) before(ctx context.Context, s *source, next *candidate, path string) *loadedPackage {
	m := s.member(path)
	at := slices.IndexFunc(m.versions, func(v cache.Version) bool { return v.State == cache.Retired })
	if at < 0 || m.pin != "" {
		return nil
	}
	p, err := e.loadVersion(ctx, s, next, path, m.versions[at])
	if err != nil {
		return nil // what is wrong with the newer one is what is told
	}
	p.held = true
	return p
}

// wanted lists the packages that are to be looked at for a tree, sorted.
func (s *source) wanted(next *candidate) ([]string, error) {
	var paths []string
	if !next.restoring {
		var err error
		if paths, err = s.paths(next.files); err != nil {
			return nil, err
		}
	}
	for path, m := range s.members {
		if s.lists(path) && (m.pin != "" || next.restoring && m.liveVersion() != nil) {
			paths = append(paths, path)
		}
	}
	slices.Sort(paths)
	return slices.Compact(paths), nil
}

// loadPackage loads one package, unless it is known what comes of it. What is wrong with it is in the result.
func (e *Engine) loadPackage(ctx context.Context, s *source, next *candidate, path string) *loadedPackage {
	m, inputs := s.member(path), next.configs.inputs(path)
	revision, digest := next.Revision, next.Digest
	if m.pin != "" {
		revision, digest = m.pinRevision, m.pin
	} else if v := m.liveVersion(); next.restoring && v != nil {
		revision, digest = v.Revision, v.Digest
	}
	if !next.force {
		if p := m.known(inputs, digest); p != nil {
			return p
		}
	}
	if digest != next.Digest || next.files == nil {
		other, err := next.from(ctx, revision, digest)
		if err != nil {
			return &loadedPackage{
				path: path, revision: next.Revision, digest: next.Digest, inputs: inputs,
				problems: runtime.Problems{{File: path, Message: err.Error()}}, mentions: map[string]bool{},
			}
		}
		next = other
	}
	if !next.force {
		for _, p := range []*loadedPackage{m.live, m.last} {
			if p.same(inputs, next.files) {
				return p.at(revision, digest)
			}
		}
	}
	return e.loadAnew(ctx, s, next, path)
}

// loadAnew loads a package, whatever is known of it.
func (e *Engine) loadAnew(ctx context.Context, s *source, next *candidate, path string) *loadedPackage {
	p := &loadedPackage{
		path: path, revision: next.Revision, digest: next.Digest,
		inputs: next.configs.inputs(path), reads: newReads(next.files),
	}
	defer p.reads.seal()
	g := newGeneration(s.Name, path)
	err := next.configs.errs[path]
	if err != nil {
		err = fmt.Errorf("config: %w", err)
	} else {
		p.entries, err = e.gate(ctx, s, g, next, p.reads)
	}
	if err == nil {
		p.gen = g
		return p
	}
	if !errors.As(err, &p.problems) {
		p.problems = runtime.Problems{{File: path, Message: err.Error()}}
	}
	p.mentions = mentions(next.files, path)
	return p
}

// discard closes what was loaded in vain.
func (e *Engine) discard(loaded []*loadedPackage) {
	for _, p := range loaded {
		if p.gen != nil && !p.old {
			e.retire(p.gen)
		}
	}
}
