package engine_test

import (
	"context"
	"errors"
	goruntime "runtime"
	"strings"
	"testing"
	"time"

	"github.com/scriptd/scriptd/engine"
	"github.com/scriptd/scriptd/engine/runtime"
)

// noMoreGoroutines fails the test where there are more goroutines than before, and says what they do.
func noMoreGoroutines(t *testing.T, before int) {
	t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	deadline := time.Now().Add(10 * time.Second)
	for goruntime.NumGoroutine() > before {
		if time.Now().Before(deadline) {
			<-tick.C
			continue
		}
		stacks := make([]byte, 1<<20)
		stacks = stacks[:goruntime.Stack(stacks, true)]
		t.Fatalf("%d goroutines, %d before:\n%s", goruntime.NumGoroutine(), before, stacks)
	}
}

// busy is a package with plugins of many ways to end.
const busy = `package busy

import (
	"context"
	"errors"
	"time"

	"github.com/scriptd/scriptd/plugin"
)

func Register(r *plugin.Registrar) error {
	done := make(chan struct{})
	go func() {
		for {
			select {
			case <-done:
				return
			case <-time.After(time.Millisecond):
			}
		}
	}()
	r.OnClose(func(context.Context) error {
		close(done)
		return nil
	})
	return errors.Join(
		r.Add(plugin.Spec{Name: "quick"}, func(context.Context) (int, error) { return 1, nil }),
		r.Add(plugin.Spec{Name: "fails"}, func(context.Context) error { return errors.New("no luck") }),
		r.Add(plugin.Spec{Name: "panics"}, func(context.Context) error { panic("oh no") }),
		r.Add(plugin.Spec{Name: "heeds"}, func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }),
		r.Add(plugin.Spec{Name: "stubborn", Timeout: 5 * time.Millisecond}, func(context.Context) error { time.Sleep(50 * time.Millisecond); return nil }),
		r.Add(plugin.Spec{Name: "narrow", Timeout: 5 * time.Millisecond, Concurrency: 1}, func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }),
	)
}
`

