package s3_test

import (
	"errors"
	"fmt"
	"maps"
	"net/http"
	"reflect"
	"sync"
	"sync/atomic"
	"testing"
	"testing/fstest"

	"golang.org/x/sync/errgroup"

	"github.com/scriptd/scriptd/cache"
	"github.com/scriptd/scriptd/cache/cachetest"
)

// ways are how a process or its way to the server ends at the n-th request.
var ways = map[string]func(at int) func(n int, r *http.Request) fate{
	"killed before": func(at int) func(int, *http.Request) fate {
		return func(n int, _ *http.Request) fate {
			if n >= at {
				return lost
			}
			return passes
		}
	},
	"killed after": func(at int) func(int, *http.Request) fate {
		return func(n int, _ *http.Request) fate {
			switch {
			case n > at:
				return lost
			case n == at:
				return answered
			}
			return passes
		}
	},
	"an answer is lost": func(at int) func(int, *http.Request) fate {
		return func(n int, _ *http.Request) fate {
			if n == at {
				return answered
			}
			return passes
		}
	},
}

// inTurn calls test for each request that may be lost, and each way to lose it, several at a time. Test reports whether there was one.
func inTurn(t *testing.T, test func(t *testing.T, decide func(int, *http.Request) fate) (happened bool)) {
	t.Helper()
	needServer(t)
	const most, least = 32, 14
	var group errgroup.Group
	group.SetLimit(8) // they wait most of the time
	for way, decide := range ways {
		var happened [most + 1]bool
		group.Go(func() error {
			var requests errgroup.Group
			requests.SetLimit(4)
			for n := range most + 1 {
				requests.Go(func() error {
					t.Run(fmt.Sprint(way, " ", n), func(t *testing.T) { happened[n] = test(t, decide(n)) })
					return nil
				})
			}
			_ = requests.Wait() // it has no errors
			if !happened[least] || happened[most] {
				t.Errorf("%s: got %v: are they counted, or more than %d?", way, happened, most)
			}
			return nil
		})
	}
	_ = group.Wait() // nor has it
}

// TestFaults loses each request of a Put and an Activate in turn.
func TestFaults(t *testing.T) {
	after := small()
	after["a/x.go"] = &fstest.MapFile{Data: []byte("package a // new"), Mode: 0o644}
	after["c/x.go"] = &fstest.MapFile{Data: []byte("package c"), Mode: 0o644}
	inTurn(t, func(t *testing.T, decide func(int, *http.Request) fate) bool {
		t.Helper()
		return fault(t, decide, after)
	})
}

