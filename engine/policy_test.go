package engine_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	gosync "sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/scriptd/scriptd/cache"
	"github.com/scriptd/scriptd/engine"
)

// moods is a package whose plugin does as it is told: it succeeds, fails, asks for a retry, panics, waits for the end of
// its context, or for ever. It tells its version and how often it was called.
func moods(version string) string {
	return `package moods

import (
	"context"
	"errors"
	"sync/atomic"

	"github.com/scriptd/scriptd/plugin"
)

var calls atomic.Int64

func Register(r *plugin.Registrar) error {
	return errors.Join(
		r.Add(plugin.Spec{Name: "moods"}, handle),
		r.Add(plugin.Spec{Name: "other"}, handle),
		r.Add(plugin.Spec{Name: "narrow", Concurrency: 2}, handle),
	)
}

type Params struct {
	Mood  string ` + "`json:\"mood\" default:\"good\"`" + `
	Until int64  ` + "`json:\"until\" default:\"0\"`" + `
}

type Answer struct {
	Version string ` + "`json:\"version\"`" + `
	Calls   int64  ` + "`json:\"calls\"`" + `
}

func handle(ctx context.Context, p Params) (Answer, error) {
	n := calls.Add(1)
	plugin.Progress(ctx, 0, 0, p.Mood)
	switch {
	case p.Until > 0 && n >= p.Until:
	case p.Mood == "fail":
		return Answer{}, errors.New("no luck")
	case p.Mood == "retry":
		return Answer{}, plugin.Retryable(errors.New("later"))
	case p.Mood == "panic":
		panic("oh no")
	case p.Mood == "wait":
		<-ctx.Done()
		return Answer{}, ctx.Err()
	}
	return Answer{"` + version + `", n}, nil
}
`
}

func mooded(t *testing.T, policy engine.Policy, opts engine.Options) (e *engine.Engine, dir string) {
	t.Helper()
	dir = t.TempDir()
	src, _ := moody(t, "local", dir)
	src.Packages = []engine.Package{{Path: "moods", Policy: policy}}
	write(t, dir, map[string]string{"moods/moods.go": moods("v1")})
	opts.Sources = []engine.Source{src}
	return newLedger(t).open(opts), dir
}

func in(mood string) map[string]any { return map[string]any{"mood": mood} }

// waits starts a call that lasts until cancel, and returns when it runs.
func waits(t *testing.T, e *engine.Engine, name string) (ended <-chan error, cancel context.CancelFunc) {
	t.Helper()
	running := make(chan struct{})
	ctx, cancel := context.WithCancel(engine.WithProgress(t.Context(), func(int, int, string) { close(running) }))
	end := make(chan error, 1)
	go func() {
		_, err := e.Call(ctx, name, in("wait"))
		end <- err
	}()
	select {
	case <-running:
	case err := <-end:
		t.Fatalf("the call ended with %v", err)
	}
	return end, cancel
}

func TestBusy(t *testing.T) {
	for _, tt := range []struct {
		name, plugin string
		policy       engine.Policy
		running      int
	}{
		{"the plugin's own bound", "narrow", engine.Policy{Queue: 1}, 2},
		{"the package's bound", "moods", engine.Policy{Concurrency: 3, Queue: 1}, 3},
		{"the smaller of both", "narrow", engine.Policy{Concurrency: 1, Queue: 1}, 1},
		{"the larger does not count", "narrow", engine.Policy{Concurrency: 5, Queue: 1}, 2},
	} {
		t.Run(tt.name, func(t *testing.T) {
			e, dir := mooded(t, tt.policy, engine.Options{})
			var all []<-chan error
			var cancels []context.CancelFunc
			for range tt.running {
				ended, cancel := waits(t, e, tt.plugin)
				all, cancels = append(all, ended), append(cancels, cancel)
			}
			// A new version has no places of its own: the bound is the plugin's.
			write(t, dir, map[string]string{"moods/moods.go": moods("v2")})
			sync(t, e)
			queued := make(chan error, 1)
			go func() {
				res, err := e.Call(t.Context(), tt.plugin, nil)
				for errors.Is(err, engine.ErrBusy) { // one of the callers below was before it
					res, err = e.Call(t.Context(), tt.plugin, nil)
				}
				if err == nil && res.Data.(map[string]any)["version"] != "v2" {
					err = fmt.Errorf("got %v from a call that began after v2 was live", res.Data)
				}
				queued <- err
			}()
			// It waits, where others find no place to wait.
			eventually(t, func() bool {
				brief, cancel := context.WithTimeout(t.Context(), time.Millisecond)
				defer cancel()
				_, err := e.Call(brief, tt.plugin, nil)
				if !errors.Is(err, engine.ErrBusy) {
					t.Errorf("got %v", err)
				}
				return strings.Contains(err.Error(), "and 1 wait")
			})
			start := time.Now()
			if _, err := e.Call(t.Context(), tt.plugin, nil); !errors.Is(err, engine.ErrBusy) || time.Since(start) > 10*time.Second {
				t.Errorf("got %v", err)
			}
			if _, err := e.Call(t.Context(), "other", nil); err != nil {
				t.Errorf("got %v: another plugin is not busy", err)
			}
			cancels[0]()
			if err := <-queued; err != nil {
				t.Errorf("got %v for the call that waited", err)
			}
			for i := range all {
				cancels[i]()
				if err := <-all[i]; !errors.Is(err, context.Canceled) {
					t.Errorf("got %v", err)
				}
			}
		})
	}
}

