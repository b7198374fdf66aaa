package engine_test

import (
	"context"
	"errors"
	"testing"

	"github.com/scriptd/scriptd/cache"
	"github.com/scriptd/scriptd/engine"
	"github.com/scriptd/scriptd/sources"
)

// results are those of a page of the history.
func results(t *testing.T, e *engine.Engine, before int64, limit int) (got []cache.SyncResult, last int64) {
	t.Helper()
	list, err := e.SyncHistory(t.Context(), "local", before, limit)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range list {
		got, last = append(got, s.Result), s.ID
	}
	return got, last
}

func TestSyncHistory(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, map[string]string{"hello/hello.go": greeter("hello", "Hello")})
	src, o := moody(t, "local", dir)
	store := cache.Memory()
	opts := engine.Options{Sources: []engine.Source{src}, Cache: store}
	e := open(t, opts)
	sync(t, e) // nothing new
	for _, m := range []*mood{denied, denied, down, up, up} {
		o.mood.Store(m)
		sync(t, e)
	}
	write(t, dir, map[string]string{"hello/hello.go": greeter("hello", "Hi")})
	sync(t, e)
	write(t, dir, map[string]string{"hello/hello.go": "package hello\nbroken"})
	sync(t, e)
	sync(t, e)

	want := []cache.SyncResult{cache.SyncChanged, cache.SyncChanged, cache.SyncRecovered, cache.SyncFailed, cache.SyncFailed, cache.SyncChanged}
	got, _ := results(t, e, 0, 0)
	if len(got) != len(want) {
		t.Fatalf("got %v, want %v", got, want)
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("got %v, want %v", got, want)
		}
	}
	list, err := e.SyncHistory(t.Context(), "local", 0, 0)
	if err != nil {
		t.Fatal(err)
	}
	if broken := list[0]; broken.Kind != "problems" || broken.Error == "" || broken.Digest == "" {
		t.Errorf("a tree that does not load: %+v", broken)
	}
	if refused := list[4]; refused.Kind != "denied" || refused.Revision != "" || refused.Error == "" {
		t.Errorf("wrong credentials: %+v", refused)
	}
	first, last := results(t, e, 0, 4)
	rest, _ := results(t, e, last, 4)
	if len(first) != 4 || len(rest) != 2 || rest[1] != cache.SyncChanged {
		t.Errorf("pages %v, %v", first, rest)
	}
	if _, err := e.SyncHistory(t.Context(), "nobody", 0, 0); !errors.Is(err, engine.ErrNoSource) {
		t.Errorf("got %v", err)
	}

	// Another process reads it, asks nobody, and adds nothing that is known.
	polls := o.polls.Load()
	idle := opts
	idle.Idle = true
	if got, _ := results(t, open(t, idle), 0, 0); len(got) != len(want) {
		t.Errorf("another process sees %v", got)
	}
	if o.polls.Load() != polls {
		t.Error("an idle engine asked the origin")
	}
	sync(t, open(t, opts))
	if got, _ := results(t, e, 0, 0); len(got) != len(want) {
		t.Errorf("a restart has added to it: %v", got)
	}
}

func TestSyncHistoryEnds(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, map[string]string{"hello/hello.go": greeter("hello", "Hello")})
	src, o := moody(t, "local", dir)
	e := open(t, engine.Options{Sources: []engine.Source{src}})
	for range 105 {
		for _, m := range []*mood{denied, down} {
			o.mood.Store(m)
			sync(t, e)
		}
	}
	list, err := e.SyncHistory(t.Context(), "local", 0, 1000)
	if err != nil || len(list) != 100 || list[0].ID != 211 {
		t.Errorf("%d entries, the first %+v, %v", len(list), list[0], err)
	}
	if rest, err := e.SyncHistory(t.Context(), "local", list[99].ID, 0); err != nil || len(rest) != 100 || rest[99].ID != 12 {
		t.Errorf("%d entries more, %v", len(rest), err)
	}
}

func TestStatusOfAPoll(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, map[string]string{"hello/hello.go": greeter("hello", "Hello")})
	src, o := moody(t, "local", dir)
	o.before = func(ctx context.Context) { sources.CountRequest(ctx) }
	e := open(t, engine.Options{Sources: []engine.Source{src}})
	st := e.Sources()[0]
	if st.Requests != 1 || st.LastSuccess.IsZero() || st.ErrorKind != "" || st.StaleSeconds != 0 {
		t.Errorf("status %+v", st)
	}
	o.mood.Store(denied)
	sync(t, e)
	if now := e.Sources()[0]; now.ErrorKind != "denied" || !now.LastSuccess.Equal(st.LastSuccess) || !now.Stale {
		t.Errorf("status %+v", now)
	}
	o.mood.Store(up)
	write(t, dir, map[string]string{"hello/hello.go": "package hello\nbroken"})
	sync(t, e)
	if now := e.Sources()[0]; now.ErrorKind != "problems" || !now.LastSuccess.Equal(st.LastSuccess) {
		t.Errorf("status %+v", now)
	}
}

func TestSuspend(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, map[string]string{"hello/hello.go": greeter("hello", "Hello")})
	src, o := moody(t, "local", dir)
	opts := engine.Options{Sources: []engine.Source{src}, Cache: cache.Memory()}
	e := open(t, opts)
	if err := e.Suspend(t.Context(), "local", true); err != nil {
		t.Fatal(err)
	}
	if st := e.Sources()[0]; !st.Suspended || !st.Ready {
		t.Errorf("status %+v", st)
	}
	polls := o.polls.Load()
	write(t, dir, map[string]string{"hello/hello.go": greeter("hello", "Hi")})
	other := open(t, opts)
	if o.polls.Load() != polls {
		t.Error("another engine asked the origin of a source that is suspended")
	}
	if got := call(t, other, "hello"); got != "Hello world" {
		t.Errorf("got %v", got)
	}
	sync(t, e)
	if got := call(t, e, "hello"); got != "Hi world" {
		t.Errorf("a sync that was asked for: got %v", got)
	}
	if err := other.Suspend(t.Context(), "local", false); err != nil {
		t.Fatal(err)
	}
	sync(t, e) // it hears of it
	if st := e.Sources()[0]; st.Suspended {
		t.Errorf("status %+v", st)
	}
	if err := e.Suspend(t.Context(), "nobody", true); !errors.Is(err, engine.ErrNoSource) {
		t.Errorf("got %v", err)
	}
}
