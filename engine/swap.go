package engine

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/scriptd/scriptd/cache"
)

// swap brings what was loaded of a source live in one step, and retires what served before. Loaded are all packages of
// the tree that the source follows: those that are left out are gone. Before anything is live, the cache is told what a
// restart should begin with; so whatever was live once, or newer, is live after a crash. Where there is an agreement, it is
// asked instead, and calls record when the cache is to be told. An error says that nothing has changed: that of the
// agreement, or ErrClosed. The caller holds the source's turn.
func (e *Engine) swap(ctx context.Context, s *source, next *candidate, loaded []*loadedPackage, agreement agreement) error {
	e.swapping.Lock()
	defer e.swapping.Unlock()
	current := e.registry.Load()
	if current == nil {
		e.discard(loaded)
		return ErrClosed
	}
	before := *current
	after, unused := before.merge(s.Name, loaded)
	if s.Activate == ActivateTree && failed(loaded) {
		unused = append(unused, s.hold(loaded)...)
		after = before
	}
	if next.bad != nil {
		after = after.out(next.bad.was, fmt.Errorf("%w: %s", ErrQuarantined, next.bad.why))
	}
	members, live := s.advance(next, loaded, time.Now().UTC()), s.lives(next, loaded)
	newest := s.newest
	if !next.partial {
		newest = next.Active
	}
	record := func() { e.record(ctx, s, active(live, newest, members)) }
	var err error
	if agreement == nil {
		record()
	} else {
		err = agreement(record)
	}
	if err == nil && !e.publish(after) {
		err = ErrClosed
	}
	if err != nil {
		e.discard(loaded)
		e.retireAll(unused)
		return err
	}
	// The outcome is recorded before another source can free a name that this one waits for.
	s.loaded(next, members, live, after)
	for _, p := range loaded {
		if p.gen != nil {
			p.gen.served = true
		}
		e.tellLoaded(s, p)
	}
	kept := after.generations()
	for g := range before.generations() {
		if !kept[g] {
			unused = append(unused, g)
		}
	}
	e.retireAll(unused)
	e.wakeWaiting(before, after)
	return nil
}

// agreement is what somebody has to say before something goes live.
type agreement func(record func()) error

// publish makes r the registry. It is false where the engine is closed.
func (e *Engine) publish(r registry) bool {
	e.commit.Lock()
	defer e.commit.Unlock()
	if e.registry.Load() == nil {
		return false
	}
	e.registry.Store(&r)
	close(e.news)
	e.news = make(chan struct{})
	return true
}

// changed returns a channel that is closed when the registry changes.
func (e *Engine) changed() <-chan struct{} {
	e.commit.Lock()
	defer e.commit.Unlock()
	return e.news
}

// failed reports whether a package of a tree did not load.
func failed(loaded []*loadedPackage) bool {
	return slices.ContainsFunc(loaded, func(p *loadedPackage) bool { return p.gen == nil })
}

// hold keeps what serves, since another package of the tree failed, and returns what was loaded in vain.
func (s *source) hold(loaded []*loadedPackage) (unused []*generation) {
	for i, p := range loaded {
		switch {
		case p.gen == nil:
		case p.old:
			loaded[i] = s.member(p.path).live // its tree does not go live
		default:
			unused = append(unused, p.gen)
			p.gen, p.entries, p.held, p.reads = nil, nil, true, nil
		}
	}
	return unused
}

// advance returns the packages of a source after a load.
func (s *source) advance(next *candidate, loaded []*loadedPackage, now time.Time) map[string]*member {
	members := make(map[string]*member, len(s.members))
	tree := s.Activate == ActivateTree && failed(loaded)
	for path, m := range s.members {
		gone := *m
		// What is not listed, and was not live here, is what others have to say.
		if gone.last = nil; !tree && (s.lists(path) || m.live != nil) {
			gone.live, gone.versions = nil, retireAll(m.versions)
		}
		members[path] = &gone
	}
	for _, p := range loaded {
		m := *s.member(p.path)
		if next.bad != nil && next.bad.path == p.path && !p.quarantined {
			m.versions = advance(m.versions, next.bad.loadedPackage, now)
		}
		m.last, m.versions = p, advance(m.versions, p, now)
		switch {
		case p.gen != nil:
			m.live = p
		case p.quarantined && !p.old:
			m.live = nil
		}
		if next.bad != nil && next.bad.path == p.path {
			m.last = next.bad.loadedPackage // the newest tree has that one still
		}
		members[p.path] = &m
	}
	return members
}

// lives returns the tree that counts as live after a load: the one that was tried, where something of it is live, or there
// is nothing in it.
func (s *source) lives(next *candidate, loaded []*loadedPackage) cache.Active {
	live := len(loaded) == 0 && !next.restoring
	for _, p := range loaded {
		live = live || p.gen != nil && (p.digest == next.Digest || next.restoring || s.member(p.path).pin != "")
	}
	if live {
		return next.Active
	}
	return s.live
}

// active is what a restart begins with.
func active(live, newest cache.Active, members map[string]*member) cache.Active {
	live.Newest, live.NewestRevision = "", ""
	if newest.Digest != live.Digest {
		live.Newest, live.NewestRevision = newest.Digest, newest.Revision
	}
	live.Packages = make(map[string][]cache.Version)
	for path, m := range members {
		if len(m.versions) > 0 {
			live.Packages[path] = m.versions
		}
	}
	return live
}

// retireAll closes generations once their calls are over. The caller is counted in e.work, or is New.
func (e *Engine) retireAll(gens []*generation) {
	for _, g := range gens {
		e.retire(g)
	}
}

func (e *Engine) retire(g *generation) {
	e.work.Go(func() {
		err := g.retire(e.hurry, e.limits.close)
		event := Event{Kind: GenerationRetired, Source: g.source, Package: g.name(), Revision: g.revision, Digest: g.digest, Err: err}
		if g.served {
			e.emit(event)
		} else {
			e.logEvent(event) // where it did not close well
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
	r := e.current()
	return r != nil && slices.ContainsFunc(names, func(name string) bool { return r[name] == nil })
}

// current returns the registry, nil once the engine is closed.
func (e *Engine) current() registry {
	if r := e.registry.Load(); r != nil {
		return *r
	}
	return nil
}

// swapOne is swap for one package, which is gone where p is nil; what became of the others of its source stays.
func (e *Engine) swapOne(ctx context.Context, s *source, next *candidate, path string, p *loadedPackage, agreement agreement) error {
	one := *next
	one.partial = true
	loaded := s.siblings(path)
	if p != nil {
		loaded = append(loaded, p)
	}
	return e.swap(ctx, s, &one, loaded, agreement)
}

// siblings returns what became of the other packages of a source.
func (s *source) siblings(path string) []*loadedPackage {
	var others []*loadedPackage
	for at, m := range s.members {
		if at != path && m.last != nil {
			others = append(others, m.last.at(m.last.revision, m.last.digest))
		}
	}
	return others
}
