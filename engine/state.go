package engine

import (
	"errors"
	"time"

	"github.com/scriptd/scriptd/cache"
	"github.com/scriptd/scriptd/engine/runtime"
)

// status tells the state of the source.
func (s *source) status() SourceStatus {
	s.mu.Lock()
	defer s.mu.Unlock()
	st := SourceStatus{
		Name:     s.Name,
		Type:     s.Type,
		Revision: s.live.Revision,
		Digest:   string(s.live.Digest),
		Ready:    s.ready,
		Stale:    s.live.Digest != "" && (s.originErr != nil || s.behind),
		LastSync: s.lastSync,
		Err:      s.originErr,
	}
	for _, err := range []error{s.loadErr, s.recordErr} {
		if st.Err == nil {
			st.Err = err
		}
	}
	if st.Err != nil {
		st.Error = st.Err.Error()
	}
	return st
}

var errNotAsked = errors.New("serving the cached tree; the origin has not answered yet")

// restoring records that a tree of the cache is about to go live, which the origin had at that time.
func (s *source) restoring(active cache.Active) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lastSync, s.originErr = active.FetchedAt, errNotAsked
}

// heard records that the origin has answered.
func (s *source) heard() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lastSync = time.Now()
}

// synced records whether the origin's files could be had, and reports whether that is news: it could not be had before,
// or it is another error.
func (s *source) synced(err error) (news bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	before := s.originErr
	s.originErr = err
	switch {
	case err == nil:
		return before != nil && !errors.Is(before, errNotAsked)
	case before == nil:
		return true
	default:
		return before.Error() != err.Error()
	}
}

// loaded records the outcome of a load: what became of each package, all that is wrong, and the registry since. Keep
// says that a restart should begin with this tree.
func (s *source) loaded(try attempt, active cache.Active, loaded []*loadedPackage, problems runtime.Problems, after registry, keep bool) {
	serving := make(map[string]bool)
	for g := range after.generations() {
		if g.source == s.Name {
			serving[g.path] = true
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.packages, s.ready, s.behind, s.loadErr = loaded, len(loaded) > 0, false, nil
	live := len(loaded) == 0
	for _, p := range loaded {
		s.ready = s.ready && serving[p.path]
		s.behind = s.behind || p.gen == nil
		live = live || p.gen != nil
		if after[p.taken] != nil {
			try.waits = append(try.waits, p.taken)
		}
	}
	s.tried = try
	if live {
		s.live = active
	}
	if keep {
		s.unrecorded = &active
	}
	if len(problems) > 0 {
		s.loadErr = problems
	}
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
