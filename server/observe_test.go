package server

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/scriptd/scriptd/engine"
)

// scrape returns what /metrics answers.
func scrape(t *testing.T, m *metrics) string {
	t.Helper()
	w := httptest.NewRecorder()
	m.handler().ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/metrics", nil))
	return w.Body.String()
}

func wantMetrics(t *testing.T, got string, lines ...string) {
	t.Helper()
	for _, want := range lines {
		if !strings.Contains(got, "\n"+want+"\n") {
			t.Errorf("no line %s", want)
		}
	}
}

func TestEventsBecomeMetrics(t *testing.T) {
	m := newMetrics(&engine.Engine{})
	finished := func(call uint64, plugin, outcome string, ms float64) engine.Event {
		return engine.Event{Kind: engine.CallFinished, Call: call, Plugin: plugin, Outcome: outcome, DurationMS: ms}
	}
	for _, e := range []engine.Event{
		finished(1, "hello", engine.OutcomeSuccess, 1), // it started before anybody counted
		{Kind: engine.CallStarted, Call: 2, Plugin: "hello"},
		{Kind: engine.CallStarted, Call: 3, Plugin: "hello"},
		finished(4, "hello", engine.OutcomeInvalid, 0),
		finished(0, "made-up", engine.OutcomeNotFound, 0),
		finished(0, "made-up-too", engine.OutcomeNotFound, 0),
		finished(3, "hello", engine.OutcomeSuccess, 700),
		finished(5, "hello", engine.OutcomePanic, 2),
		finished(6, "hello", engine.OutcomeTimeout, 2),
		finished(7, "hello", engine.OutcomeFailure, 2),
		finished(8, "hello", engine.OutcomeBusy, 2),
		{Kind: engine.SourceChecked, Source: "team"},
		{Kind: engine.SourceChecked, Source: "team"},
		{Kind: engine.SourceFetched, Source: "team"},
		{Kind: engine.SourceFailed, Source: "team"},
		{Kind: engine.GenerationLive, Package: "team/a"},
		{Kind: engine.GenerationFailed, Package: "team/a"},
		{Kind: engine.GenerationFailed, Package: "team/\xff"},
		{Kind: engine.GenerationRetired, Package: "team/a"},
		{Kind: engine.GenerationReplaced, Package: "team/a"},
		{Kind: engine.GenerationQuarantined, Package: "team/a"},
	} {
		m.observe(e)
	}
	got := scrape(t, m)
	wantMetrics(
		t, got,
		`scriptd_calls_total{outcome="success",plugin="hello"} 2`,
		`scriptd_calls_total{outcome="invalid",plugin="hello"} 1`,
		`scriptd_calls_total{outcome="busy",plugin="hello"} 1`,
		`scriptd_calls_total{outcome="not_found",plugin=""} 2`,
		`scriptd_call_duration_seconds_count{plugin="hello"} 5`,
		`scriptd_call_duration_seconds_bucket{plugin="hello",le="0.5"} 4`,
		`scriptd_calls_running 1`,
		`scriptd_abandoned_calls 0`,
		`scriptd_syncs_total{outcome="checked",source="team"} 2`,
		`scriptd_syncs_total{outcome="fetched",source="team"} 1`,
		`scriptd_syncs_total{outcome="failed",source="team"} 1`,
		`scriptd_reloads_total{outcome="live",package="team/a"} 1`,
		`scriptd_reloads_total{outcome="failed",package="team/a"} 1`,
		`scriptd_reloads_total{outcome="failed",package=""} 1`,
		`scriptd_retired_total 1`,
		`scriptd_replaced_total 1`,
	)
	if strings.Contains(got, "made-up") {
		t.Error("a name that no plugin has became a label")
	}
}

// A source whose plugins have another name in each revision does not fill the memory.
func TestLabelsAreBounded(t *testing.T) {
	m := newMetrics(&engine.Engine{})
	for i := range maxNames + 100 {
		m.observe(engine.Event{Kind: engine.CallFinished, Plugin: fmt.Sprint("p", i), Outcome: engine.OutcomeSuccess})
		m.observe(engine.Event{Kind: engine.GenerationLive, Package: fmt.Sprint("team/p", i)})
	}
	m.observe(engine.Event{Kind: engine.CallFinished, Plugin: "p0", Outcome: engine.OutcomeSuccess})
	got := scrape(t, m)
	wantMetrics(
		t, got,
		`scriptd_calls_total{outcome="success",plugin="p0"} 2`,
		`scriptd_calls_total{outcome="success",plugin=""} 100`,
		`scriptd_reloads_total{outcome="live",package=""} 100`,
	)
	if n := strings.Count(got, "\nscriptd_calls_total{"); n != maxNames+1 {
		t.Errorf("%d series, want %d", n, maxNames+1)
	}
	if n := len(m.calls.series); n != maxNames {
		t.Errorf("%d series are kept, want %d", n, maxNames)
	}
}

func TestEventsAtTheSameTime(t *testing.T) {
	m := newMetrics(&engine.Engine{})
	const workers, calls = 8, 500
	var all sync.WaitGroup
	for w := range workers {
		all.Go(func() {
			for i := range calls {
				call := uint64(w*calls + i + 1)
				m.observe(engine.Event{Kind: engine.CallStarted, Call: call})
				m.observe(engine.Event{Kind: engine.CallFinished, Call: call, Plugin: fmt.Sprint("p", i%10), Outcome: engine.OutcomeSuccess})
			}
		})
	}
	all.Wait()
	got := scrape(t, m)
	for i := range 10 {
		wantMetrics(t, got, fmt.Sprintf(`scriptd_calls_total{outcome="success",plugin="p%d"} %d`, i, workers*calls/10))
	}
	wantMetrics(t, got, `scriptd_calls_running 0`)
}

// BenchmarkObserveCall is what a call pays for its metrics.
func BenchmarkObserveCall(b *testing.B) {
	m := newMetrics(&engine.Engine{})
	b.ReportAllocs()
	var call uint64
	for b.Loop() {
		call++
		m.observe(engine.Event{Kind: engine.CallStarted, Call: call, Plugin: "hello"})
		m.observe(engine.Event{Kind: engine.CallFinished, Call: call, Plugin: "hello", Outcome: engine.OutcomeSuccess, DurationMS: 1})
	}
}

func BenchmarkObserveCallInParallel(b *testing.B) {
	m := newMetrics(&engine.Engine{})
	var call atomic.Uint64
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			n := call.Add(1)
			m.observe(engine.Event{Kind: engine.CallStarted, Call: n, Plugin: "hello"})
			m.observe(engine.Event{Kind: engine.CallFinished, Call: n, Plugin: "hello", Outcome: engine.OutcomeSuccess, DurationMS: 1})
		}
	})
}
