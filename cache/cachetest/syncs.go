package cachetest

import (
	"context"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/scriptd/scriptd/cache"
)

func syncsCases() []testCase {
	return []testCase{
		{"are what SetSyncs recorded last", syncsRecords},
		{"refuse names that no source has, and do nothing after the end of their context", syncsRefusals},
	}
}

func (t suite) wantSyncs(source string, want []cache.Sync) {
	t.Helper()
	got, err := t.store.Syncs(t.Context(), source)
	if err != nil {
		t.Fatalf("Syncs: %v", err)
	}
	if diff := cmp.Diff(got, want); diff != "" {
		t.Fatalf("Syncs: got -, want +:\n%s", diff)
	}
}

func syncsRecords(t suite) {
	t.wantSyncs("team", nil)
	list := []cache.Sync{
		{ID: 1, At: time.Unix(1, 5).UTC(), Result: cache.SyncChanged, Revision: "1", Digest: t.digest(sample()), Requests: 2, Bytes: 1 << 40, Milliseconds: 3},
		{ID: 2, At: time.Unix(2, 0).UTC(), Result: cache.SyncFailed, Kind: "denied", Error: "no\n<&>"},
	}
	for range 2 {
		if err := t.store.SetSyncs(t.Context(), "team", list); err != nil {
			t.Fatal(err)
		}
		t.wantSyncs("team", list)
		t.wantSyncs("tea", nil)
		list = list[1:]
	}
	t.wantControl("team", cache.Control{})
}

func syncsRefusals(t suite) {
	for _, name := range []string{"", "../x", "A", "a.b"} {
		if err := t.store.SetSyncs(t.Context(), name, nil); err == nil {
			t.Errorf("%q: got no error", name)
		}
		t.wantSyncs(name, nil)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	t.wantErr(t.store.SetSyncs(ctx, "team", nil), context.Canceled)
	_, err := t.store.Syncs(ctx, "team")
	t.wantErr(err, context.Canceled)
}
