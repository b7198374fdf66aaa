package engine

import (
	"slices"

	"github.com/scriptd/scriptd/engine/runtime"
)

// swap replaces the packages of a source in one step, and retires what served before. It reports false, and does
// nothing, where the engine is closed.
func (e *Engine) swap(s *source, next *candidate, loaded []*loadedPackage) bool {
	e.commit.Lock()
	defer e.commit.Unlock()
	current := e.registry.Load()
	if current == nil {
		return false
	}
	before := *current
	after, unused := before.merge(s.Name, loaded)
	e.registry.Store(&after)
	// The outcome is recorded before another source can free a name that this one waits for.
	try := attempt{revision: next.Revision, digest: next.Digest, config: next.configs.fingerprint}
	s.loaded(try, next.Active, loaded, problemsOf(loaded), after, !next.cached && e.keep(s.Name, loaded, before))
	kept := after.generations()
	for g := range before.generations() {
		if !kept[g] {
			unused = append(unused, g)
		}
	}
	for _, g := range unused {
		e.retire(g)
	}
	e.wakeWaiting(before, after)
	return true
}

// retire closes a generation once its calls are over. The caller is counted in e.work, or is New.
func (e *Engine) retire(g *generation) {
	e.work.Go(func() {
		if err := g.retire(e.abandoned, e.limits.close); err != nil {
			e.log.Warn("package did not close well", "package", g.source+"/"+g.path, "revision", g.revision, "error", err)
		}
	})
}

// wakeWaiting asks for a sync of the sources that wait for a name that has become free.
func (e *Engine) wakeWaiting(before, after registry) {
	for _, s := range e.sources {
		freed := func(name string) bool { return before[name] != nil && after[name] == nil }
		if slices.ContainsFunc(s.last().waits, freed) {
			s.wake()
		}
	}
}

// anyFree reports whether one of the names is not taken any more.
func (e *Engine) anyFree(names []string) bool {
	r := e.registry.Load()
	return r != nil && slices.ContainsFunc(names, func(name string) bool { return (*r)[name] == nil })
}

// problemsOf collects what is wrong with the packages of a tree.
func problemsOf(loaded []*loadedPackage) runtime.Problems {
	if len(loaded) == 0 {
		return runtime.Problems{{Message: "no plugins: no folder has a Go file with a function Register"}}
	}
	var problems runtime.Problems
	for _, p := range loaded {
		problems = append(problems, p.problems...)
	}
	return problems
}

// keep reports whether a restart should begin with a tree: something of it is live, or it has nothing; every package that
// served has loaded again; and no package waits for a name that it would have at a restart, because it comes before the
// package that has the name now.
func (e *Engine) keep(source string, loaded []*loadedPackage, before registry) bool {
	served := make(map[string]bool)
	for g := range before.generations() {
		if g.source == source {
			served[g.path] = true
		}
	}
	live := len(loaded) == 0
	for _, p := range loaded {
		if p.gen == nil && served[p.path] || p.taken != "" && e.precedes(place{source, p.path}, p.holder) {
			return false
		}
		live = live || p.gen != nil
	}
	return live
}

// precedes reports whether a goes live before b at a start.
func (e *Engine) precedes(a, b place) bool {
	if a.source == b.source {
		return a.path < b.path
	}
	for _, s := range e.sources {
		if s.Name == a.source || s.Name == b.source {
			return s.Name == a.source
		}
	}
	return false
}
