package engine

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"github.com/scriptd/scriptd/engine/runtime"
	"github.com/scriptd/scriptd/engine/schema"
)

// registry says which plugin is served by what. It does not change: another one takes its place.
type registry map[string]*entry

// entry is a plugin that can be called.
type entry struct {
	plugin runtime.Plugin
	schema *schema.Schema
	gen    *generation
	slots  chan struct{} // as many as calls may run at a time; nil is no bound
}

func newEntry(p runtime.Plugin, g *generation) (*entry, error) {
	s, err := schema.Compile(p.Schema)
	if err != nil {
		return nil, runtime.Problems{p.Problemf("plugin %s: %v", p.Name, err)}
	}
	e := &entry{plugin: p, schema: s, gen: g}
	if p.Concurrency > 0 {
		e.slots = make(chan struct{}, p.Concurrency)
	}
	return e, nil
}

func (e *entry) describe() Plugin {
	return Plugin{
		Name:        e.plugin.Name,
		Category:    e.plugin.Category,
		Description: e.plugin.Description,
		Source:      e.gen.source,
		Package:     e.gen.path,
		Revision:    e.gen.revision,
		Digest:      e.gen.digest,
	}
}

// loadedPackage is what became of a package of a new tree.
type loadedPackage struct {
	path string
	// gen is nil where the package did not load; problems says why.
	gen      *generation
	entries  []*entry
	problems runtime.Problems
	// mentions are the names in the source of a package that did not load: one of them may be its plugin's.
	mentions map[string]bool
	// taken: the package did not go live because another one has a name of its plugins.
	taken bool
}

// fail makes p a package that did not load, and returns the generation that is of no use now.
func (p *loadedPackage) fail(problem runtime.Problem) *generation {
	unused := p.gen
	p.gen, p.entries, p.problems = nil, nil, append(p.problems, problem)
	return unused
}

// merge returns a registry in which the packages of a source are those of loaded: each as it was loaded now or, where
// that failed, as old has it. A package that would take the name of another's plugin fails; what it was loaded as is
// returned in unused.
func (r registry) merge(source string, loaded []*loadedPackage) (next registry, unused []*generation) {
	slices.SortFunc(loaded, func(a, b *loadedPackage) int { return cmp.Compare(a.path, b.path) })
	for {
		next = r.others(source, loaded)
		clash := false
		for _, p := range loaded {
			other, name := next.clash(p.entries)
			if other == nil {
				for _, e := range p.entries {
					next[e.plugin.Name] = e
				}
				continue
			}
			problem := p.entry(name).plugin.Problemf("plugin name %s is taken by %s/%s (%s:%d)",
				name, other.gen.source, other.gen.path, other.plugin.File, other.plugin.Line)
			p.taken, clash = true, true
			unused = append(unused, p.fail(problem))
			break // its old generation comes back, and with it names
		}
		if !clash {
			return next, unused
		}
	}
}

// others returns what stays in the registry whatever of loaded goes live: the plugins of other sources, and those of
// packages that are in loaded and failed.
func (r registry) others(source string, loaded []*loadedPackage) registry {
	failed := make(map[string]bool)
	for _, p := range loaded {
		failed[p.path] = p.gen == nil
	}
	next := maps.Clone(r)
	maps.DeleteFunc(next, func(_ string, e *entry) bool { return e.gen.source == source && !failed[e.gen.path] })
	return next
}

func (r registry) clash(entries []*entry) (other *entry, name string) {
	for _, e := range entries {
		if other := r[e.plugin.Name]; other != nil {
			return other, e.plugin.Name
		}
	}
	return nil, ""
}

func (p *loadedPackage) entry(name string) *entry {
	for _, e := range p.entries {
		if e.plugin.Name == name {
			return e
		}
	}
	panic(fmt.Sprintf("engine: no entry %s", name))
}

// generations returns those that the registry leads to.
func (r registry) generations() map[*generation]bool {
	gens := make(map[*generation]bool)
	for _, e := range r {
		gens[e.gen] = true
	}
	return gens
}
