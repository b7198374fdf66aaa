package engine_test

import (
	"context"
	"fmt"
	"io/fs"
	"sync/atomic"
	"testing"

	"github.com/scriptd/scriptd/cache"
	"github.com/scriptd/scriptd/engine"
	"github.com/scriptd/scriptd/sources"
)

// mirror is an origin that shows one of several folders, as the servers behind a name may.
type mirror struct {
	sides []sources.Source
	at    atomic.Int64
	// fetching is called before files are fetched, if it is set.
	fetching func()
}

func newMirror(t *testing.T, dirs ...string) *mirror {
	t.Helper()
	m := new(mirror)
	for _, dir := range dirs {
		m.sides = append(m.sides, folder(t, "local", dir).From)
	}
	return m
}

func (m *mirror) Resolve(ctx context.Context) (sources.Revision, error) {
	return m.sides[m.at.Load()].Resolve(ctx)
}

func (m *mirror) Fetch(ctx context.Context, rev sources.Revision, tree *sources.Tree) error {
	at := m.at.Load()
	if m.fetching != nil {
		m.fetching()
	}
	return m.sides[at].Fetch(ctx, rev, tree)
}

func (m *mirror) source() engine.Source {
	return engine.Source{Name: "local", Type: "filesystem", Origin: "mirror", From: m}
}

// sides returns folders with a plugin that answers v1, v2 and so on.
func sides(t *testing.T, n int) []string {
	t.Helper()
	dirs := make([]string, n)
	for i := range dirs {
		dirs[i] = t.TempDir()
		write(t, dirs[i], goodA(fmt.Sprint("v", i+1)))
	}
	return dirs
}

// wantHead fails the test unless the head is what a folder has.
func wantHead(t *testing.T, store cache.Store, m *mirror, side int) {
	t.Helper()
	want, err := m.sides[side].Resolve(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if h, err := store.Head(t.Context(), "local"); err != nil || h.Revision != string(want) {
		t.Errorf("got head %+v and error %v, want v%d", h, err, side+1)
	}
}

// A syncer is slow to fetch, and another brings something newer meanwhile: that stays.
func TestWhatASyncerBringsLateIsDropped(t *testing.T) {
	for _, role := range []engine.Role{engine.RoleSync, engine.RoleBoth} {
		t.Run(string(role), func(t *testing.T) {
			dirs, store := sides(t, 2), cache.Memory()
			slow, fast := newMirror(t, dirs...), newMirror(t, dirs...)
			fast.at.Store(1)
			slow.fetching = func() {
				slow.fetching = nil
				withRole(t, engine.RoleSync, store, fast.source())
			}
			late := withRole(t, role, store, slow.source())
			wantHead(t, store, slow, 1)
			if st := late.Sources()[0]; st.Err != nil {
				t.Errorf("got %+v: it is nobody's fault", st)
			}
			slow.at.Store(1)
			sync(t, late)
			wantHead(t, store, slow, 1)
			wantStatus(t, late, true, false, "")
		})
	}
}

// A syncer that is shown an older state by its origin does not put it back at once; what the origin really goes back to, it does.
func TestASyncerThatIsBehind(t *testing.T) {
	dirs, store := sides(t, 3), cache.Memory()
	one, two := newMirror(t, dirs...), newMirror(t, dirs...)
	first, second := withRole(t, engine.RoleSync, store, one.source()), withRole(t, engine.RoleSync, store, two.source())
	one.at.Store(1)
	sync(t, first)
	sync(t, second)
	wantHead(t, store, one, 1) // the second sees v1 still
	two.at.Store(1)
	sync(t, second)
	wantHead(t, store, one, 1)

	// The origin goes back, and the syncer that knew the later state is gone.
	one.at.Store(2)
	sync(t, first)
	sync(t, second)
	wantHead(t, store, one, 2)
	sync(t, second)
	wantHead(t, store, two, 1)
	wantStatus(t, second, true, false, "")
}

// Engines of two configurations that have the same name for a source do not take turns.
func TestTwoOriginsOfOneName(t *testing.T) {
	dirs, store := sides(t, 3), &tallied{Store: cache.Memory()}
	one, two := newMirror(t, dirs...), newMirror(t, dirs...)
	two.at.Store(1)
	other := two.source()
	other.Origin = "another"
	first, second := withRole(t, engine.RoleSync, store, one.source()), withRole(t, engine.RoleSync, store, other)
	writes := store.heads.Load()
	for range 3 {
		sync(t, first)
		sync(t, second)
	}
	if n := store.heads.Load() - writes; n != 0 {
		t.Errorf("got %d more heads, though nothing has changed", n)
	}
	one.at.Store(2)
	sync(t, first)
	wantHead(t, store, one, 2)
}

// A syncer whose cache has lost the tree brings it again.
func TestASyncerMendsWhatTheCacheLost(t *testing.T) {
	dirs := sides(t, 1)
	store, m := cache.Memory(), newMirror(t, dirs...)
	withRole(t, engine.RoleSync, store, m.source())
	// The head alone is left.
	h, err := store.Head(t.Context(), "local")
	if err != nil {
		t.Fatal(err)
	}
	lossy := &losing{Store: store, lost: h.Digest}
	fetched := false
	m.fetching = func() { fetched = true }
	wantStatus(t, withRole(t, engine.RoleSync, lossy, m.source()), true, false, "")
	if !fetched {
		t.Error("it was not fetched again")
	}

	// So does one that runs, when somebody asks it to sync, and else every hour.
	lossy.lost, fetched = "", false
	m.fetching = func() { fetched = true }
	e := withRole(t, engine.RoleSync, lossy, m.source())
	if sync(t, e); fetched {
		t.Error("it was fetched, though nothing is lost")
	}
	lossy.lost = h.Digest
	sync(t, e)
	if !fetched {
		t.Error("it was not fetched again")
	}
	if _, err := lossy.Open(t.Context(), h.Digest); err != nil {
		t.Error(err)
	}
	wantStatus(t, e, true, false, "")
}

// losing is a cache that cannot open a tree until it is put again.
type losing struct {
	cache.Store
	lost cache.Digest
}

func (l *losing) Open(ctx context.Context, d cache.Digest) (fs.FS, error) {
	if d == l.lost {
		return nil, cache.ErrNotFound
	}
	return l.Store.Open(ctx, d)
}

func (l *losing) Put(ctx context.Context, tree fs.FS) (cache.Digest, error) {
	d, err := l.Store.Put(ctx, tree)
	if d == l.lost {
		l.lost = ""
	}
	return d, err
}

// tallied counts what is written into a cache.
type tallied struct {
	cache.Store
	heads, actives, controls atomic.Int64
}

func (c *tallied) SetHead(ctx context.Context, source string, h cache.Head) error {
	c.heads.Add(1)
	return c.Store.SetHead(ctx, source, h)
}

func (c *tallied) Activate(ctx context.Context, source string, a cache.Active) error {
	c.actives.Add(1)
	return c.Store.Activate(ctx, source, a)
}

func (c *tallied) SetControl(ctx context.Context, source string, control cache.Control) error {
	c.controls.Add(1)
	return c.Store.SetControl(ctx, source, control)
}
