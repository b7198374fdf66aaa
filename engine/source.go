package engine

import (
	"cmp"
	"context"
	"fmt"
	"regexp"
	"sync"
	"time"

	"github.com/scriptd/scriptd/cache"
)

// source is an origin with what the engine knows of it.
type source struct {
	Source
	// turn holds a token while nobody syncs the source.
	turn chan struct{}
	// poke asks Run for a sync.
	poke chan struct{}

	mu sync.Mutex
	// tried is what was loaded last, whatever came of it. It is not tried again as long as it stays the same.
	tried attempt
	// live is the tree that serves, or the newest of those where packages come from several.
	live cache.Active
	// packages are those of the tree that was tried last.
	packages []*loadedPackage
	ready    bool
	lastSync time.Time
	// originErr is why the origin could not be asked, loadErr why what it has did not go live.
	originErr, loadErr error
}

// attempt is a load: the same revision with the same configuration comes out the same.
type attempt struct {
	revision, config string
	digest           cache.Digest
	// again: what other sources have registered decided, too.
	again bool
}

var sourceName = regexp.MustCompile(`^[a-z0-9][a-z0-9_-]{0,63}$`)

// complete fills in defaults, and finds what cannot work.
func (s *Source) complete() error {
	switch {
	case !sourceName.MatchString(s.Name):
		return fmt.Errorf("source name %q: want lower-case letters, digits, _ and -, at most 64, the first a letter or digit", s.Name)
	case s.From == nil:
		return fmt.Errorf("source %s: no origin", s.Name)
	}
	s.Interval = cmp.Or(s.Interval, time.Minute)
	s.Timeout = cmp.Or(s.Timeout, time.Minute)
	seen := make(map[string]bool)
	for _, p := range s.Packages {
		if seen[p.Path] {
			return fmt.Errorf("source %s: package %s is listed twice", s.Name, p.Path)
		}
		seen[p.Path] = true
	}
	return nil
}

func newSource(o Source) *source {
	s := &source{Source: o, turn: make(chan struct{}, 1), poke: make(chan struct{}, 1)}
	s.turn <- struct{}{}
	return s
}

// lock waits for the right to sync the source.
func (s *source) lock(ctx context.Context) error {
	select {
	case <-s.turn:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (s *source) unlock() { s.turn <- struct{}{} }

// wake asks Run to sync the source soon.
func (s *source) wake() {
	select {
	case s.poke <- struct{}{}:
	default: // it is asked already
	}
}

func (s *source) status() SourceStatus {
	s.mu.Lock()
	defer s.mu.Unlock()
	err := s.originErr
	if err == nil {
		err = s.loadErr
	}
	st := SourceStatus{
		Name:     s.Name,
		Type:     s.Type,
		Revision: s.live.Revision,
		Digest:   string(s.live.Digest),
		Ready:    s.ready,
		Stale:    s.live.Digest != "" && err != nil,
		LastSync: s.lastSync,
		Err:      err,
	}
	if err != nil {
		st.Error = err.Error()
	}
	return st
}

// unreachable records that the origin could not be asked.
func (s *source) unreachable(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.originErr = err
}

// reached records that the origin has answered.
func (s *source) reached() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.originErr, s.lastSync = nil, time.Now()
}

// last returns what was loaded last.
func (s *source) last() attempt {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.tried
}

// serving returns the tree that serves.
func (s *source) serving() cache.Active {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.live
}
