package cachetest

import (
	"context"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/scriptd/scriptd/cache"
)

func headCases() []testCase {
	return []testCase{
		{"is what SetHead recorded last", headRecords},
		{"is kept apart from other sources, and from what is active", headApart},
		{"cannot be a tree that is not there", headUnknown},
		{"is found only where one was recorded", headMissing},
		{"is refused for names that no source has", headBadNames},
		{"is not recorded after the end of its context", headCancelled},
		{"keeps its tree from being removed", headKeeps},
	}
}

func (t suite) setHead(source string, h cache.Head) {
	t.Helper()
	if err := t.store.SetHead(t.Context(), source, h); err != nil {
		t.Fatalf("SetHead: %v", err)
	}
}

// wantHead ends the test unless want is the head of source.
func (t suite) wantHead(source string, want cache.Head) {
	t.Helper()
	got, err := t.store.Head(t.Context(), source)
	if err != nil {
		t.Fatalf("Head: %v", err)
	}
	if got.Version == "" || got.Version == cache.Absent {
		t.Fatalf("Head: got version %q", got.Version)
	}
	got.Version, want.Version = "", ""
	if diff := cmp.Diff(got, want); diff != "" {
		t.Fatalf("Head: got -, want +:\n%s", diff)
	}
}

func headRecords(t suite) {
	first := cache.Head{
		Origin: "git https://git.example.com/p.git main <&> \"é\"", Revision: "4f2a\n", Digest: t.put(sample()),
		FetchedAt: time.Date(2026, 11, 20, 10, 31, 5, 123456789, time.FixedZone("", 7200)),
	}
	second := cache.Head{Digest: t.put(numbered(1))}
	for range 2 {
		t.setHead("team", first)
		t.wantHead("team", first)
		t.setHead("team", second)
		t.wantHead("team", second)
	}
}

func headApart(t suite) {
	one, two := cache.Head{Revision: "1", Digest: t.put(numbered(1))}, cache.Head{Revision: "2", Digest: t.put(numbered(2))}
	t.setHead("team", one)
	t.setHead("team-2", two)
	_, err := t.store.Active(t.Context(), "team")
	t.wantErr(err, cache.ErrNotFound)
	a := cache.Active{Revision: "3", Digest: t.put(numbered(3))}
	t.activate("team", a)
	t.wantHead("team", one)
	t.wantHead("team-2", two)
	t.setHead("team", two)
	t.wantActive("team", a)
}

func headUnknown(t suite) {
	h := cache.Head{Revision: "1", Digest: t.put(sample())}
	t.setHead("team", h)
	for _, unknown := range []cache.Digest{"", "sha256:../heads/team.json", t.digest(fstest.MapFS{})} {
		t.wantErr(t.store.SetHead(t.Context(), "team", cache.Head{Revision: "2", Digest: unknown}), cache.ErrNotFound)
	}
	t.wantHead("team", h)
}

func headMissing(t suite) {
	_, err := t.store.Head(t.Context(), "team")
	t.wantErr(err, cache.ErrNotFound)
	d := t.put(sample())
	t.activate("team", cache.Active{Digest: d})
	t.setHead("tea", cache.Head{Digest: d})
	_, err = t.store.Head(t.Context(), "team")
	t.wantErr(err, cache.ErrNotFound)
}

func headBadNames(t suite) {
	d := t.put(sample())
	for _, name := range []string{"", ".", "../x", "a/b", "A", "a.b", "é"} {
		if err := t.store.SetHead(t.Context(), name, cache.Head{Digest: d}); err == nil {
			t.Errorf("%q: got no error", name)
		}
		_, err := t.store.Head(t.Context(), name)
		t.wantErr(err, cache.ErrNotFound)
	}
}

func headCancelled(t suite) {
	h := cache.Head{Revision: "1", Digest: t.put(sample())}
	t.setHead("team", h)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	t.wantErr(t.store.SetHead(ctx, "team", cache.Head{Revision: "2", Digest: h.Digest}), context.Canceled)
	_, err := t.store.Head(ctx, "team")
	t.wantErr(err, context.Canceled)
	t.wantHead("team", h)
}

func headKeeps(t suite) {
	h := cache.Head{Revision: "9", Digest: t.put(numbered(9))}
	t.setHead("team", h)
	t.setHead("other", h)
	t.past("team", 3)
	if c := t.collect(cache.Retention{Keep: 1, MaxSize: 1}); len(c.Trees) != 2 {
		t.Fatalf("got %+v, want the two that were active before", c)
	}
	t.wantTree(h.Digest, numbered(9))
	next := cache.Head{Revision: "10", Digest: t.put(numbered(10))}
	t.setHead("team", next)
	if c := t.collect(cache.Retention{Keep: 1}); len(c.Trees) != 0 {
		t.Fatalf("got %+v, want nothing: it is the head of other", c)
	}
	t.setHead("other", next)
	c := t.collect(cache.Retention{Keep: 1})
	if len(c.Trees) != 1 || c.Trees[0].Digest != h.Digest {
		t.Fatalf("got %+v, want tree %s", c, h.Digest)
	}
	t.wantTree(next.Digest, numbered(10))
}
