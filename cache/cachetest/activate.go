package cachetest

import (
	"context"
	"strings"
	"testing/fstest"
	"time"

	"github.com/scriptd/scriptd/cache"
)

func activateCases() []testCase {
	return []testCase{
		{"is what Active returns", activateRecords},
		{"replaces what was recorded before", activateReplaces},
		{"keeps the versions of packages, in their order", activateVersions},
		{"keeps sources apart", activateApart},
		{"takes every name that a source may have", activateNames},
		{"refuses other names", activateBadNames},
		{"fails for a tree that is not there", activateUnknown},
		{"does nothing after the end of its context", activateCancelled},
		{"Active fails where nothing was recorded", activeUnknown},
	}
}

func activateRecords(t suite) {
	d := t.put(sample())
	for name, a := range map[string]cache.Active{
		"full": {
			Origin: "git https://git.example.com/p.git main <&> \"é\"", Revision: "4f2a\n", Digest: d,
			FetchedAt: time.Date(2026, 11, 20, 10, 31, 5, 123456789, time.FixedZone("", 7200)),
		},
		"zero": {Digest: d},
	} {
		t.activate("team", a)
		t.Log(name)
		t.wantActive("team", a)
	}
}

func activateReplaces(t suite) {
	other := fstest.MapFS{"other": file("")}
	first := cache.Active{Origin: "o", Revision: "1", Digest: t.put(sample())}
	second := cache.Active{Origin: "o", Revision: "2", Digest: t.put(other)}
	for range 2 {
		t.activate("team", first)
		t.wantActive("team", first)
		t.activate("team", second)
		t.wantActive("team", second)
	}
	t.wantTree(first.Digest, sample())
	t.wantTree(second.Digest, other)
}

func activateVersions(t suite) {
	d := t.put(sample())
	at := time.Date(2026, 11, 20, 10, 31, 5, 123456789, time.FixedZone("", -3600))
	a := cache.Active{Revision: "2", Digest: d, FetchedAt: at, Newest: t.digest(fstest.MapFS{}), NewestRevision: "3", Packages: map[string][]cache.Version{
		".": {{Digest: d, Revision: "2", ActivatedAt: at, State: cache.Live}},
		"net/check": {
			{Digest: d, Revision: "2", ActivatedAt: at.Add(time.Hour), State: cache.Failed, Error: "check.go:3:1: \"no\"\n<&>"},
			{Digest: t.digest(fstest.MapFS{}), Revision: "1", ActivatedAt: at, State: cache.Quarantined},
			{Digest: d, Revision: "0", State: cache.Retired},
		},
	}}
	t.activate("team", a)
	t.wantActive("team", a)
	a.Packages = nil
	t.activate("team", a)
	t.wantActive("team", a)
}

func activateApart(t suite) {
	d := t.put(sample())
	one, two := cache.Active{Revision: "1", Digest: d}, cache.Active{Revision: "2", Digest: d}
	t.activate("team", one)
	t.activate("team-2", two)
	t.wantActive("team", one)
	t.wantActive("team-2", two)
}

func activateNames(t suite) {
	d := t.put(sample())
	for _, name := range []string{"a", "0", "a_b-c", "active", "tmp", strings.Repeat("z", 64)} {
		a := cache.Active{Revision: name, Digest: d}
		t.activate(name, a)
		t.wantActive(name, a)
	}
}

func activateBadNames(t suite) {
	d := t.put(sample())
	for _, name := range []string{"", ".", "..", "../x", "a/b", "a\\b", "A", "-a", "_", "a.b", "a\n", "a\x00", "é", strings.Repeat("z", 65)} {
		if err := t.store.Activate(t.Context(), name, cache.Active{Digest: d}); err == nil {
			t.Errorf("%q: got no error", name)
		}
		_, err := t.store.Active(t.Context(), name)
		t.wantErr(err, cache.ErrNotFound)
	}
}

func activateUnknown(t suite) {
	d := t.put(sample())
	a := cache.Active{Revision: "1", Digest: d}
	t.activate("team", a)
	for _, unknown := range []cache.Digest{"", "sha256:../active/team.json", t.digest(fstest.MapFS{})} {
		err := t.store.Activate(t.Context(), "team", cache.Active{Revision: "2", Digest: unknown})
		t.wantErr(err, cache.ErrNotFound)
	}
	t.wantActive("team", a)
}

func activateCancelled(t suite) {
	d := t.put(sample())
	a := cache.Active{Revision: "1", Digest: d}
	t.activate("team", a)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	t.wantErr(t.store.Activate(ctx, "team", cache.Active{Revision: "2", Digest: d}), context.Canceled)
	_, err := t.store.Active(ctx, "team")
	t.wantErr(err, context.Canceled)
	t.wantActive("team", a)
}

func activeUnknown(t suite) {
	_, err := t.store.Active(t.Context(), "team")
	t.wantErr(err, cache.ErrNotFound)
	d := t.put(sample())
	_, err = t.store.Active(t.Context(), "team")
	t.wantErr(err, cache.ErrNotFound)
	t.activate("team", cache.Active{Digest: d})
	_, err = t.store.Active(t.Context(), "tea")
	t.wantErr(err, cache.ErrNotFound)
}
