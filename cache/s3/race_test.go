package s3_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/fstest"

	"github.com/scriptd/scriptd/cache"
)

// TestOneMachineWins has several machines replace what all of them read.
func TestOneMachineWins(t *testing.T) {
	const machines, rounds = 6, 20
	p := newPlace(t)
	d := active(t, p.open(t), "0", small()).Digest
	for kind, set := range map[string]func(ctx context.Context, s cache.Store, revision, version string) error{
		"Activate": func(ctx context.Context, s cache.Store, revision, version string) error {
			return s.Activate(ctx, "race", cache.Active{Revision: revision, Digest: d, Version: version})
		},
		"SetHead": func(ctx context.Context, s cache.Store, revision, version string) error {
			return s.SetHead(ctx, "race", cache.Head{Revision: revision, Digest: d, Version: version})
		},
	} {
		var stores []cache.Store
		for range machines {
			stores = append(stores, p.open(t))
		}
		version := cache.Absent
		for round := range rounds {
			var wins atomic.Int64
			var winner atomic.Value
			var wg sync.WaitGroup
			for i, s := range stores {
				wg.Go(func() {
					// The same in all of them: whose write it was is known all the same.
					revision := fmt.Sprint(round)
					if round%2 == 0 {
						revision = fmt.Sprint(round, ".", i)
					}
					switch err := set(t.Context(), s, revision, version); {
					case err == nil:
						wins.Add(1)
						winner.Store(revision)
					case !errors.Is(err, cache.ErrConflict):
						t.Errorf("%s: %v", kind, err)
					}
				})
			}
			wg.Wait()
			if wins.Load() != 1 {
				t.Fatalf("%s: round %d has %d winners", kind, round, wins.Load())
			}
			var got string
			if kind == "SetHead" {
				h, err := stores[0].Head(t.Context(), "race")
				if got, version = h.Revision, h.Version; err != nil {
					t.Fatal(err)
				}
			} else {
				a, err := stores[0].Active(t.Context(), "race")
				if got, version = a.Revision, a.Version; err != nil {
					t.Fatal(err)
				}
			}
			if got != winner.Load() {
				t.Fatalf("%s: round %d: got %q, want the winner's %q", kind, round, got, winner.Load())
			}
		}
	}
}

// TestCollectBesideWriters has machines write what others of them are about to remove.
func TestCollectBesideWriters(t *testing.T) {
	const trees, writers, rounds = 6, 4, 15
	p := newPlace(t)
	for round := range rounds {
		p.later(t) // all that is there can be removed
		var wg sync.WaitGroup
		for i := range writers + 2 {
			s := p.open(t)
			wg.Go(func() {
				if i >= writers {
					if _, err := s.Collect(t.Context(), cache.Retention{Keep: 1, MaxAge: 1, MaxSize: 1}, false); err != nil {
						t.Errorf("Collect: %v", err)
					}
					return
				}
				source := fmt.Sprint("source", i)
				// One of its own, one that others put, too, and one that it may roll back to.
				for _, n := range []int{round % trees, (round + i) % trees, (round + trees - 1) % trees} {
					d, err := s.Put(t.Context(), numbered(n))
					if err == nil {
						err = s.Activate(t.Context(), source, cache.Active{Revision: fmt.Sprint(n), Digest: d})
					}
					if err != nil {
						t.Errorf("write: %v", err)
					}
				}
				old := digest(t, numbered((round+3)%trees))
				if err := s.Activate(t.Context(), source, cache.Active{Digest: old}); err != nil && !errors.Is(err, cache.ErrNotFound) {
					t.Errorf("roll back: %v", err)
				}
				a, err := s.Active(t.Context(), source)
				if err == nil {
					_, err = s.Open(t.Context(), a.Digest)
				}
				if err != nil {
					t.Errorf("what is active: %v", err)
				}
			})
		}
		wg.Wait()
		wantSound(t, p.open(t))
	}
	if left := p.files(t, "removing"); len(left) != 1 { // what says that somebody was there
		t.Errorf("got leftovers %v", left)
	}
}

