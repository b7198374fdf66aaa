package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/scriptd/scriptd/cache"
	"github.com/scriptd/scriptd/engine/runtime"
)

// Version is a version of a package, and what became of it.
type Version = cache.Version

// PackageStatus is the state of a package.
type PackageStatus struct {
	// Package is its name: SOURCE/PATH.
	Package string `json:"package"`
	// State is live, failed where nothing serves because nothing loads, or quarantined where it was taken out of service
	// and nothing serves in its place.
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

// Packages lists the packages of all sources, sorted by name.
func (e *Engine) Packages() []PackageStatus {
	var list []PackageStatus
	for _, s := range e.sources {
		s.mu.Lock()
		for path, m := range s.members {
			if m.live != nil || m.last != nil {
				list = append(list, m.status(s.Name+"/"+path))
			}
		}
		s.mu.Unlock()
	}
	slices.SortFunc(list, func(a, b PackageStatus) int { return strings.Compare(a.Package, b.Package) })
	return list
}

func (m *member) status(name string) PackageStatus {
	st := PackageStatus{Package: name, State: cache.Failed, Plugins: []string{}, Pinned: m.pin != ""}
	if m.last != nil && m.last.quarantined {
		st.State = cache.Quarantined
	}
	if m.live != nil {
		st.State, st.Revision, st.Digest = cache.Live, m.live.revision, string(m.live.digest)
		for _, e := range m.live.entries {
			st.Plugins = append(st.Plugins, e.plugin.Name)
		}
	}
	if m.last != nil && len(m.last.problems) > 0 {
		st.Error = m.last.problems.Error()
	}
	return st
}

// History lists the versions of a package, SOURCE/PATH, the newest first. It fails with ErrNoPackage.
func (e *Engine) History(pkg string) ([]Version, error) {
	s, path, err := e.packageNamed(pkg)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	m := s.members[path]
	if m == nil && e.opts.Role == RoleSync {
		return nil, fmt.Errorf("package %s: %w", pkg, ErrSyncs)
	}
	if m == nil {
		return nil, fmt.Errorf("%w: %s", ErrNoPackage, pkg)
	}
	return append([]Version{}, m.versions...), nil
}

// packageNamed finds the source of a package.
func (e *Engine) packageNamed(pkg string) (s *source, path string, err error) {
	name, path, ok := strings.Cut(pkg, "/")
	if s = e.source(name); s == nil || !ok {
		return nil, "", fmt.Errorf("%w: %s", ErrNoPackage, pkg)
	}
	return s, path, nil
}

// Rollback takes a package back to a version of its history, by the digest of its tree or the beginning of one; empty is
// the version that served before this one. The version passes what every new one has to pass; then new calls go to it. It
// stays until Unpin, whatever the source brings, also over a restart. It fails with ErrNoPackage, with ErrNoVersion, and
// with runtime.Problems where the version does not load any more; what served before serves on then.
func (e *Engine) Rollback(ctx context.Context, pkg, digest string) (Version, error) {
	return e.withPackage(ctx, "roll back", pkg, func(ctx context.Context, s *source, m *member) error {
		v, err := m.version(digest)
		if err != nil && digest != "" {
			v, err = e.elsewhere(ctx, s, m.path, digest, err)
		}
		if err != nil {
			return err
		}
		if m.live != nil && m.live.digest == v.Digest {
			return e.hold(ctx, s, m.path, v.Digest, v.Revision)
		}
		next := e.followed(s)
		p, err := e.loadVersion(ctx, s, next, m.path, v)
		if err != nil {
			return err
		}
		// The pin goes first: should all end between the two, a restart begins with the pin.
		err = e.swapOne(ctx, s, next, m.path, p, func(record func()) error {
			err := e.setControl(ctx, s, m.path, pinTo(v.Digest, v.Revision))
			if err == nil {
				record()
			}
			return err
		})
		if err == nil {
			s.setPin(m.path, v.Digest, v.Revision)
		}
		return err
	})
}

// hold pins a package at the version that serves.
func (e *Engine) hold(ctx context.Context, s *source, path string, pin cache.Digest, revision string) error {
	err := e.setControl(ctx, s, path, pinTo(pin, revision))
	if err == nil {
		s.setPin(path, pin, revision)
	}
	return err
}

// version finds a version that a package can go back to.
func (m *member) version(digest string) (Version, error) {
	if digest == "" {
		for _, v := range m.versions {
			if v.State == cache.Retired {
				return v, nil
			}
		}
		return Version{}, fmt.Errorf("%w: nothing served before", ErrNoVersion)
	}
	var found []Version
	for _, v := range m.versions {
		if full := string(v.Digest); strings.HasPrefix(full, digest) || strings.HasPrefix(strings.TrimPrefix(full, "sha256:"), digest) {
			found = append(found, v)
		}
	}
	switch len(found) {
	case 1:
		return found[0], nil
	case 0:
		return Version{}, fmt.Errorf("%w: %s", ErrNoVersion, digest)
	default:
		return Version{}, fmt.Errorf("%w: %s is the beginning of %d", ErrNoVersion, digest, len(found))
	}
}

// Pin holds a package at the version that serves, until Unpin. It fails with ErrNoPackage, and with ErrNoVersion where
// none serves.
func (e *Engine) Pin(ctx context.Context, pkg string) (Version, error) {
	return e.withPackage(ctx, "pin", pkg, func(ctx context.Context, s *source, m *member) error {
		if m.live == nil {
			return fmt.Errorf("%w: nothing serves", ErrNoVersion)
		}
		return e.hold(ctx, s, m.path, m.live.digest, m.live.revision)
	})
}

// Unpin lets a package follow its source again, and brings its newest version live; one that its source does not have any
// more is gone, and the version is zero. Of a package that is not pinned it changes nothing. Where the newest version does
// not load, the package serves on as it did, and the error is runtime.Problems.
func (e *Engine) Unpin(ctx context.Context, pkg string) (Version, error) {
	return e.withPackage(ctx, "unpin", pkg, func(ctx context.Context, s *source, m *member) error {
		if m.pin == "" {
			return nil
		}
		pin, revision := m.pin, m.pinRevision
		s.setPin(m.path, "", "")
		agreed := false
		// The pin goes last, for the same reason.
		err := e.bring(ctx, s, m.path, false, func(record func()) error {
			record()
			err := e.setControl(ctx, s, m.path, pinTo("", ""))
			agreed = err == nil
			return err
		})
		if !agreed {
			s.setPin(m.path, pin, revision)
		}
		return err
	})
}

// Reload loads a package anew, from the tree that it is to serve from, though nothing has changed: also one that failed, or
// is in quarantine. Other processes that serve from the same cache do the same. The error is that of the load.
func (e *Engine) Reload(ctx context.Context, pkg string) (Version, error) {
	return e.withPackage(ctx, "reload", pkg, func(ctx context.Context, s *source, m *member) error {
		now := time.Now().UTC()
		err := e.setControl(ctx, s, m.path, func(c *cache.PackageControl) { c.Reload = now })
		if err != nil {
			return err
		}
		return e.bring(ctx, s, m.path, true, nil)
	})
}

// withPackage does something to a package, and returns the version that serves then.
func (e *Engine) withPackage(ctx context.Context, what, pkg string, do func(context.Context, *source, *member) error) (Version, error) {
	if !e.begin() {
		return Version{}, ErrClosed
	}
	defer e.work.Done()
	ctx, cancel := e.untilClosed(ctx)
	defer cancel()
	fail := func(err error) (Version, error) {
		if e.closing.Err() != nil && errors.Is(err, context.Canceled) {
			err = ErrClosed
		}
		return Version{}, fmt.Errorf("%s %s: %w", what, pkg, err)
	}
	s, path, err := e.packageNamed(pkg)
	if err == nil && e.opts.Role == RoleSync {
		err = ErrSyncs
	}
	if err != nil {
		return fail(err)
	}
	if err := s.lock(ctx); err != nil {
		return fail(err)
	}
	defer s.unlock()
	e.obey(ctx, s)
	m := s.members[path]
	if m == nil || !s.lists(path) {
		return fail(ErrNoPackage)
	}
	if err := do(ctx, s, m); err != nil {
		return fail(err)
	}
	if v := s.members[path].liveVersion(); v != nil {
		return *v, nil
	}
	return Version{}, nil
}

// Poke asks Run to sync a source soon. It fails with ErrNoSource, and with ErrClosed.
func (e *Engine) Poke(name string) error {
	if e.closing.Err() != nil {
		return ErrClosed
	}
	s := e.source(name)
	if s == nil {
		return fmt.Errorf("%w: %s", ErrNoSource, name)
	}
	s.wake()
	return nil
}

// source returns the source of a name, or nil.
func (e *Engine) source(name string) *source {
	for _, s := range e.sources {
		if s.Name == name {
			return s
		}
	}
	return nil
}

// Health asks the packages that serve whether they can do their work, each as long as ctx allows, and returns the errors
// of those that cannot, by name.
func (e *Engine) Health(ctx context.Context) map[string]error {
	var mu sync.Mutex
	sick := make(map[string]error)
	var asked sync.WaitGroup
	for g := range e.current().generations() {
		if !g.pin() {
			continue // it is over
		}
		asked.Go(func() {
			defer g.unpin()
			if err := g.inst.Health(ctx); err != nil {
				mu.Lock()
				defer mu.Unlock()
				sick[g.name()] = err
			}
		})
	}
	asked.Wait()
	return sick
}

// Abandoned is the number of calls that still run though they were given up, since nothing can end them: in this process,
// those that sleep, or wait for a lock or the network, in compiled code.
func (e *Engine) Abandoned() int {
	if rt, ok := e.runtime.(runtime.Abandoner); ok {
		return rt.Abandoned()
	}
	return 0
}
