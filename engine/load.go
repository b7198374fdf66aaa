package engine

import (
	"context"
	"errors"
	"fmt"
	goruntime "runtime"

	"golang.org/x/sync/errgroup"

	"github.com/scriptd/scriptd/engine/runtime"
)

// load brings the packages of a tree live: those that load, in one step. What is wrong with packages is in the source's
// status; the error says that nothing has changed, because ctx ended, the engine was closed, or the tree cannot be read.
func (e *Engine) load(ctx context.Context, s *source, next *candidate, turn func()) error {
	paths, err := s.paths(next.files)
	if err != nil {
		return fmt.Errorf("look for packages: %w", err)
	}
	loaded := make([]*loadedPackage, len(paths))
	var group errgroup.Group
	group.SetLimit(goruntime.GOMAXPROCS(0))
	for i, path := range paths {
		group.Go(func() error {
			loaded[i] = e.loadPackage(ctx, s, next, path)
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
	if !e.swap(s, next, loaded) {
		e.discard(loaded)
		return ErrClosed
	}
	for _, p := range loaded {
		e.logLoaded(s, p, next.Revision)
	}
	return nil
}

// loadPackage loads one package. What is wrong with it is in the result.
func (e *Engine) loadPackage(ctx context.Context, s *source, next *candidate, path string) *loadedPackage {
	p := &loadedPackage{path: path}
	var err error
	if p.gen, p.entries, err = e.newGeneration(ctx, s, next, path); err == nil {
		return p
	}
	if !errors.As(err, &p.problems) {
		p.problems = runtime.Problems{{File: path, Message: err.Error()}}
	}
	p.mentions = mentions(next.files, path)
	return p
}

func (e *Engine) newGeneration(ctx context.Context, s *source, next *candidate, path string) (*generation, []*entry, error) {
	if err := next.configs.errs[path]; err != nil {
		return nil, nil, fmt.Errorf("config: %w", err)
	}
	options := s.packageOptions(path)
	permissions := s.Permissions.Merge(options.Permissions)
	limited, cancel := context.WithTimeout(ctx, e.limits.load)
	defer cancel()
	inst, err := e.runtime.Load(limited, runtime.Package{
		Name: s.Name + "/" + path, Revision: next.Revision, Tree: next.files, Dir: path,
		Permissions: permissions, Config: next.configs.values[path],
		Log: e.log.With("package", s.Name+"/"+path, "revision", next.Revision),
	})
	if errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil {
		return nil, nil, fmt.Errorf("initialisation and Register did not end within %s", e.limits.load)
	}
	if err != nil {
		return nil, nil, err
	}
	g := newGeneration(inst)
	g.source, g.path, g.revision, g.digest = s.Name, path, next.Revision, string(next.Digest)
	g.permissions, g.timeout = permissions, options.Timeout
	entries, err := newEntries(inst.Plugins(), g)
	if err != nil {
		e.retire(g)
		return nil, nil, err
	}
	return g, entries, nil
}

// discard closes what was loaded in vain.
func (e *Engine) discard(loaded []*loadedPackage) {
	for _, p := range loaded {
		if p.gen != nil {
			e.retire(p.gen)
		}
	}
}

func (e *Engine) logLoaded(s *source, p *loadedPackage, revision string) {
	log := e.log.With("package", s.Name+"/"+p.path, "revision", revision)
	if p.gen != nil {
		log.Info("package is live", "plugins", len(p.entries))
		return
	}
	for _, problem := range p.problems {
		log.Error("package was not loaded", "problem", problem.String())
	}
}