// held returns a gateway that holds the first request of a kind until release, and what says that it is there.
func held(t *testing.T, kind string) (g *gateway, there <-chan struct{}, release func()) {
	t.Helper()
	g = newGateway(t)
	arrived, goOn := make(chan struct{}), make(chan struct{})
	var first, once sync.Once
	g.from(func(_ int, r *http.Request) fate {
		if strings.HasPrefix(name(r), kind) {
			first.Do(func() {
				close(arrived)
				<-goOn
			})
		}
		return passes
	})
	release = func() { once.Do(func() { close(goOn) }) }
	t.Cleanup(release)
	return g, arrived, release
}

// collecting has a machine collect until it is about to make a request of that kind.
func collecting(t *testing.T, p place, kind string) (finish func() cache.Collection) {
	t.Helper()
	g, there, release := held(t, kind)
	var c cache.Collection
	var err error
	done := make(chan struct{})
	s := p.at(g.addr).open(t)
	go func() {
		defer close(done)
		c, err = s.Collect(t.Context(), cache.Retention{Keep: 1}, false)
	}()
	<-there
	return func() cache.Collection {
		t.Helper()
		release()
		<-done
		if err != nil {
			t.Errorf("Collect: %v", err)
		}
		return c
	}
}

// waiting calls write, which others keep waiting, until it has found them twice. Then finish is called.
func waiting(t *testing.T, p place, write func(cache.Store) error, finish func() cache.Collection) (cache.Collection, error) {
	t.Helper()
	g := newGateway(t)
	looks := make(chan struct{})
	var n atomic.Int64
	g.from(func(_ int, r *http.Request) fate {
		if name(r) == "LIST removing/" && n.Add(1) == 3 {
			close(looks)
		}
		return passes
	})
	var err error
	done := make(chan struct{})
	s := p.at(g.addr).open(t)
	go func() {
		defer close(done)
		err = write(s)
	}()
	select {
	case <-looks:
	case <-done:
		t.Fatalf("it did not wait: %v after %v", err, g.requests())
	}
	c := finish()
	<-done
	return c, err
}

// replaced returns a bucket with two trees that were active one after the other, the first of which can be removed.
func replaced(t *testing.T) (p place, s aged, old, now cache.Active) {
	t.Helper()
	p = newPlace(t)
	s = p.open(t)
	old, now = active(t, s, "1", numbered(1)), active(t, s, "2", small())
	p.later(t)
	return p, s, old, now
}

// bring puts the tree that was replaced, and makes it active for another source.
func bring(ctx context.Context, s cache.Store) error {
	d, err := s.Put(ctx, numbered(1))
	if err != nil {
		return err
	}
	return s.Activate(ctx, "other", cache.Active{Digest: d})
}

// TestPutWaitsForWhoRemoves: what was chosen to be removed before it was written again is removed all the same.
func TestPutWaitsForWhoRemoves(t *testing.T) {
	for _, kind := range []string{"DELETE trees/", "DELETE blobs/"} {
		t.Run(kind, func(t *testing.T) {
			p, s, _, _ := replaced(t)
			finish := collecting(t, p, kind)
			c, err := waiting(t, p, func(s cache.Store) error { return bring(t.Context(), s) }, finish)
			if err != nil || c.Blobs != 2 {
				t.Errorf("got error %v and %+v", err, c)
			}
			wantTree(t, s, digest(t, numbered(1)), numbered(1))
			wantSound(t, s)
		})
	}
}

// TestActivateWaitsForWhoRemoves goes back to a tree that is being removed.
func TestActivateWaitsForWhoRemoves(t *testing.T) {
	p, s, old, now := replaced(t)
	finish := collecting(t, p, "DELETE trees/")
	_, err := waiting(t, p, func(s cache.Store) error {
		return s.Activate(t.Context(), "team", cache.Active{Digest: old.Digest})
	}, finish)
	if !errors.Is(err, cache.ErrNotFound) {
		t.Errorf("got error %v, want %v", err, cache.ErrNotFound)
	}
	if got, err := s.Active(t.Context(), "team"); err != nil || got.Digest != now.Digest {
		t.Errorf("got %+v and error %v, want what was active", got, err)
	}
	wantTree(t, s, now.Digest, small())
	wantSound(t, s)
}

