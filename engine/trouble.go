package engine

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/scriptd/scriptd/cache"
)

const (
	// calmTime without trouble forgets the restarts before.
	calmTime = time.Minute
	// freeRestarts happen at once; each further one within calmTime waits twice as long as the one before, up to maxRestart.
	freeRestarts = 5
	firstRestart = 100 * time.Millisecond
	maxRestart   = 30 * time.Second
)

// broken replaces an instance that does not work any more, with one of the same version.
func (e *Engine) broken(g *generation, why error) {
	e.background(func() {
		if err := e.replace(g, why); err != nil && e.closing.Err() == nil {
			e.log.Error("package could not be started again: it goes on as it is", "package", g.name(), "error", err)
		}
	})
}

func (e *Engine) replace(g *generation, why error) error {
	s := e.source(g.source)
	if s.serves(g) == nil {
		return nil
	}
	select {
	case <-time.After(s.restartDelay(g.path)):
	case <-e.closing.Done():
		return ErrClosed
	}
	if err := s.lock(e.closing); err != nil {
		return err
	}
	defer s.unlock()
	m := s.serves(g)
	if m == nil {
		return nil // another version is there
	}
	next := e.followed(s)
	tree := *next
	tree.Revision, tree.Digest, tree.files = m.live.revision, m.live.digest, m.live.reads
	p := e.loadAnew(e.closing, s, &tree, g.path)
	if p.gen == nil {
		return p.problems
	}
	err := e.swapOne(e.closing, s, next, g.path, p, nil)
	if err == nil {
		e.emit(Event{
			Kind: GenerationReplaced, Source: s.Name, Package: g.name(), Revision: p.revision, Digest: string(p.digest), Err: why,
		})
	}
	return err
}

// serves returns the package that a generation serves, nil where it does not any more.
func (s *source) serves(g *generation) *member {
	s.mu.Lock()
	defer s.mu.Unlock()
	if m := s.members[g.path]; m != nil && m.live != nil && m.live.gen == g {
		return m
	}
	return nil
}

// restartDelay counts a restart of a package, and returns how long it has to wait.
func (s *source) restartDelay(path string) time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	r := s.restarts[path]
	if now := time.Now(); now.Sub(r.last) > calmTime {
		r = restarts{last: now}
	} else {
		r.last = now
	}
	r.count++
	s.restarts[path] = r
	if r.count <= freeRestarts {
		return 0
	}
	return min(firstRestart<<min(r.count-freeRestarts-1, 16), maxRestart)
}

// restarts are those of a package that came soon after one another.
type restarts struct {
	count int
	last  time.Time
}

// quarantine takes a version out of service. The newest one that served before takes its place, where it still loads.
func (e *Engine) quarantine(g *generation, why string) {
	s := e.source(g.source)
	if err := s.lock(e.closing); err != nil {
		return
	}
	defer s.unlock()
	m := s.serves(g)
	if m == nil {
		return // another version is there already
	}
	next := e.followed(s)
	p := e.previous(s, next, m)
	bad := m.live.quarantine(why)
	next.bad = &quarantinedPackage{bad, g}
	if p == nil {
		p = bad
	}
	if e.swapOne(e.closing, s, next, g.path, p, nil) != nil {
		return // the engine is closed
	}
	e.emit(Event{
		Kind: GenerationQuarantined, Source: s.Name, Package: g.name(), Revision: bad.revision, Digest: string(bad.digest), Err: errors.New(why),
	})
}

// quarantinedPackage is what is taken out of service.
type quarantinedPackage struct {
	*loadedPackage
	was *generation
}

// quarantine returns what becomes of a package that is taken out of service.
func (p *loadedPackage) quarantine(why string) *loadedPackage {
	bad := *p
	bad.gen, bad.entries, bad.old = nil, nil, false
	bad.quarantined, bad.why, bad.problems = true, why, quarantined(p.path, why)
	bad.mentions = make(map[string]bool)
	for _, e := range p.entries {
		bad.mentions[e.plugin.Name] = true
	}
	return &bad
}

// previous loads the newest version that served before the one that does; nil where there is none that loads.
func (e *Engine) previous(s *source, next *candidate, m *member) *loadedPackage {
	for _, v := range m.versions {
		if v.State != cache.Retired || v.Digest == m.live.digest {
			continue
		}
		p, err := e.loadVersion(e.closing, s, next, m.path, v)
		if err == nil {
			return p
		}
		e.log.Warn("an older version of the package does not load", "package", s.Name+"/"+m.path, "revision", v.Revision, "error", err)
	}
	return nil
}

// loadVersion loads a version of a package's history.
func (e *Engine) loadVersion(ctx context.Context, s *source, next *candidate, path string, v cache.Version) (*loadedPackage, error) {
	tree, err := next.from(ctx, v.Revision, v.Digest)
	if err != nil {
		return nil, fmt.Errorf("version %s of %s/%s: %w", v.Digest, s.Name, path, err)
	}
	p := e.loadAnew(ctx, s, tree, path)
	switch {
	case ctx.Err() != nil:
		e.discard([]*loadedPackage{p})
		return nil, ctx.Err()
	case p.gen == nil:
		return nil, p.problems
	}
	return p, nil
}
