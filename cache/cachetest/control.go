package cachetest

import (
	"context"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/scriptd/scriptd/cache"
)

func controlCases() []testCase {
	return []testCase{
		{"is zero where nothing was recorded", controlUnknown},
		{"is what SetControl recorded last", controlRecords},
		{"keeps sources apart, and apart from what is active", controlApart},
		{"refuses names that no source has", controlBadNames},
		{"does nothing after the end of its context", controlCancelled},
	}
}

func (t suite) setControl(source string, c cache.Control) {
	t.Helper()
	if err := t.store.SetControl(t.Context(), source, c); err != nil {
		t.Fatalf("SetControl: %v", err)
	}
}

// wantControl ends the test unless want is what is recorded for source.
func (t suite) wantControl(source string, want cache.Control) {
	t.Helper()
	got, err := t.store.Control(t.Context(), source)
	if err != nil {
		t.Fatalf("Control: %v", err)
	}
	if got.Version == "" {
		t.Fatalf("Control: got no version")
	}
	got.Version, want.Version = "", ""
	if diff := cmp.Diff(got, want); diff != "" {
		t.Fatalf("Control: got -, want +:\n%s", diff)
	}
}

func (t suite) control() cache.Control {
	return cache.Control{Suspended: true, Packages: map[string]cache.PackageControl{
		".":     {Pin: t.digest(sample()), Revision: "4f2a\n<&>"},
		"a/b-c": {Reload: time.Date(2026, 11, 20, 10, 31, 5, 123456789, time.FixedZone("", 7200))},
	}}
}

func controlUnknown(t suite) {
	t.wantControl("team", cache.Control{})
	t.setControl("team", t.control())
	t.wantControl("tea", cache.Control{})
}

func controlRecords(t suite) {
	for range 2 {
		t.setControl("team", t.control())
		t.wantControl("team", t.control())
		t.setControl("team", cache.Control{})
		t.wantControl("team", cache.Control{})
	}
}

func controlApart(t suite) {
	t.setControl("team", t.control())
	t.setControl("team-2", cache.Control{})
	_, err := t.store.Active(t.Context(), "team")
	t.wantErr(err, cache.ErrNotFound)
	a := cache.Active{Revision: "1", Digest: t.put(fstest.MapFS{"other": file("")})}
	t.activate("team", a)
	t.wantControl("team", t.control())
	t.setControl("team", cache.Control{})
	t.wantActive("team", a)
}

func controlBadNames(t suite) {
	for _, name := range []string{"", ".", "../x", "a/b", "A", "a.b", "é"} {
		if err := t.store.SetControl(t.Context(), name, t.control()); err == nil {
			t.Errorf("%q: got no error", name)
		}
		t.wantControl(name, cache.Control{})
	}
}

func controlCancelled(t suite) {
	t.setControl("team", t.control())
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	t.wantErr(t.store.SetControl(ctx, "team", cache.Control{}), context.Canceled)
	_, err := t.store.Control(ctx, "team")
	t.wantErr(err, context.Canceled)
	t.wantControl("team", t.control())
}