// TestNobodyRemovesUnnoticed: who removes may be done, after what it removes was written again, before it is looked whether somebody
// removes anything.
func TestNobodyRemovesUnnoticed(t *testing.T) {
	for _, kind := range []string{"DELETE trees/", "DELETE blobs/"} {
		t.Run(kind, func(t *testing.T) {
			p, s, _, _ := replaced(t)
			finish := collecting(t, p, kind)

			g := newGateway(t)
			var wrote atomic.Bool
			g.from(func(_ int, r *http.Request) fate {
				if r.Method == http.MethodPut {
					wrote.Store(true)
				}
				if name(r) == "LIST removing/" && wrote.Load() {
					finish()
				}
				return passes
			})
			put(t, p.at(g.addr).open(t), numbered(1))
			wantTree(t, s, digest(t, numbered(1)), numbered(1))
			wantSound(t, s)
		})
	}
}

// TestNewlyWrittenMayBeRemoved: an old tree that somebody wrote again, so that it stays, may have been chosen to be removed before.
// Whoever relies on it has to wait, too.
func TestNewlyWrittenMayBeRemoved(t *testing.T) {
	p, s, _, _ := replaced(t)
	finish := collecting(t, p, "DELETE trees/")
	_, err := waiting(t, p, func(s cache.Store) error {
		_, err := s.Put(t.Context(), numbered(1))
		return err
	}, func() (c cache.Collection) {
		_, err := waiting(t, p, func(s cache.Store) error { return bring(t.Context(), s) }, finish)
		if err != nil {
			t.Errorf("of who came second: %v", err)
		}
		return c
	})
	if err != nil {
		t.Errorf("of who came first: %v", err)
	}
	wantTree(t, s, digest(t, numbered(1)), numbered(1))
	wantSound(t, s)
}

// TestNewIsNotRemoved: nobody needs to know of what is new.
func TestNewIsNotRemoved(t *testing.T) {
	p := newPlace(t)
	s := p.open(t)
	active(t, s, "1", numbered(1))
	active(t, s, "2", numbered(2))
	d := put(t, s, small())
	before := p.files(t, "")
	c, err := p.open(t).Collect(t.Context(), cache.Retention{Keep: 1, MaxAge: 1, MaxSize: 1}, false)
	if err != nil || len(c.Trees) > 0 || c.Blobs > 0 || c.KeptTrees != 3 {
		t.Errorf("got %+v and error %v", c, err)
	}
	if after := p.files(t, ""); !slices.Equal(after, before) {
		t.Errorf("got %v after %v", after, before)
	}
	wantTree(t, s, d, small())
}

// TestPutCosts: what is there is not written again, until it is old.
func TestPutCosts(t *testing.T) {
	p := newPlace(t)
	g := newGateway(t)
	s := p.at(g.addr).open(t)
	put(t, s, small())
	count := func(prefix string) (n int) {
		for _, r := range g.requests() {
			if strings.HasPrefix(r, prefix) {
				n++
			}
		}
		return n
	}
	edited := small()
	edited["new"] = &fstest.MapFile{Data: []byte("new")}
	g.from(nil)
	put(t, s, small())
	if n := count("PUT"); n != 0 {
		t.Errorf("the same again: %d writes: %v", n, g.requests())
	}
	g.from(nil)
	put(t, s, edited)
	if n := count("PUT"); n != 2 || count("GET") != 1 {
		t.Errorf("an edit: %d writes: %v", n, g.requests())
	}
	p.later(t)
	g.from(nil)
	put(t, s, edited)
	if n := count("PUT"); n != 4 {
		t.Errorf("the same, old: %d writes: %v", n, g.requests())
	}
	g.from(nil)
	put(t, s, edited)
	if n := count("PUT"); n != 0 {
		t.Errorf("the same again: %d writes: %v", n, g.requests())
	}
	if n := count("HEAD"); n != 0 {
		t.Errorf("%v", g.requests())
	}
}
