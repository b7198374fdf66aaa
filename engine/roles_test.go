package engine_test

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/scriptd/scriptd/cache"
	"github.com/scriptd/scriptd/engine"
	"github.com/scriptd/scriptd/sources"
)

// withRole opens an engine of a role for a source.
func withRole(t *testing.T, role engine.Role, store cache.Store, src engine.Source) *engine.Engine {
	t.Helper()
	return newLedger(t).open(engine.Options{Role: role, Cache: store, Sources: []engine.Source{src}})
}

// forbidden is an origin that nobody may ask.
type forbidden struct{ t *testing.T }

func (f forbidden) Resolve(context.Context) (sources.Revision, error) {
	f.t.Error("the origin was asked for its revision")
	return "", errors.New("forbidden")
}

func (f forbidden) Fetch(context.Context, sources.Revision, *sources.Tree) error {
	f.t.Error("the origin was asked for its files")
	return errors.New("forbidden")
}

// following returns a source as a server has it that may not ask its origin.
func following(t *testing.T, src engine.Source) engine.Source {
	t.Helper()
	src.From = forbidden{t}
	return src
}

func wantStatus(t *testing.T, e *engine.Engine, ready, stale bool, problem string) engine.SourceStatus {
	t.Helper()
	st := e.Sources()[0]
	if st.Ready != ready || st.Stale != stale || problem == "" && st.Error != "" || !strings.Contains(st.Error, problem) {
		t.Errorf("got %+v, want ready %v, stale %v and the error %q", st, ready, stale, problem)
	}
	return st
}

func TestAServerFollowsASyncer(t *testing.T) {
	dir, store := t.TempDir(), diskCache(t, t.TempDir())
	src, o := moody(t, "local", dir)
	server := withRole(t, engine.RoleServe, store, following(t, src))
	wantStatus(t, server, false, false, "it has nothing of this source yet")

	write(t, dir, goodA("v1"))
	syncer := withRole(t, engine.RoleSync, store, src)
	st := wantStatus(t, syncer, true, false, "")
	if res := sync(t, server)[0]; !res.Changed || res.Revision != st.Revision || res.Digest != st.Digest {
		t.Errorf("got %+v, want what the syncer has: %+v", res, st)
	}
	if got := call(t, server, "a"); got != "v1 world" {
		t.Errorf("got %v", got)
	}
	wantStatus(t, server, true, false, "")

	write(t, dir, goodA("v2"))
	if res := sync(t, syncer)[0]; !res.Changed || res.Err != nil {
		t.Errorf("got %+v", res)
	}
	sync(t, server)
	if got := call(t, server, "a"); got != "v2 world" {
		t.Errorf("got %v", got)
	}

	// What does not load is told by the server, and is no matter of the syncer's.
	write(t, dir, map[string]string{"a/a.go": syntaxError})
	if res := sync(t, syncer)[0]; res.Err != nil {
		t.Errorf("got %+v", res)
	}
	sync(t, server)
	wantStatus(t, server, true, true, "a.go:3")
	if got := call(t, server, "a"); got != "v2 world" {
		t.Errorf("got %v", got)
	}

	// An origin that is away is a matter of the syncer's alone.
	write(t, dir, goodA("v3"))
	sync(t, syncer)
	o.mood.Store(down)
	sync(t, syncer)
	wantStatus(t, syncer, true, true, "connection refused")
	sync(t, server)
	wantStatus(t, server, true, false, "")
	if got := call(t, server, "a"); got != "v3 world" {
		t.Errorf("got %v", got)
	}

	// So it is when all start again.
	wantStatus(t, withRole(t, engine.RoleSync, store, src), true, true, "connection refused")
	server = withRole(t, engine.RoleServe, store, following(t, src))
	wantStatus(t, server, true, false, "")
	if got := call(t, server, "a"); got != "v3 world" {
		t.Errorf("got %v", got)
	}
}

func TestASyncerServesNothing(t *testing.T) {
	dir, store := t.TempDir(), cache.Memory()
	src, o := moody(t, "local", dir)
	src.Packages = []engine.Package{{Path: "a", Config: func() (map[string]any, error) {
		t.Error("the configuration of a package was asked for")
		return nil, nil
	}}}
	write(t, dir, goodA("v1"))
	books := newLedger(t)
	e := books.open(engine.Options{Role: engine.RoleSync, Cache: store, Sources: []engine.Source{src}})
	if len(e.Plugins()) != 0 || len(e.Packages()) != 0 || books.loaded() != 0 {
		t.Errorf("got plugins %v and packages %v", e.Plugins(), e.Packages())
	}
	_, err := e.Call(t.Context(), "a", nil)
	for what, err := range map[string]error{
		"Call": err,
		"Describe": func() error {
			_, err := e.Describe("a")
			return err
		}(),
		"History": func() error {
			_, err := e.History("local/a")
			return err
		}(),
		"Rollback": func() error {
			_, err := e.Rollback(t.Context(), "local/a", "")
			return err
		}(),
		"Reload": func() error {
			_, err := e.Reload(t.Context(), "local/a")
			return err
		}(),
	} {
		if !errors.Is(err, engine.ErrSyncs) {
			t.Errorf("%s: got %v", what, err)
		}
	}
	if _, err := store.Active(t.Context(), "local"); !errors.Is(err, cache.ErrNotFound) {
		t.Errorf("something is active: %v", err)
	}

	// Suspended, it asks nobody; what others want of packages is none of its business.
	server := withRole(t, engine.RoleServe, store, following(t, engine.Source{Name: "local", Origin: src.Origin}))
	if _, err := server.Pin(t.Context(), "local/a"); err != nil {
		t.Error(err)
	}
	if err := server.Suspend(t.Context(), "local", true); err != nil {
		t.Error(err)
	}
	polls := o.polls.Load()
	write(t, dir, goodA("v2"))
	if sync(t, e); o.polls.Load() != polls+1 || books.loaded() != 0 {
		t.Errorf("got %d polls and %d loads", o.polls.Load()-polls, books.loaded())
	}
}

