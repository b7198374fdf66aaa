package engine

import (
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	"github.com/scriptd/scriptd/cache"
)

// obeyInterval is how often Run looks for what other processes want of packages.
const obeyInterval = time.Second

// controls reads what people want of a source's packages. What cannot be read stays as it was.
func (e *Engine) controls(ctx context.Context, s *source) cache.Control {
	ctx, cancel := context.WithTimeout(ctx, recordTime)
	defer cancel()
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
	defer func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.control = control
	}()
	if e.opts.Role == RoleSync {
		return // it has no packages
	}
	for _, path := range s.changed(control) {
		if !s.lists(path) {
			continue
		}
		wish := control.Packages[path]
		force := wish.Reload.After(s.control.Packages[path].Reload)
		s.setPin(path, wish.Pin, wish.Revision)
		if err := e.bring(ctx, s, path, force, nil); err != nil && ctx.Err() == nil {
			e.log.Error("package was not brought to the version that it should have", "package", s.Name+"/"+path, "error", err)
		}
	}
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

// pinTo is what is wanted of a package that is to be pinned, or not; what else is wanted of it stays.
func pinTo(pin cache.Digest, revision string) func(*cache.PackageControl) {
	return func(c *cache.PackageControl) { c.Pin, c.Revision = pin, revision }
}

// setPin holds a package at a version, or lets it go.
func (s *source) setPin(path string, pin cache.Digest, revision string) {
	m := *s.member(path)
	m.pin, m.pinRevision = pin, revision
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

// setControl writes down what people want of a package: edit changes it from what it was.
func (e *Engine) setControl(ctx context.Context, s *source, path string, edit func(*cache.PackageControl)) error {
	err := e.changeControl(ctx, s, func(c *cache.Control) { c.Packages = edited(c.Packages, path, edit) })
	if err != nil {
		return err
	}
	// What others wanted meanwhile is not obeyed yet.
	s.mu.Lock()
	defer s.mu.Unlock()
	s.control.Packages = edited(s.control.Packages, path, edit)
	return nil
}

func edited(packages map[string]cache.PackageControl, path string, edit func(*cache.PackageControl)) map[string]cache.PackageControl {
	wish := packages[path]
	edit(&wish)
	packages = maps.Clone(packages)
	if packages == nil {
		packages = make(map[string]cache.PackageControl)
	}
	packages[path] = wish
	if wish == (cache.PackageControl{}) {
		delete(packages, path)
	}
	return packages
}

// changeControl replaces what people want of a source, as often as somebody else does meanwhile. What is damaged is replaced by
// what is known.
func (e *Engine) changeControl(ctx context.Context, s *source, edit func(*cache.Control)) error {
	return untilAgreed(ctx, func() error {
		control, err := e.opts.Cache.Control(ctx, s.Name)
		if errors.Is(err, cache.ErrCorrupt) {
			control, err = s.control, nil
			control.Version = ""
		}
		if err != nil {
			return err
		}
		edit(&control)
		return e.opts.Cache.SetControl(ctx, s.Name, control)
	})
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
