package engine

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	goruntime "runtime"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/scriptd/scriptd/cache"
	"github.com/scriptd/scriptd/engine/runtime"
)

// loadTime bounds the initialisation and Register of a package.
const loadTime = 30 * time.Second

// load brings the packages of a tree live: those that load, in one step. It reports whether the tree is at least as
// good as what served before, that is, whether every package that served has loaded again.
func (e *Engine) load(ctx context.Context, s *source, tree fs.FS, active cache.Active, configs configs, turn func()) bool {
	paths, problems := s.paths(tree)
	loaded := make([]*loadedPackage, len(paths))
	var group errgroup.Group
	group.SetLimit(goruntime.GOMAXPROCS(0))
	for i, path := range paths {
		group.Go(func() error {
			loaded[i] = e.loadPackage(ctx, s, tree, active, path, configs)
			return nil
		})
	}
	_ = group.Wait() // what goes wrong is in loaded
	if turn != nil {
		turn()
	}
	before, after := e.swap(s.Name, loaded)
	for _, p := range loaded {
		problems = append(problems, p.problems...)
		e.logLoaded(s, p, active)
	}
	s.loaded(active, configs.fingerprint, loaded, problems, after)
	someLive := slices.ContainsFunc(loaded, func(p *loadedPackage) bool { return p.gen != nil })
	return len(problems) == 0 || someLive && !regressed(s.Name, loaded, before)
}

// loadPackage loads one package. What is wrong with it is in the result.
func (e *Engine) loadPackage(ctx context.Context, s *source, tree fs.FS, active cache.Active, path string, configs configs) *loadedPackage {
	p := &loadedPackage{path: path}
	gen, entries, err := e.newGeneration(ctx, s, tree, active, path, configs)
	if err == nil {
		p.gen, p.entries = gen, entries
		return p
	}
	if !errors.As(err, &p.problems) {
		p.problems = runtime.Problems{{File: path, Message: err.Error()}}
	}
	p.mentions = mentions(tree, path)
	return p
}

func (e *Engine) newGeneration(ctx context.Context, s *source, tree fs.FS, active cache.Active, path string, configs configs) (*generation, []*entry, error) {
	if err := configs.errs[path]; err != nil {
		return nil, nil, fmt.Errorf("config: %w", err)
	}
	options := s.packageOptions(path)
	permissions := s.Permissions.Merge(options.Permissions)
	ctx, cancel := context.WithTimeout(ctx, loadTime)
	defer cancel()
	inst, err := e.runtime.Load(ctx, runtime.Package{
		Name: s.Name + "/" + path, Revision: active.Revision, Tree: tree, Dir: path,
		Permissions: permissions, Config: configs.values[path],
		Log: e.log.With("package", s.Name+"/"+path, "revision", active.Revision),
	})
	if err != nil {
		return nil, nil, err
	}
	g := newGeneration(inst)
	g.source, g.path, g.revision, g.digest = s.Name, path, active.Revision, string(active.Digest)
	g.permissions, g.timeout = permissions, options.Timeout
	var entries []*entry
	for _, p := range inst.Plugins() {
		en, err := newEntry(p, g)
		if err != nil {
			return nil, nil, errors.Join(err, inst.Close(ctx))
		}
		entries = append(entries, en)
	}
	return g, entries, nil
}

// swap replaces the packages of a source in one step, and retires what served before. It returns the registries.
func (e *Engine) swap(source string, loaded []*loadedPackage) (before, after registry) {
	e.commit.Lock()
	defer e.commit.Unlock()
	current := e.registry.Load()
	if current == nil { // closed in the meantime
		for _, p := range loaded {
			if p.gen != nil {
				e.retire(p.gen)
			}
		}
		return nil, nil
	}
	before = *current
	after, unused := before.merge(source, loaded)
	e.registry.Store(&after)
	kept := after.generations()
	for g := range before.generations() {
		if !kept[g] {
			unused = append(unused, g)
		}
	}
	for _, g := range unused {
		e.retire(g)
	}
	e.wakeWaiting(source, before, after)
	return before, after
}

// retire closes a generation once its calls are over. The caller is counted in e.work, or is New.
func (e *Engine) retire(g *generation) {
	e.work.Go(func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(e.closing), drainTime)
		defer cancel()
		if err := g.retire(ctx); err != nil {
			e.log.Warn("package did not close well", "package", g.source+"/"+g.path, "revision", g.revision, "error", err)
		}
	})
}

// wakeWaiting asks for a sync of the sources that wait for a name, if names have become free.
func (e *Engine) wakeWaiting(source string, before, after registry) {
	for name := range before {
		if after[name] != nil {
			continue
		}
		for _, s := range e.sources {
			if s.Name != source && s.last().again {
				s.wake()
			}
		}
		return
	}
}

// regressed reports whether a package that served has not loaded again.
func regressed(source string, loaded []*loadedPackage, before registry) bool {
	served := make(map[string]bool)
	for g := range before.generations() {
		if g.source == source {
			served[g.path] = true
		}
	}
	for _, p := range loaded {
		if p.gen == nil && served[p.path] {
			return true
		}
		delete(served, p.path)
	}
	return false
}

// loaded records the outcome of a load.
func (s *source) loaded(active cache.Active, config string, loaded []*loadedPackage, problems runtime.Problems, after registry) {
	serving := make(map[string]bool)
	for g := range after.generations() {
		if g.source == s.Name {
			serving[g.path] = true
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tried = attempt{revision: active.Revision, digest: active.Digest, config: config}
	s.packages, s.ready, s.loadErr = loaded, len(loaded) > 0, nil
	live := len(loaded) == 0
	for _, p := range loaded {
		s.ready = s.ready && serving[p.path]
		s.tried.again = s.tried.again || p.taken
		live = live || p.gen != nil
	}
	if live {
		s.live = active
	}
	if len(problems) > 0 {
		s.loadErr = problems
	}
}

func (e *Engine) logLoaded(s *source, p *loadedPackage, active cache.Active) {
	log := e.log.With("package", s.Name+"/"+p.path, "revision", active.Revision)
	if p.gen != nil {
		log.Info("package is live", "plugins", len(p.entries))
		return
	}
	for _, problem := range p.problems {
		log.Error("package was not loaded", "problem", problem.String())
	}
}
