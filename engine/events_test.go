package engine_test

import (
	"context"
	"strings"
	gosync "sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/scriptd/scriptd/engine"
)

func TestEvents(t *testing.T) {
	dir := t.TempDir()
	src, origin := moody(t, "local", dir)
	src.Packages = []engine.Package{{Path: "moods"}}
	write(t, dir, map[string]string{"moods/moods.go": moods("v1")})
	e := newLedger(t).open(engine.Options{Sources: []engine.Source{src}})
	ctx, cancel := context.WithCancel(t.Context())
	ch := e.Events(ctx)
	var observed atomic.Int64
	e.Observe(func(engine.Event) { observed.Add(1) })
	var seq uint64
	next := func() engine.Event {
		t.Helper()
		select {
		case event := <-ch:
			if event.Seq <= seq || event.Time.IsZero() || event.Lost != 0 {
				t.Errorf("got %+v after %d", event, seq)
			}
			seq = event.Seq
			return event
		case <-time.After(10 * time.Second):
			t.Fatal("no event")
			return engine.Event{}
		}
	}
	want := func(kinds ...engine.EventKind) (events []engine.Event) {
		t.Helper()
		for _, kind := range kinds {
			event := next()
			if event.Kind != kind {
				t.Errorf("got %+v, want %s", event, kind)
			}
			events = append(events, event)
		}
		return events
	}
	_, _ = e.Call(t.Context(), "moods", nil)
	calls := want(engine.CallStarted, engine.CallFinished)
	if c := calls[1]; c.Call != calls[0].Call || c.Outcome != engine.OutcomeSuccess || c.Plugin != "moods" || c.Package != "local/moods" || c.Digest == "" || c.DurationMS <= 0 {
		t.Errorf("got %+v", c)
	}
	for _, tt := range []struct {
		plugin, outcome string
		params          map[string]any
		started         bool
	}{
		{"absent", engine.OutcomeNotFound, nil, false},
		{"moods", engine.OutcomeInvalid, map[string]any{"mood": 1}, false},
		{"moods", engine.OutcomeFailure, in("fail"), true},
		{"moods", engine.OutcomePanic, in("panic"), true},
	} {
		_, _ = e.Call(t.Context(), tt.plugin, tt.params)
		if tt.started {
			want(engine.CallStarted)
		}
		if got := want(engine.CallFinished)[0]; got.Outcome != tt.outcome || got.Error == "" {
			t.Errorf("got %+v, want %s", got, tt.outcome)
		}
	}
	write(t, dir, map[string]string{"moods/moods.go": moods("v2")})
	sync(t, e)
	events := want(engine.SourceChecked, engine.SourceFetched, engine.GenerationLive, engine.GenerationRetired)
	if live, retired := events[2], events[3]; live.Package != "local/moods" || live.Revision == retired.Revision || live.Digest == retired.Digest {
		t.Errorf("got %+v", events)
	}
	write(t, dir, map[string]string{"moods/moods.go": syntaxError})
	sync(t, e)
	if events = want(engine.SourceChecked, engine.SourceFetched, engine.GenerationFailed); !strings.HasPrefix(events[2].Error, "moods/moods.go:3:16: ") {
		t.Errorf("got %+v", events)
	}
	origin.mood.Store(down)
	sync(t, e)
	if got := want(engine.SourceFailed)[0]; got.Source != "local" || got.Error != "ask origin: connection refused" {
		t.Errorf("got %+v", got)
	}
	if n := observed.Load(); n < 10 {
		t.Errorf("an observer heard of %d events", n)
	}
	cancel()
	for range ch {
		t.Error("an event after the end of its context")
	}
	rest := e.Events(t.Context())
	if err := e.Close(); err != nil {
		t.Error(err)
	}
	for event := range rest {
		if event.Kind != engine.GenerationRetired {
			t.Errorf("got %+v", event)
		}
	}
}

// A reader that does not read holds up nobody, and loses the oldest.
func TestSlowReaders(t *testing.T) {
	e, _ := mooded(t, engine.Policy{}, engine.Options{})
	ch := e.Events(t.Context())
	const calls = 1000
	var callers gosync.WaitGroup
	for range 4 {
		callers.Go(func() {
			for range calls / 4 {
				if _, err := e.Call(t.Context(), "moods", nil); err != nil {
					t.Error(err)
				}
			}
		})
	}
	callers.Wait()
	if err := e.Close(); err != nil {
		t.Error(err)
	}
	got, lost := 0, 0
	for event := range ch {
		got, lost = got+1, lost+int(event.Lost)
	}
	if got+lost < 2*calls || got > 300 {
		t.Errorf("got %d and lost %d of %d", got, lost, 2*calls)
	}
}