func TestNothingIsLeftBehind(t *testing.T) {
	for _, tt := range []struct {
		name string
		do   func(t *testing.T, e *engine.Engine, dir string, o *origin)
	}{
		{"nothing happens", func(*testing.T, *engine.Engine, string, *origin) {}},
		{"calls", func(t *testing.T, e *engine.Engine, _ string, _ *origin) {
			t.Helper()
			canceled, cancel := context.WithCancel(t.Context())
			cancel()
			for range 5 {
				for _, name := range []string{"quick", "fails", "panics", "heeds", "stubborn", "narrow", "absent"} {
					brief, cancel := context.WithTimeout(t.Context(), 5*time.Millisecond)
					_, _ = e.Call(brief, name, nil)
					cancel()
					_, _ = e.Call(canceled, name, nil)
					_, _ = e.Call(t.Context(), name, map[string]any{"unknown": 1})
				}
			}
		}},
		{"reloads", func(t *testing.T, e *engine.Engine, dir string, _ *origin) {
			t.Helper()
			for _, text := range []string{busy + "// 1", syntaxError, busy + "// 2", "package busy\n\nimport \"github.com/scriptd/scriptd/plugin\"\n\nfunc Register(*plugin.Registrar) error { panic(1) }\n", busy + "// 3"} {
				_, _ = e.Call(t.Context(), "stubborn", nil)
				write(t, dir, map[string]string{"busy/busy.go": text})
				sync(t, e)
			}
		}},
		{"an origin that comes and goes", func(t *testing.T, e *engine.Engine, dir string, o *origin) {
			t.Helper()
			for _, how := range []*mood{down, silent, cutOff, halfWay, denied, up} {
				write(t, dir, map[string]string{"busy/busy.go": busy + "// edited"})
				o.mood.Store(how)
				ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
				_, _ = e.Sync(ctx)
				cancel()
			}
		}},
		{"Run", func(t *testing.T, e *engine.Engine, dir string, o *origin) {
			t.Helper()
			ctx, cancel := context.WithCancel(t.Context())
			ended := make(chan error, 2)
			for range 2 {
				go func() { ended <- e.Run(ctx) }()
			}
			polls := o.polls.Load()
			write(t, dir, map[string]string{"busy/busy.go": busy + "// edited"})
			eventually(t, func() bool { return o.polls.Load() > polls+3 })
			cancel()
			for range 2 {
				if err := <-ended; err != nil {
					t.Error(err)
				}
			}
		}},
		{"Run, ended by Close", func(t *testing.T, e *engine.Engine, _ string, o *origin) {
			t.Helper()
			ended := make(chan error, 1)
			polls := o.polls.Load()
			go func() { ended <- e.Run(t.Context()) }()
			eventually(t, func() bool { return o.polls.Load() > polls })
			if err := e.Close(); err != nil {
				t.Error(err)
			}
			if err := <-ended; err != nil {
				t.Error(err)
			}
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			write(t, dir, map[string]string{"busy/busy.go": busy, "hello/hello.go": greeter("hello", "v1")})
			src, o := moody(t, "local", dir)
			src.Interval = 5 * time.Millisecond
			watched := folder(t, "watched", dir)
			watched.Packages = []engine.Package{{Path: "hello"}}
			before := goruntime.NumGoroutine()
			books := newLedger(t)
			e, err := books.new(t.Context(), engine.Options{Sources: []engine.Source{src, watched}})
			if err != nil {
				t.Fatal(err)
			}
			tt.do(t, e, dir, o)
			if err := e.Close(); err != nil {
				t.Error(err)
			}
			if left := books.left(); len(left) > 0 {
				t.Errorf("not closed: %q", left)
			}
			noMoreGoroutines(t, before)
		})
	}
}

// A load that is given up is undone, as far as it went, when it comes to an end.
func TestALoadThatIsGivenUpIsUndone(t *testing.T) {
	const nap = "time.Sleep(60 * time.Millisecond)"
	for _, tt := range []struct{ name, old, slow string }{
		{"while the package is initialised", "func Register(", "func init() { " + nap + " }\n\nfunc Register("},
		{"before Register has begun anything", "done := make", nap + "\n\tdone := make"},
		{"before Register has registered anything", "return errors.Join(", nap + "\n\treturn errors.Join("},
		{"at the end of Register", "return errors.Join(", "defer " + nap + "\n\treturn errors.Join("},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			write(t, dir, map[string]string{"busy/busy.go": strings.Replace(busy, tt.old, tt.slow, 1)})
			src, _ := moody(t, "local", dir)
			before := goruntime.NumGoroutine()
			e, err := engine.NewWith(t.Context(), engine.Options{Sources: []engine.Source{src}}, newLedger(t), 20*time.Millisecond, time.Second, time.Second)
			if err != nil {
				t.Fatal(err)
			}
			if st := e.Sources()[0]; st.Error != "busy: initialisation and Register did not end within 20ms" {
				t.Errorf("got %+v", st)
			}
			if err := e.Close(); err != nil {
				t.Error(err)
			}
			noMoreGoroutines(t, before)
		})
	}
}

// A call that was given up and a goroutine of the package's own go on until their generation is retired at the latest.
func TestWhatNeverEndsIsStopped(t *testing.T) {
	dir := t.TempDir()
	endless := strings.Replace(busy, "close(done)", "", 1)
	endless = strings.Replace(endless, "time.Sleep(50 * time.Millisecond); return nil", "for { }", 1)
	write(t, dir, map[string]string{"busy/busy.go": endless})
	src, _ := moody(t, "local", dir)
	before := goruntime.NumGoroutine()
	e, err := engine.NewWith(t.Context(), engine.Options{Sources: []engine.Source{src}}, newLedger(t), time.Second, time.Second, 20*time.Millisecond)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := e.Call(t.Context(), "stubborn", nil); !errors.Is(err, engine.ErrTimeout) {
		t.Errorf("got %v", err)
	}
	if err := e.Close(); err != nil {
		t.Errorf("got %v", err)
	}
	noMoreGoroutines(t, before)
}

