package engine_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	gosync "sync"
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

// Servers of one cache write what is news to the cache, and nothing else.
func TestServersAgree(t *testing.T) {
	const servers = 4
	dir, store := t.TempDir(), &tallied{Store: cache.Memory()}
	src, _ := moody(t, "local", dir)
	write(t, dir, good("v1", "v1"))
	syncer := withRole(t, engine.RoleSync, store, src)
	engines := make([]*engine.Engine, servers)
	for i := range engines {
		engines[i] = withRole(t, engine.RoleServe, store, following(t, src))
	}
	if n := store.actives.Load(); n != 1 {
		t.Errorf("%d servers wrote %d records of one tree", servers, n)
	}
	for i := range 3 {
		write(t, dir, good(fmt.Sprint("v", i+2), "v1"))
		sync(t, syncer)
		before := store.actives.Load()
		var all gosync.WaitGroup
		for _, e := range engines {
			all.Go(func() { sync(t, e) })
		}
		all.Wait()
		written := store.actives.Load()
		if written-before > servers {
			t.Errorf("%d servers wrote %d records of one tree", servers, written-before)
		}
		for range 2 {
			for _, e := range engines {
				sync(t, e)
			}
		}
		if n := store.actives.Load(); n != written {
			t.Errorf("got %d more records, though nothing has changed", n-written)
		}
	}
	for _, pkg := range []string{"local/a", "local/b"} {
		var first []cache.Version
		for i := range servers {
			list, err := withRole(t, engine.RoleServe, store, following(t, src)).History(pkg)
			if err != nil {
				t.Fatal(err)
			}
			if i > 0 && fmt.Sprint(list) != fmt.Sprint(first) {
				t.Errorf("%s: got the history %v and %v", pkg, list, first)
			}
			first = list
		}
		if want := map[string]int{"local/a": 4, "local/b": 1}[pkg]; len(first) != want {
			t.Errorf("%s: got %d versions, want %d: %v", pkg, len(first), want, first)
		}
	}
}

// Whoever pins a package does not undo what others pin at the same time.
func TestPinsOfManyAtATime(t *testing.T) {
	const packages = 6
	dir, store := t.TempDir(), &tallied{Store: diskCache(t, t.TempDir())}
	src, _ := moody(t, "local", dir)
	files := make(map[string]string)
	for i := range packages {
		name := fmt.Sprint("p", i)
		files[name+"/p.go"] = greeter(name, "v1")
	}
	write(t, dir, files)
	withRole(t, engine.RoleSync, store, src)
	var engines []*engine.Engine
	for range packages {
		engines = append(engines, withRole(t, engine.RoleServe, store, following(t, src)))
	}
	var all gosync.WaitGroup
	for i, e := range engines {
		all.Go(func() {
			for _, do := range []func(context.Context, string) (engine.Version, error){e.Pin, e.Unpin, e.Reload, e.Pin} {
				if _, err := do(t.Context(), fmt.Sprint("local/p", i)); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	control, err := store.Control(t.Context(), "local")
	if err != nil {
		t.Fatal(err)
	}
	for i := range packages {
		if c := control.Packages[fmt.Sprint("p", i)]; c.Pin == "" || c.Reload.IsZero() {
			t.Errorf("p%d: got %+v", i, c)
		}
	}
	writes := store.controls.Load()
	for _, e := range engines {
		sync(t, e)
		for _, p := range e.Packages() {
			if !p.Pinned {
				t.Errorf("%s is not pinned", p.Package)
			}
		}
	}
	if n := store.controls.Load(); n != writes {
		t.Errorf("got %d more writes, though nobody wanted anything", n-writes)
	}
}

// A server on which the newest version does not pass has the one before still when it starts again, though the others of the cache
// went on.
func TestAServerThatDiffersStartsAgain(t *testing.T) {
	dir, store := t.TempDir(), cache.Memory()
	src, _ := moody(t, "local", dir)
	write(t, dir, goodA("v1"))
	syncer := withRole(t, engine.RoleSync, store, src)
	strict := following(t, src)
	strict.Packages = []engine.Package{{Path: "a", SelfTest: &engine.SelfTest{Plugin: "a", Params: map[string]any{"name": "strict"}}}}
	first, other := withRole(t, engine.RoleServe, store, strict), withRole(t, engine.RoleServe, store, following(t, src))
	v2 := strings.Replace(greeter("a", "v2"), `return "v2 "`, `if p.Name == "strict" {
			panic("no")
		}
		return "v2 "`, 1)
	write(t, dir, map[string]string{"a/a.go": v2})
	sync(t, syncer)
	sync(t, other)
	sync(t, first)
	wantStatus(t, first, true, true, "selftest")
	for name, e := range map[string]*engine.Engine{"as it was": first, "started again": withRole(t, engine.RoleServe, store, strict)} {
		wantStatus(t, e, true, true, "selftest")
		if got := call(t, e, "a"); got != "v1 world" {
			t.Errorf("%s: got %v", name, got)
		}
	}
	if got := call(t, withRole(t, engine.RoleServe, store, following(t, src)), "a"); got != "v2 world" {
		t.Errorf("got %v of the others", got)
	}
}

// A server serves what its configuration lists, and leaves what others record of other packages as it is.
func TestAServerOfSomePackages(t *testing.T) {
	dir, store := t.TempDir(), &tallied{Store: cache.Memory()}
	src, _ := moody(t, "local", dir)
	write(t, dir, good("v1", "v1"))
	syncer := withRole(t, engine.RoleSync, store, src)
	some := following(t, src)
	some.Packages = []engine.Package{{Path: "a"}}
	all, part := withRole(t, engine.RoleServe, store, following(t, src)), withRole(t, engine.RoleServe, store, some)
	if _, err := all.Pin(t.Context(), "local/b"); err != nil {
		t.Fatal(err)
	}
	write(t, dir, good("v2", "v2"))
	for _, e := range []*engine.Engine{syncer, part, all} {
		sync(t, e)
	}
	write(t, dir, goodA("v3"))
	for _, e := range []*engine.Engine{syncer, all, part} {
		sync(t, e)
	}
	for name, e := range map[string]*engine.Engine{"as it was": part, "started again": withRole(t, engine.RoleServe, store, some)} {
		if plugins := e.Plugins(); len(plugins) != 1 || plugins[0].Name != "a" {
			t.Errorf("%s: got %v", name, plugins)
		}
		if got := call(t, e, "a"); got != "v3 world" {
			t.Errorf("%s: got %v", name, got)
		}
	}
	a, err := store.Active(t.Context(), "local")
	if versions := a.Packages["b"]; err != nil || len(versions) != 1 || versions[0].State != cache.Live {
		t.Errorf("got the record %+v and error %v", versions, err)
	}
	if _, err := part.Rollback(t.Context(), "local/b", ""); !errors.Is(err, engine.ErrNoPackage) {
		t.Errorf("got %v of a package that is not listed", err)
	}
	again := withRole(t, engine.RoleServe, store, following(t, src))
	if got := call(t, again, "b"); got != "v1 world" {
		t.Errorf("got %v of the package that is pinned", got)
	}
	history, err := again.History("local/b")
	if err != nil || len(history) != 1 || history[0].State != cache.Live {
		t.Errorf("got the history %+v and error %v", history, err)
	}
}
