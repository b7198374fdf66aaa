package engine_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

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
