package engine

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/scriptd/scriptd/cache"
)

// Role is what an engine does for those that share its cache.
type Role string

const (
	// RoleBoth fetches from the origins, serves, and tells others through the cache what the origins have.
	RoleBoth Role = "both"
	// RoleSync fetches from the origins into the cache, and serves nothing.
	RoleSync Role = "sync"
	// RoleServe serves what others have fetched into the cache. It asks no origin anything.
	RoleServe Role = "serve"
)

// ErrSyncs is returned for a call, and for what concerns packages, by an engine with RoleSync.
var ErrSyncs = errors.New("this scriptd has the role sync: it fetches for others, and runs no plugins")

func (r Role) check() error {
	switch r {
	case RoleBoth, RoleSync, RoleServe:
		return nil
	}
	return fmt.Errorf("role %q: want %s, %s or %s", r, RoleSync, RoleServe, RoleBoth)
}

// remembered shows, of an engine with RoleSync, what the cache has already, before the origin has said anything. It is false
// where the cache has nothing.
func (e *Engine) remembered(ctx context.Context, s *source) bool {
	h := e.head(ctx, s)
	if !h.accepted(s) {
		return false
	}
	s.keep(h.tree())
	found := e.look(ctx, s)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ready = found
	s.lastSync, s.originErr = h.FetchedAt, errNotAsked
	return found
}

// lookInterval is the time between two looks.
const lookInterval = time.Hour

// look reads, for an engine with RoleSync, the tree that is in the cache for others. One that the cache has lost is fetched anew; then
// it is false.
func (e *Engine) look(ctx context.Context, s *source) bool {
	if s.newest.Digest == "" {
		return false
	}
	_, err := e.opts.Cache.Open(ctx, s.newest.Digest)
	if errors.Is(err, cache.ErrNotFound) || errors.Is(err, cache.ErrCorrupt) {
		e.log.Warn("the cache has lost a tree: it is fetched again", "source", s.Name, "digest", s.newest.Digest, "error", err)
		s.forget()
	}
	if err == nil {
		s.looked = time.Now()
	}
	return err == nil
}

// keep shows, of an engine with RoleSync, what is in the cache for others.
func (s *source) keep(tree cache.Active) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.live, s.newest = tree, tree
	s.tried = attempt{revision: tree.Revision, digest: tree.Digest}
	s.ready = true
}