func TestRetry(t *testing.T) {
	quick := engine.Retry{Attempts: 3, Backoff: time.Millisecond}
	for _, tt := range []struct {
		name   string
		policy engine.Policy
		params map[string]any
		calls  float64 // what the next call says
		ok     bool
		err    string
	}{
		{"by default nothing is tried again", engine.Policy{}, in("retry"), 2, false, "later"},
		{"as often as the policy says", engine.Policy{Retry: quick}, in("retry"), 4, false, "later"},
		{"until it succeeds", engine.Policy{Retry: quick}, map[string]any{"mood": "retry", "until": 2}, 3, true, ""},
		{"not where the plugin does not say so", engine.Policy{Retry: quick}, in("fail"), 2, false, "no luck"},
		{"not a panic", engine.Policy{Retry: quick}, in("panic"), 2, false, "oh no"},
		{"within the time of the call", engine.Policy{Timeout: 200 * time.Millisecond, Retry: engine.Retry{Attempts: 5, Backoff: time.Hour}}, in("retry"), 2, false, "later"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			e, _ := mooded(t, tt.policy, engine.Options{})
			res, err := e.Call(t.Context(), "moods", tt.params)
			if err != nil || res.Success != tt.ok || !strings.Contains(res.Error, tt.err) {
				t.Errorf("got %+v, %v", res, err)
			}
			res, err = e.Call(t.Context(), "moods", nil)
			if err != nil || res.Data.(map[string]any)["calls"] != tt.calls {
				t.Errorf("got %v, %v, want %v calls", res.Data, err, tt.calls)
			}
		})
	}
}

// The calls of a version that another has replaced have the time of its policy, then they are cancelled.
func TestDrain(t *testing.T) {
	e, dir := mooded(t, engine.Policy{Drain: 50 * time.Millisecond, Grace: time.Millisecond}, engine.Options{})
	ended, cancel := waits(t, e, "moods")
	defer cancel()
	write(t, dir, map[string]string{"moods/moods.go": moods("v2")})
	sync(t, e)
	if err := <-ended; !errors.Is(err, engine.ErrStopped) {
		t.Errorf("got %v, want ErrStopped", err)
	}
}

