package engine_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	gosync "sync"
	"testing"

	"github.com/scriptd/scriptd/cache"
	"github.com/scriptd/scriptd/engine"
)

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

// A server can go back to a version that only others have served.
func TestAVersionThatOnlyOthersServed(t *testing.T) {
	dir, store := t.TempDir(), cache.Memory()
	src, _ := moody(t, "local", dir)
	write(t, dir, goodA("v1"))
	syncer := withRole(t, engine.RoleSync, store, src)
	one, two := withRole(t, engine.RoleServe, store, following(t, src)), withRole(t, engine.RoleServe, store, following(t, src))
	write(t, dir, goodA("v2"))
	sync(t, syncer)
	sync(t, one)
	between := one.Sources()[0].Digest
	write(t, dir, goodA("v3"))
	for _, e := range []*engine.Engine{syncer, one, two} {
		sync(t, e)
	}
	if _, err := two.Rollback(t.Context(), "local/a", between); err != nil {
		t.Fatal(err)
	}
	sync(t, one)
	for _, e := range []*engine.Engine{one, two} {
		if got := call(t, e, "a"); got != "v2 world" {
			t.Errorf("got %v", got)
		}
	}
	if _, err := two.Rollback(t.Context(), "local/a", "sha256:00"); !errors.Is(err, engine.ErrNoVersion) {
		t.Errorf("got %v of a version that nobody has", err)
	}
}
