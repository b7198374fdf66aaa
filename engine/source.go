package engine

import (
	"cmp"
	"context"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"slices"
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
	// denials counts polls one after the other whose credentials were refused.
	denials int
	// tried is what was loaded last, whatever came of it. It is not tried again as long as it stays the same.
	tried attempt
	// live is the tree that serves, or the newest of those where packages come from several. Newest is the one that was
	// tried last, and that packages follow which are not pinned.
	live, newest cache.Active
	// members are the packages, by path, those included that served once.
	members map[string]*member
	// restarts are those of instances, by the path of the package.
	restarts map[string]restarts
	// recorded is what a restart would begin with, and control what people want; both as the cache has it.
	recorded cache.Active
	control  cache.Control
	ready    bool
	// behind: not all that was tried last is live.
	behind   bool
	lastSync time.Time
	// lastSuccess is when the origin's state was last live as a whole, and lastPoll what it took to ask it.
	lastSuccess time.Time
	lastPoll    poll
	// noted: the history was looked at.
	noted bool
	// refused is the revision whose tree is not accepted, and why. It is not fetched again.
	refused refusal
	// looked is when an engine with RoleSync read the tree in the cache last.
	looked time.Time
	// led: the head in the cache was once what this engine found. Doubted is the version of a head that is another one.
	led     bool
	doubted string
	// originErr is why the origin's files could not be had, loadErr why they did not go live, recordErr why a restart
	// would begin with others, and headErr why others do not hear of them.
	originErr, loadErr, recordErr, headErr error
}

// attempt is a load: the same revision with the same configuration comes out the same, except where names were taken.
type attempt struct {
	revision, config string
	digest           cache.Digest
	// waits are names that packages did not go live for, because others have them.
	waits []string
}

var sourceName = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[a-z0-9][a-z0-9_-]{0,63}$`) })

// complete fills in defaults, and finds what cannot work.
func (s *Source) complete() error {
	switch {
	case !sourceName().MatchString(s.Name):
		return fmt.Errorf("source name %q: want lower-case letters, digits, _ and -, at most 64, the first a letter or digit", s.Name)
	case s.Interval < 0:
		return fmt.Errorf("source %s: negative interval %s", s.Name, s.Interval)
	case s.Timeout < 0:
		return fmt.Errorf("source %s: negative timeout %s", s.Name, s.Timeout)
	}
	s.Activate = cmp.Or(s.Activate, ActivatePackage)
	if s.Activate != ActivatePackage && s.Activate != ActivateTree {
		return fmt.Errorf("source %s: activate %q: want %s or %s", s.Name, s.Activate, ActivatePackage, ActivateTree)
	}
	if err := s.selection().Check(); err != nil {
		return fmt.Errorf("source %s: %w", s.Name, err)
	}
	if !(s.MaxDelete >= 0 && s.MaxDelete <= 1) {
		return fmt.Errorf("source %s: max delete %g: want 0 to 1", s.Name, s.MaxDelete)
	}
	if err := s.Policy.check(); err != nil {
		return fmt.Errorf("source %s: %w", s.Name, err)
	}
	s.Interval = cmp.Or(s.Interval, time.Minute)
	s.Timeout = cmp.Or(s.Timeout, time.Minute)
	s.Packages = slices.Clone(s.Packages)
	seen := make(map[string]bool)
	for i := range s.Packages {
		p := &s.Packages[i]
		clean := path.Clean(p.Path)
		switch {
		case !fs.ValidPath(clean):
			return fmt.Errorf("source %s: package %q: want a folder of the tree, with slashes", s.Name, p.Path)
		case seen[clean]:
			return fmt.Errorf("source %s: package %s is listed twice", s.Name, clean)
		}
		if err := p.Policy.check(); err != nil {
			return fmt.Errorf("source %s: package %s: %w", s.Name, clean, err)
		}
		p.Path, seen[clean] = clean, true
	}
	return nil
}

func newSource(o Source) *source {
	s := &source{Source: o, turn: make(chan struct{}, 1), poke: make(chan struct{}, 1), members: make(map[string]*member), restarts: make(map[string]restarts)}
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