func TestQuarantine(t *testing.T) {
	store := cache.Memory()
	e, dir := mooded(t, engine.Policy{Quarantine: 3, Timeout: 100 * time.Millisecond}, engine.Options{Cache: store})
	version := func() any {
		t.Helper()
		res, err := e.Call(t.Context(), "moods", nil)
		if err != nil || !res.Success {
			return errors.Join(err, errors.New(res.Error)).Error()
		}
		return res.Data.(map[string]any)["version"]
	}
	write(t, dir, map[string]string{"moods/moods.go": moods("v2")})
	sync(t, e)
	// Calls that succeed or fail in between, and the haste of callers, do not count.
	for _, mood := range []string{"panic", "panic", "good", "panic", "panic", "fail", "panic", "wait"} {
		_, _ = e.Call(t.Context(), "moods", in(mood))
	}
	for range 5 {
		brief, cancel := context.WithTimeout(t.Context(), time.Millisecond)
		_, _ = e.Call(brief, "moods", in("wait"))
		cancel()
		_, _ = e.Call(t.Context(), "other", in("panic"))
		_, _ = e.Call(t.Context(), "other", nil)
	}
	if got := version(); got != "v2" {
		t.Fatalf("got %v", got)
	}
	bad := func() {
		for _, mood := range []string{"panic", "wait", "panic"} {
			_, _ = e.Call(t.Context(), "moods", in(mood))
		}
	}
	bad()
	eventually(t, func() bool { return version() == "v1" })
	check := func(when string) {
		t.Helper()
		history, err := e.History("local/moods")
		if err != nil || len(history) != 2 || history[0].State != cache.Live || history[1].State != cache.Quarantined || !strings.HasPrefix(history[1].Error, "3 calls of moods panicked or timed out") {
			t.Errorf("%s: got %+v, %v", when, history, err)
		}
		if p := e.Packages()[0]; p.State != cache.Live || !strings.HasPrefix(p.Error, "moods: quarantined: ") {
			t.Errorf("%s: got %+v", when, p)
		}
		if st := e.Sources()[0]; !st.Ready || !st.Stale || !strings.HasPrefix(st.Error, "moods: quarantined: 3 calls") {
			t.Errorf("%s: got %+v", when, st)
		}
		if got := version(); got != "v1" {
			t.Errorf("%s: got %v", when, got)
		}
	}
	check("at once")
	sync(t, e)
	check("after a sync")
	write(t, dir, map[string]string{"readme": "x"})
	sync(t, e)
	check("after a change elsewhere")
	e = newLedger(t).open(engine.Options{Cache: store, Sources: []engine.Source{func() engine.Source {
		src, _ := moody(t, "local", dir)
		src.Packages = []engine.Package{{Path: "moods", Policy: engine.Policy{Quarantine: 3, Timeout: 100 * time.Millisecond}}}
		return src
	}()}})
	check("after a restart")
	// A reload tries again; the version is as bad as it was.
	if v, err := e.Reload(t.Context(), "local/moods"); err != nil || v.State != cache.Live {
		t.Errorf("got %+v, %v", v, err)
	}
	if got := version(); got != "v2" {
		t.Errorf("got %v", got)
	}
	bad()
	eventually(t, func() bool { return version() == "v1" })
	check("once more")
	write(t, dir, map[string]string{"moods/moods.go": moods("v3")})
	sync(t, e)
	if got := version(); got != "v3" {
		t.Errorf("got %v", got)
	}
}

func TestQuarantineOfTheOnlyVersion(t *testing.T) {
	e, dir := mooded(t, engine.Policy{Quarantine: 2}, engine.Options{})
	for range 2 {
		_, _ = e.Call(t.Context(), "moods", in("panic"))
	}
	eventually(t, func() bool {
		_, err := e.Call(t.Context(), "other", nil)
		return errors.Is(err, engine.ErrQuarantined) && strings.Contains(err.Error(), "2 calls of moods panicked")
	})
	if n := len(e.Plugins()); n != 0 {
		t.Errorf("%d plugins are listed", n)
	}
	if _, err := e.Describe("moods"); !errors.Is(err, engine.ErrQuarantined) {
		t.Errorf("got %v", err)
	}
	if err := e.Explain("moods"); !errors.Is(err, engine.ErrQuarantined) {
		t.Errorf("got %v", err)
	}
	if st := e.Sources()[0]; st.Ready || !st.Stale {
		t.Errorf("got %+v", st)
	}
	if p := e.Packages()[0]; p.State != cache.Quarantined || p.Digest != "" {
		t.Errorf("got %+v", p)
	}
	if _, err := e.Reload(t.Context(), "local/moods"); err != nil {
		t.Error(err)
	}
	if _, err := e.Call(t.Context(), "moods", nil); err != nil {
		t.Error(err)
	}
	write(t, dir, map[string]string{"moods/moods.go": moods("v2")})
	if st := sync(t, e)[0]; st.Err != nil {
		t.Errorf("got %+v", st)
	}
}

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
