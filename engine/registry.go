package engine

import (
	"cmp"
	"io/fs"
	"maps"
	"slices"
	"sync/atomic"
	"time"

	"github.com/scriptd/scriptd/cache"
	"github.com/scriptd/scriptd/engine/runtime"
	"github.com/scriptd/scriptd/engine/schema"
	"github.com/scriptd/scriptd/plugin"
)

// registry says which plugin is served by what. It does not change: another one takes its place.
type registry map[string]*entry

// entry is a plugin that can be called, or an implementation of a contract. It does not change.
type entry struct {
	plugin runtime.Plugin
	// impl is what is provided for a contract, and index its number; nil for a plugin. The plugin is what it is called, and where
	// it is.
	impl   *runtime.Implementation
	index  int
	schema *schema.Schema
	gen    *generation
	// revision and digest are the newest tree that has what gen was loaded from.
	revision, digest string
	slots            *slots
	clock            *clock
	// failures counts the calls that ended badly one after the other.
	failures *atomic.Int64
	// out is why the plugin is out of service; nil where it can be called.
	out error
}

// newEntries makes entries of what a package registered; before is what serves now, and timeout is for plugins of which nobody
// says how much time they have. The error is runtime.Problems: one for
// each schema that does not hold, and for each implementation whose name its contract does not accept.
func newEntries(inst runtime.Instance, g *generation, before registry, timeout time.Duration) ([]*entry, error) {
	var entries []*entry
	var problems runtime.Problems
	for _, p := range inst.Plugins() {
		s, err := schema.Compile(p.Schema)
		if err != nil {
			problems = append(problems, p.Problemf("plugin %s: %v", p.Name, err))
			continue
		}
		made := newEntry(p, g, before, timeout)
		made.schema = s
		entries = append(entries, made)
	}
	for i, impl := range inst.Implementations() {
		made := newEntry(runtime.Plugin{
			Spec: plugin.Spec{Name: impl.Key()}, File: impl.File, Line: impl.Line, Column: impl.Column,
		}, g, before, timeout)
		if err := impl.Contract.Accept(g.source, impl.Name); err != nil {
			problems = append(problems, made.plugin.Problemf("implementation %s: %v", impl.Key(), err))
			continue
		}
		made.impl, made.index = &impl, i
		entries = append(entries, made)
	}
	if len(problems) > 0 {
		return nil, problems
	}
	return entries, nil
}

func newEntry(p runtime.Plugin, g *generation, before registry, timeout time.Duration) *entry {
	var shared *slots
	if old := before[p.Name]; old != nil && old.gen.name() == g.name() {
		shared = old.slots
	}
	k := &clock{limit: shortest(p.Timeout, g.policy.Timeout, timeout)}
	g.clocks = append(g.clocks, k)
	return &entry{
		plugin: p, gen: g, revision: g.revision, digest: g.digest,
		slots: newSlots(p.Concurrency, g.policy, shared), failures: new(atomic.Int64), clock: k,
	}
}

// shortest is the shorter of the times that the plugin and its package ask for, zero for none, else the default.
func shortest(own, policy, otherwise time.Duration) time.Duration {
	switch {
	case own == 0 && policy == 0:
		return otherwise
	case own == 0 || policy != 0 && policy < own:
		return policy
	default:
		return own
	}
}

func (e *entry) describe() Plugin {
	return Plugin{
		Name:        e.plugin.Name,
		Category:    e.plugin.Category,
		Description: e.plugin.Description,
		Source:      e.gen.source,
		Package:     e.gen.path,
		Revision:    e.revision,
		Digest:      e.digest,
	}
}

// loadedPackage is what became of a package of a tree.
type loadedPackage struct {
	path string
	// revision and digest are the tree. Inputs is what else the outcome depends on, and reads are the files.
	revision string
	digest   cache.Digest
	inputs   string
	reads    *reads
	// gen is nil where the package did not load; problems says why.
	gen      *generation
	entries  []*entry
	problems runtime.Problems
	// old: it was not loaded now, since nothing that it depends on has changed.
	old bool
	// quarantined: the problem is that its calls kept failing, which why tells.
	quarantined bool
	why         string
	// held: it could go live, and does not because another package of its tree failed.
	held bool
	// mentions are the names in the source of a package that did not load: one of them may be its plugin's.
	mentions map[string]bool
	// taken is the name of a plugin because of which this one did not go live, and holder whose plugin that is.
	taken  string
	holder place
}

