package s3_test

import (
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"testing"
	"testing/fstest"

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

// TestFaults loses each request of a Put and an Activate in turn.
func TestFaults(t *testing.T) {
	after := small()
	after["a/x.go"] = &fstest.MapFile{Data: []byte("package a // new"), Mode: 0o644}
	after["c/x.go"] = &fstest.MapFile{Data: []byte("package c"), Mode: 0o644}
	for way, decide := range ways {
		t.Run(way, func(t *testing.T) {
			t.Parallel()
			g := newGateway(t)
			n := 1
			for ; fault(t, g, decide(n), after); n++ {
				if t.Failed() {
					t.Fatalf("after request %d: %v", n, g.requests())
				}
			}
			if n < 14 {
				t.Errorf("got only %d requests: are they counted?", n)
			}
		})
	}
}

// fault runs a change and holds what is there afterwards against before and after. It reports whether a request was lost.
func fault(t *testing.T, g *gateway, decide func(int, *http.Request) fate, after fstest.MapFS) (happened bool) {
	t.Helper()
	p := newPlace(t)
	before := active(t, p.open(t), "old", small())
	want := cache.Active{Origin: "o", Revision: "new", Digest: digest(t, after)}
	g.from(func(n int, r *http.Request) fate {
		f := decide(n, r)
		happened = happened || f != passes
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
	return happened
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
	for way, decide := range ways {
		t.Run(way, func(t *testing.T) {
			t.Parallel()
			g := newGateway(t)
			n := 1
			for happened := true; happened; n++ {
				p := newPlace(t)
				s := p.open(t)
				for i := range 3 {
					active(t, s, fmt.Sprint(i), numbered(i))
				}
				p.later(t)
				happened = false
				decide := decide(n)
				g.from(func(n int, r *http.Request) fate {
					f := decide(n, r)
					happened = happened || f != passes
					return f
				})
				_, err := p.at(g.addr).open(t).Collect(t.Context(), cache.Retention{Keep: 1}, false)
				g.from(nil)
				p.later(t) // whoever died is dead for a while
				wantSound(t, s)
				wantTree(t, s, digest(t, numbered(2)), numbered(2))
				c, again := s.Collect(t.Context(), cache.Retention{Keep: 1}, false)
				if again != nil || c.KeptTrees != 1 || err == nil && len(c.Trees) > 0 {
					t.Fatalf("request %d: got %v, then %+v and %v", n, err, c, again)
				}
				if left := p.files(t, "trees"); len(left) != 1 || len(p.files(t, "blobs")) != 2 || len(p.files(t, "journal")) != 1 {
					t.Fatalf("request %d: got leftovers %v", n, p.files(t, ""))
				}
				wantTree(t, s, active(t, s, "1", numbered(1)).Digest, numbered(1))
			}
			if n < 14 {
				t.Errorf("got only %d requests: are they counted?", n)
			}
		})
	}
}
