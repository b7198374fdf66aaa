package engine

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/scriptd/scriptd/cache"
)

// obeyInterval is how often Run looks for what other processes want of packages.
const obeyInterval = time.Second

// controls reads what people want of a source's packages. What cannot be read stays as it was.
func (e *Engine) controls(ctx context.Context, s *source) cache.Control {
	c, err := e.opts.Cache.Control(ctx, s.Name)
	if err != nil {
		if ctx.Err() == nil {
			e.log.Warn("what was said of packages cannot be read", "source", s.Name, "error", err)
		}
		return s.control
	}
	return c
}

// obey does what people want of the packages of a source since it was asked last. The caller holds the source's turn.
func (e *Engine) obey(ctx context.Context, s *source) {
	control := e.controls(ctx, s)
	for _, path := range s.changed(control) {
		wish := control.Packages[path]
		force := wish.Reload.After(s.control.Packages[path].Reload)
		s.setPin(path, wish)
		if err := e.bring(ctx, s, path, force, nil); err != nil && ctx.Err() == nil {
			e.log.Error("package was not brought to the version that it should have", "package", s.Name+"/"+path, "error", err)
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.control = control
}

// changed lists the packages that people want something else of than before.
func (s *source) changed(control cache.Control) []string {
	all := maps.Clone(s.control.Packages)
	if all == nil {
		all = make(map[string]cache.PackageControl)
	}
	maps.Copy(all, control.Packages)
	var paths []string
	for path := range all {
		if s.control.Packages[path] != control.Packages[path] {
			paths = append(paths, path)
		}
	}
	return paths
}

// wish is what is wanted of a package where it is to be pinned, or not; what else is wanted of it stays.
func (s *source) wish(path string, pin cache.Digest, revision string) cache.PackageControl {
	wish := s.control.Packages[path]
	wish.Pin, wish.Revision = pin, revision
	return wish
}

// setPin holds a package at a version, or lets it go.
func (s *source) setPin(path string, wish cache.PackageControl) {
	m := *s.member(path)
	m.pin, m.pinRevision = wish.Pin, wish.Revision
	s.mu.Lock()
	defer s.mu.Unlock()
	s.members[path] = &m
}

// bring has a package serve from the tree that it should: the one it is pinned to, else the newest; one that the newest
// does not have is gone. The error is that of the load; what serves, serves on then.
func (e *Engine) bring(ctx context.Context, s *source, path string, force bool, agreement agreement) error {
	if s.newest.Digest == "" {
		return ErrNoVersion
	}
	next := e.followed(s)
	next.force = force
	var err error
	if next.files, err = next.others.open(ctx, next.Digest); err != nil {
		return err
	}
	paths, err := s.wanted(next)
	if err != nil {
		return err
	}
	if !slices.Contains(paths, path) {
		return e.swapOne(ctx, s, next, path, nil, agreement)
	}
	p := e.loadPackage(ctx, s, next, path)
	if err := ctx.Err(); err != nil {
		e.discard([]*loadedPackage{p})
		return err
	}
	if err := e.swapOne(ctx, s, next, path, p, agreement); err != nil {
		return err
	}
	if p.gen == nil {
		return p.problems
	}
	return nil
}

// setControl writes down what people want of a package.
func (e *Engine) setControl(ctx context.Context, s *source, path string, wish cache.PackageControl) error {
	control := e.controls(ctx, s)
	control.Packages = maps.Clone(control.Packages)
	if control.Packages == nil {
		control.Packages = make(map[string]cache.PackageControl)
	}
	control.Packages[path] = wish
	if wish == (cache.PackageControl{}) {
		delete(control.Packages, path)
	}
	if err := e.opts.Cache.SetControl(ctx, s.Name, control); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.control = control
	return nil
}

// watchControls has sources obey soon after another process has said something.
func (e *Engine) watchControls(ctx context.Context) {
	tick := time.NewTicker(obeyInterval)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		for _, s := range e.sources {
			s.mu.Lock()
			known := s.control
			s.mu.Unlock()
			control, err := e.opts.Cache.Control(ctx, s.Name)
			if err == nil && (control.Suspended != known.Suspended || !maps.Equal(control.Packages, known.Packages)) {
				s.wake()
			}
		}
	}
}
