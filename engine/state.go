package engine

import (
	"cmp"
	"errors"
	"maps"
	"slices"
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

		Verified:     (s.Verified || s.Digest != "") && s.live.Digest != "",
		Suspended:    s.control.Suspended,
		LastSuccess:  s.lastSuccess,
		Requests:     s.lastPoll.requests,
		Bytes:        s.lastPoll.bytes,
		Milliseconds: s.lastPoll.took.Milliseconds(),
	}
	if st.Stale {
		st.StaleSeconds = int64(time.Since(cmp.Or(s.lastSuccess, s.lastSync)).Seconds())
	}
	for _, err := range []error{s.loadErr, s.recordErr, s.headErr} {
		if st.Err == nil {
			st.Err = err
		}
	}
	if st.Err != nil {
		st.Error, st.ErrorKind = st.Err.Error(), errorKind(st.Err)
	}
	return st
}

var errNotAsked = errors.New("serving the cached tree; the origin has not answered yet")

// restoring records that packages are about to go live as the cache has them; their origin had them at that time.
func (s *source) restoring(active cache.Active, control cache.Control) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lastSync, s.originErr = active.FetchedAt, errNotAsked
	s.recorded = active
	s.know(active, control)
}

// remember records which versions packages had, and which they are held at, though nothing of that can go live now.
func (s *source) remember(active cache.Active, control cache.Control) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.know(active, control)
}

func (s *source) know(active cache.Active, control cache.Control) {
	s.control = control
	for path, versions := range active.Packages {
		m := &member{path: path, versions: versions}
		wish := control.Packages[path]
		if slices.ContainsFunc(versions, func(v cache.Version) bool { return v.Digest == wish.Pin }) {
			m.pin, m.pinRevision = wish.Pin, wish.Revision
		}
		s.members[path] = m
	}
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

// loaded records the outcome of a load: what became of each package, and the registry since.
func (s *source) loaded(next *candidate, members map[string]*member, live cache.Active, after registry) {
	serving := make(map[string]bool)
	for g := range after.generations() {
		if g.source == s.Name {
			serving[g.path] = true
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.members, s.live = members, live
	if !next.partial {
		s.newest = next.Active
		s.tried = attempt{revision: next.Revision, digest: next.Digest, config: next.configs.fingerprint}
	}
	s.tried.waits = nil
	s.ready, s.behind, s.loadErr = true, false, nil
	var problems runtime.Problems
	found := false
	for _, path := range slices.Sorted(maps.Keys(members)) {
		p := members[path].last
		if p == nil {
			continue
		}
		found = true
		s.ready = s.ready && serving[path]
		s.behind = s.behind || p.gen == nil
		problems = append(problems, p.problems...)
		if after[p.taken] != nil {
			s.tried.waits = append(s.tried.waits, p.taken)
		}
	}
	if !found {
		s.ready, problems = false, noPlugins
	}
	if len(problems) > 0 {
		s.loadErr = problems
	}
}

var noPlugins = runtime.Problems{{Message: "no plugins: no folder has a Go file with a function Register"}}

// forget has the next sync fetch the tree anew that was tried last.
func (s *source) forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tried.revision = ""
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