// An instance that does not close does not hold up the engine.
func TestAnInstanceThatDoesNotClose(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, goodA("v1"))
	src, _ := moody(t, "local", dir)
	src.Policy.Grace = time.Millisecond
	before := goruntime.NumGoroutine()
	books := newLedger(t)
	free := make(chan struct{})
	books.onClose = func(context.Context, runtime.Package) { <-free }
	e, err := engine.NewWith(t.Context(), engine.Options{Sources: []engine.Source{src}}, books, time.Second, time.Second, 20*time.Millisecond)
	if err != nil {
		t.Fatal(err)
	}
	write(t, dir, goodA("v2"))
	sync(t, e)
	if got := call(t, e, "a"); got != "v2 world" {
		t.Errorf("got %v", got)
	}
	if err := e.Close(); err == nil || err.Error() != "close local/a: it takes longer than 21ms, and is left behind" {
		t.Errorf("got %v", err)
	}
	close(free)
	noMoreGoroutines(t, before)
}

// A call that does not end holds up Close for a bounded time. It is cancelled, and its generation is closed after it.
func TestACallThatDoesNotEnd(t *testing.T) {
	e, books, ended, cancel, before := longCall(t)
	defer cancel()
	if err := e.Close(); err != nil {
		t.Errorf("got %v", err)
	}
	if err := <-ended; !errors.Is(err, engine.ErrStopped) {
		t.Errorf("got %v, want ErrStopped", err)
	}
	if left := books.left(); len(left) != 0 {
		t.Errorf("%q is left", left)
	}
	noMoreGoroutines(t, before)
}

// A reload does not end the calls that began before it, however long they take.
func TestACallThatOutlivesItsGeneration(t *testing.T) {
	e, books, ended, cancel, before := longCall(t)
	old := books.left()
	for range 2 {
		sync(t, e) // the edit of longCall, and nothing
	}
	if left := books.left(); len(old) != 1 || len(left) != 2 || call(t, e, "quick") != 1.0 {
		t.Errorf("%q was there before, %q is there now", old, left)
	}
	cancel()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	eventually(t, func() bool { return len(books.left()) == 1 })
	if err := e.Close(); err != nil {
		t.Error(err)
	}
	noMoreGoroutines(t, before)
}

// longCall opens an engine with a call under way that ends with cancel, and with an edit that is not live yet.
func longCall(t *testing.T) (e *engine.Engine, books *ledger, ended chan error, cancel context.CancelFunc, goroutines int) {
	t.Helper()
	dir := t.TempDir()
	write(t, dir, map[string]string{"busy/busy.go": strings.Replace(busy, "<-ctx.Done();", `plugin.Progress(ctx, 0, 0, ""); <-ctx.Done();`, 1)})
	src, _ := moody(t, "local", dir)
	src.Packages = []engine.Package{{Path: "busy"}}
	goroutines = goruntime.NumGoroutine()
	books = newLedger(t)
	e, err := engine.NewWith(t.Context(), engine.Options{Sources: []engine.Source{src}}, books, time.Second, time.Millisecond, 10*time.Second)
	if err != nil {
		t.Fatal(err)
	}
	write(t, dir, map[string]string{"busy/busy.go": busy})
	running := make(chan struct{})
	ctx, cancel := context.WithCancel(engine.WithProgress(t.Context(), func(int, int, string) { close(running) }))
	ended = make(chan error, 1)
	go func() {
		_, err := e.Call(ctx, "heeds", nil)
		ended <- err
	}()
	<-running
	return e, books, ended, cancel, goroutines
}