// What a syncer refuses never becomes a head.
func TestASyncerChecks(t *testing.T) {
	dir, store := t.TempDir(), cache.Memory()
	src, _ := moody(t, "local", dir)
	src.MaxDelete = 0.4
	src.Limits = sources.Limits{Bytes: 10_000}
	write(t, dir, good("v1", "v1"))
	syncer := withRole(t, engine.RoleSync, store, src)
	first := wantStatus(t, syncer, true, false, "")

	write(t, dir, map[string]string{"big": strings.Repeat("x", 20_000)})
	sync(t, syncer)
	wantStatus(t, syncer, true, true, "bytes")
	for _, name := range []string{"big", "b"} {
		if err := removeAll(dir, name); err != nil {
			t.Fatal(err)
		}
	}
	sync(t, syncer)
	wantStatus(t, syncer, true, true, "raise max_delete")
	pinned := src
	pinned.Digest = "sha256:" + strings.Repeat("0", 64)
	wantStatus(t, withRole(t, engine.RoleSync, store, pinned), false, false, "want sha256:0000")
	if h, err := store.Head(t.Context(), "local"); err != nil || string(h.Digest) != first.Digest {
		t.Errorf("got head %+v and error %v, want %s", h, err, first.Digest)
	}

	// A server takes the tree that it is told to, and no other.
	wantStatus(t, withRole(t, engine.RoleServe, store, following(t, pinned)), false, false, "want sha256:0000")
	pinned.Digest = first.Digest
	wantStatus(t, withRole(t, engine.RoleServe, store, following(t, pinned)), true, false, "")
}

func TestAServerDoesNotFollowAnotherOrigin(t *testing.T) {
	dir, store := t.TempDir(), cache.Memory()
	src, _ := moody(t, "local", dir)
	write(t, dir, goodA("v1"))
	withRole(t, engine.RoleSync, store, src)
	other := following(t, src)
	other.Origin = "elsewhere"
	server := withRole(t, engine.RoleServe, store, other)
	if st := wantStatus(t, server, false, false, "what it has is of filesystem"); st.ErrorKind != "misconfigured" {
		t.Errorf("got kind %s", st.ErrorKind)
	}
}

func TestOthersFollowWhoDoesBoth(t *testing.T) {
	dir, store := t.TempDir(), cache.Memory()
	src, o := moody(t, "local", dir)
	write(t, dir, goodA("v1"))
	both := withRole(t, "", store, src)
	if got := call(t, withRole(t, engine.RoleServe, store, following(t, src)), "a"); got != "v1 world" {
		t.Errorf("got %v", got)
	}
	// A cache from before there were heads gets them.
	fresh := cache.Memory()
	if err := copyTo(t, store, fresh, "local"); err != nil {
		t.Fatal(err)
	}
	withRole(t, engine.RoleBoth, fresh, src)
	if got := call(t, withRole(t, engine.RoleServe, fresh, following(t, src)), "a"); got != "v1 world" {
		t.Errorf("got %v", got)
	}
	o.mood.Store(down)
	sync(t, both)
	if st := both.Sources()[0]; st.Role != engine.RoleBoth || !st.Stale {
		t.Errorf("got %+v", st)
	}
}

// copyTo brings what is active of a source to another store, and no head.
func copyTo(t *testing.T, from, to cache.Store, source string) error {
	t.Helper()
	a, err := from.Active(t.Context(), source)
	if err != nil {
		return err
	}
	tree, err := from.Open(t.Context(), a.Digest)
	if err != nil {
		return err
	}
	if _, err := to.Put(t.Context(), tree); err != nil {
		return err
	}
	a.Version = ""
	return to.Activate(t.Context(), source, a)
}

// far is a cache that can be out of reach.
type far struct {
	cache.Store
	away atomic.Bool
}

var errNoWay = errors.New("no route to the cache")

func (f *far) gone() error {
	if f.away.Load() {
		return errNoWay
	}
	return nil
}

func (f *far) Head(ctx context.Context, source string) (cache.Head, error) {
	if err := f.gone(); err != nil {
		return cache.Head{}, err
	}
	return f.Store.Head(ctx, source)
}

func (f *far) Active(ctx context.Context, source string) (cache.Active, error) {
	if err := f.gone(); err != nil {
		return cache.Active{}, err
	}
	return f.Store.Active(ctx, source)
}

func (f *far) Control(ctx context.Context, source string) (cache.Control, error) {
	if err := f.gone(); err != nil {
		return cache.Control{}, err
	}
	return f.Store.Control(ctx, source)
}

func TestAServerThatIsCutOff(t *testing.T) {
	dir, store := t.TempDir(), cache.Memory()
	src, _ := moody(t, "local", dir)
	write(t, dir, goodA("v1"))
	syncer := withRole(t, engine.RoleSync, store, src)
	way := &far{Store: store}
	server := withRole(t, engine.RoleServe, way, following(t, src))

	way.away.Store(true)
	write(t, dir, goodA("v2"))
	sync(t, syncer)
	sync(t, server)
	if st := wantStatus(t, server, true, true, errNoWay.Error()); st.ErrorKind != "transient" {
		t.Errorf("got kind %s", st.ErrorKind)
	}
	if got := call(t, server, "a"); got != "v1 world" {
		t.Errorf("got %v", got)
	}
	way.away.Store(false)
	sync(t, server)
	wantStatus(t, server, true, false, "")
	if got := call(t, server, "a"); got != "v2 world" {
		t.Errorf("got %v", got)
	}
}