// fault runs a change and holds what is there afterwards against before and after. It reports whether a request was lost.
func fault(t *testing.T, decide func(int, *http.Request) fate, after fstest.MapFS) bool {
	t.Helper()
	var happened atomic.Bool
	p, g := newPlace(t), newGateway(t)
	before := active(t, p.open(t), "old", small())
	want := cache.Active{Origin: "o", Revision: "new", Digest: digest(t, after)}
	g.from(func(n int, r *http.Request) fate {
		f := decide(n, r)
		if f != passes {
			happened.Store(true)
		}
		return f
	})
	s := p.at(g.addr).open(t)
	_, err := s.Put(t.Context(), after)
	putFailed := err != nil
	if err == nil {
		err = s.Activate(t.Context(), "team", want)
	}
	g.from(nil)

	other := p.open(t)
	got, activeErr := other.Active(t.Context(), "team")
	got.Version = ""
	old, isNew := reflect.DeepEqual(got, before), reflect.DeepEqual(got, want)
	switch {
	case activeErr != nil:
		t.Errorf("Active: %v", activeErr)
	case err == nil && !isNew, putFailed && !old, !old && !isNew:
		t.Errorf("got %+v active after error %v", got, err)
	}
	wantTree(t, other, before.Digest, small())
	if opened, err := other.Open(t.Context(), want.Digest); err == nil {
		cachetest.Same(t, opened, after)
	} else if !errors.Is(err, cache.ErrNotFound) || isNew {
		t.Errorf("Open: got error %v, want the tree or %q", err, cache.ErrNotFound)
	}
	wantSound(t, other)
	// Whatever was left behind is in nobody's way.
	if d, err := other.Put(t.Context(), after); err != nil || d != want.Digest {
		t.Errorf("Put afterwards: got %s and error %v", d, err)
	}
	if err := other.Activate(t.Context(), "team", want); err != nil {
		t.Errorf("Activate afterwards: %v", err)
	}
	list, err := other.Trees(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, tree := range list { // the journal knows what was active before
		if role := tree.Uses[0].Role; role != cache.RoleActive && role != cache.RolePast || role == cache.RolePast && tree.Uses[0].Until.IsZero() {
			t.Errorf("got %+v", tree)
		}
	}
	return happened.Load()
}

func digest(tb testing.TB, tree fstest.MapFS) cache.Digest {
	tb.Helper()
	listing, err := cache.Listing(tree)
	if err != nil {
		tb.Fatal(err)
	}
	return cache.DigestOf(listing)
}

func wantTree(t *testing.T, s cache.Store, d cache.Digest, want fstest.MapFS) {
	t.Helper()
	got, err := s.Open(t.Context(), d)
	if err != nil {
		t.Fatal(err)
	}
	cachetest.Same(t, got, want)
}

// wantSound fails the test where anything of the store is damaged.
func wantSound(t *testing.T, s cache.Keeper) {
	t.Helper()
	v, err := s.Verify(t.Context(), false)
	if err != nil || len(v.Damage) > 0 {
		t.Errorf("got %+v and error %v", v.Damage, err)
	}
}

// TestCollectFaults loses each request of a Collect in turn: what is kept is whole, and who comes later goes on.
func TestCollectFaults(t *testing.T) {
	inTurn(t, func(t *testing.T, decide func(int, *http.Request) fate) bool {
		t.Helper()
		p, g := newPlace(t), newGateway(t)
		s := p.open(t)
		for i := range 3 {
			active(t, s, fmt.Sprint(i), numbered(i))
		}
		p.later(t)
		var happened atomic.Bool
		g.from(func(n int, r *http.Request) fate {
			f := decide(n, r)
			if f != passes {
				happened.Store(true)
			}
			return f
		})
		_, err := p.at(g.addr).open(t).Collect(t.Context(), cache.Retention{Keep: 1}, false)
		g.from(nil)
		p.later(t) // whoever died is dead for a while
		wantSound(t, s)
		wantTree(t, s, digest(t, numbered(2)), numbered(2))
		c, again := s.Collect(t.Context(), cache.Retention{Keep: 1}, false)
		if again != nil || c.KeptTrees != 1 || err == nil && len(c.Trees) > 0 {
			t.Errorf("got %v, then %+v and %v", err, c, again)
		}
		if len(p.files(t, "trees")) != 1 || len(p.files(t, "blobs")) != 2 || len(p.files(t, "journal")) != 1 {
			t.Errorf("got leftovers %v", p.files(t, ""))
		}
		wantTree(t, s, active(t, s, "1", numbered(1)).Digest, numbered(1))
		return happened.Load()
	})
}

// TestBusy: a server that does something else to an object just now has refused nothing.
func TestBusy(t *testing.T) {
	p, g := newPlace(t), newGateway(t)
	var told sync.Map
	g.from(func(_ int, r *http.Request) fate {
		if r.Method == http.MethodPut {
			if _, again := told.LoadOrStore(r.URL.Path, true); !again {
				return busy
			}
		}
		return passes
	})
	s := p.at(g.addr).open(t)
	want := active(t, s, "1", small())
	if err := s.SetHead(t.Context(), "team", cache.Head{Digest: want.Digest, Version: cache.Absent}); err != nil {
		t.Error(err)
	}
	if names := maps.Collect(told.Range); len(names) < 7 {
		t.Errorf("told only of %v", names)
	}
	wantTree(t, p.open(t), want.Digest, small())
	wantSound(t, p.open(t))
}

// TestOwnWriteIsKnown: who is refused by its own first request, whose answer was lost, has written.
func TestOwnWriteIsKnown(t *testing.T) {
	p := newPlace(t)
	d := active(t, p.open(t), "1", small()).Digest
	g := newGateway(t)
	s := p.at(g.addr).open(t)
	version := map[string]string{}
	for range 2 {
		for record, write := range map[string]func(version string) error{
			"active":  func(v string) error { return s.Activate(t.Context(), "own", cache.Active{Digest: d, Version: v}) },
			"heads":   func(v string) error { return s.SetHead(t.Context(), "own", cache.Head{Digest: d, Version: v}) },
			"control": func(v string) error { return s.SetControl(t.Context(), "own", cache.Control{Version: v}) },
		} {
			var gone atomic.Bool
			g.from(func(_ int, r *http.Request) fate {
				if name(r) == "PUT "+record+"/own.json" && gone.CompareAndSwap(false, true) {
					return answered
				}
				return passes
			})
			if version[record] == "" {
				version[record] = cache.Absent
			}
			if err := write(version[record]); err != nil || !gone.Load() {
				t.Errorf("%s: got %v after %v", record, err, g.requests())
			}
			if err := write(version[record]); !errors.Is(err, cache.ErrConflict) {
				t.Errorf("%s: got %v the second time", record, err)
			}
		}
		g.from(nil)
		a, err1 := s.Active(t.Context(), "own")
		h, err2 := s.Head(t.Context(), "own")
		c, err3 := s.Control(t.Context(), "own")
		if err := errors.Join(err1, err2, err3); err != nil {
			t.Fatal(err)
		}
		version = map[string]string{"active": a.Version, "heads": h.Version, "control": c.Version}
	}
}