// place is a package of a source.
type place struct{ source, path string }

// fail makes p a package that did not load, because other has the name of a plugin of p. It returns the generation that
// is of no use now.
func (p *loadedPackage) fail(name string, other *entry) *generation {
	unused, entries := p.gen, p.entries
	if p.old {
		unused = nil // the registry before has it
	}
	p.gen, p.entries, p.mentions = nil, nil, make(map[string]bool)
	p.taken, p.holder = name, place{other.gen.source, other.gen.path}
	for _, e := range entries {
		p.mentions[e.plugin.Name] = true
		if e.plugin.Name == name {
			what := "plugin name"
			if e.impl != nil {
				what = "the name of implementation"
			}
			p.problems = append(p.problems, e.plugin.Problemf("%s %s is taken by %s/%s (%s:%d)",
				what, name, other.gen.source, other.gen.path, other.plugin.File, other.plugin.Line))
		}
	}
	return unused
}

// merge returns a registry in which the packages of a source are those of loaded: each as it was loaded now or, where
// that failed, as old has it. A package that would take the name of another's plugin fails; what it was loaded as is
// returned in unused. Among packages of one tree, the name is that of the one that has it in old, else of the first.
func (r registry) merge(source string, loaded []*loadedPackage) (next registry, unused []*generation) {
	slices.SortFunc(loaded, func(a, b *loadedPackage) int { return cmp.Compare(a.path, b.path) })
	for {
		next = r.others(source, loaded)
		kept := r.kept(source, loaded)
		clash := false
		for _, p := range loaded {
			other, name := p.clash(next, kept)
			if other == nil {
				for _, e := range p.entries {
					next[e.plugin.Name] = e
				}
				continue
			}
			if g := p.fail(name, other); g != nil {
				unused = append(unused, g)
			}
			clash = true
			break // its old generation comes back, and with it names
		}
		if !clash {
			return next, unused
		}
	}
}

// kept returns the plugins of loaded whose names their packages had before.
func (r registry) kept(source string, loaded []*loadedPackage) registry {
	kept := make(registry)
	for _, p := range loaded {
		for _, e := range p.entries {
			if old := r[e.plugin.Name]; old != nil && old.gen.source == source && old.gen.path == p.path {
				kept[e.plugin.Name] = e
			}
		}
	}
	return kept
}

// clash returns the plugin whose name p would take, if there is one.
func (p *loadedPackage) clash(next, kept registry) (other *entry, name string) {
	for _, e := range p.entries {
		for _, r := range []registry{next, kept} {
			if other := r[e.plugin.Name]; other != nil && other != e {
				return other, e.plugin.Name
			}
		}
	}
	return nil, ""
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

// generations returns those that the registry leads to.
func (r registry) generations() map[*generation]bool {
	gens := make(map[*generation]bool)
	for _, e := range r {
		if e.out == nil {
			gens[e.gen] = true
		}
	}
	return gens
}

// at returns p for another tree that has the same package.
func (p *loadedPackage) at(revision string, digest cache.Digest) *loadedPackage {
	same := *p
	same.revision, same.digest, same.old = revision, digest, true
	same.entries = make([]*entry, len(p.entries))
	for i, e := range p.entries {
		relabeled := *e
		relabeled.revision, relabeled.digest = revision, string(digest)
		same.entries[i] = &relabeled
	}
	return &same
}

// same reports whether p would come out the same from another tree.
func (p *loadedPackage) same(inputs string, tree fs.FS) bool {
	return p != nil && p.taken == "" && p.inputs == inputs && p.reads.same(tree)
}

// out returns a registry in which the plugins of a generation are out of service.
func (r registry) out(g *generation, why error) registry {
	next := maps.Clone(r)
	for name, e := range r {
		if e.gen == g {
			gone := *e
			gone.out = why
			next[name] = &gone
		}
	}
	return next
}
