package engine_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	gosync "sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/scriptd/scriptd/engine"
)

// run starts Run, and ends it with the test.
func run(t testing.TB, e *engine.Engine) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- e.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("Run: %v", err)
		}
	})
}

func TestRunFollowsAFolder(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, map[string]string{"hello/hello.go": greeter("hello", "v0")})
	e := open(t, engine.Options{Sources: []engine.Source{folder(t, "local", dir)}})
	run(t, e)
	for i := 1; i <= 5; i++ {
		want := fmt.Sprintf("v%d", i)
		write(t, dir, map[string]string{"hello/hello.go": greeter("hello", want)})
		eventually(t, func() bool { return call(t, e, "hello") == want+" world" })
	}
	write(t, dir, map[string]string{"sub/more/more.go": greeter("more", "found")})
	eventually(t, func() bool {
		_, err := e.Describe("more")
		return err == nil
	})
	if err := os.RemoveAll(filepath.Join(dir, "sub")); err != nil {
		t.Fatal(err)
	}
	eventually(t, func() bool {
		_, err := e.Describe("more")
		return errors.Is(err, engine.ErrNotFound)
	})
}

func TestRunRecoversByItself(t *testing.T) {
	for name, how := range map[string]*mood{"down": down, "denied": denied, "silent": silent, "cut off": cutOff} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			write(t, dir, map[string]string{"hello/hello.go": greeter("hello", "v1")})
			src, origin := moody(t, "away", dir)
			origin.mood.Store(how)
			src.Interval, src.Timeout = 20*time.Millisecond, 10*time.Millisecond
			e := open(t, engine.Options{Sources: []engine.Source{src}})
			st := e.Sources()[0]
			if st.Ready || st.Stale || st.Err == nil {
				t.Errorf("got %+v, want neither ready nor stale", st)
			}
			run(t, e)
			polls := origin.polls.Load()
			eventually(t, func() bool { return origin.polls.Load() > polls+3 })
			origin.mood.Store(up)
			eventually(t, func() bool { return e.Sources()[0].Ready })
			if got := call(t, e, "hello"); got != "v1 world" {
				t.Errorf("got %v", got)
			}
			origin.mood.Store(how)
			write(t, dir, map[string]string{"hello/hello.go": greeter("hello", "v2")})
			eventually(t, func() bool { return e.Sources()[0].Stale })
			if got := call(t, e, "hello"); got != "v1 world" {
				t.Errorf("got %v while the origin is away", got)
			}
			origin.mood.Store(up)
			eventually(t, func() bool { return call(t, e, "hello") == "v2 world" })
			eventually(t, func() bool { return !e.Sources()[0].Stale })
		})
	}
}

func TestCallsDuringReloads(t *testing.T) {
	const callers, versions = 8, 30
	dir := t.TempDir()
	write(t, dir, map[string]string{"hello/hello.go": greeter("hello", "v0")})
	e := open(t, engine.Options{Sources: []engine.Source{folder(t, "local", dir)}})
	var answered atomic.Int64
	stop := make(chan struct{})
	var calls gosync.WaitGroup
	for range callers {
		calls.Go(func() {
			last := 0
			for {
				select {
				case <-stop:
					return
				default:
				}
				res, err := e.Call(t.Context(), "hello", nil)
				if err != nil || !res.Success {
					t.Errorf("call failed: %v %s", err, res.Error)
					return
				}
				var version int
				if _, err := fmt.Sscanf(res.Data.(string), "v%d world", &version); err != nil || version < last {
					t.Errorf("got %v after version %d", res.Data, last)
					return
				}
				last = version
				answered.Add(1)
			}
		})
	}
	for v := 1; v <= versions; v++ {
		content := greeter("hello", fmt.Sprintf("v%d", v))
		if v%3 == 0 {
			content = "package hello\n\nfunc Register( {\n"
		}
		write(t, dir, map[string]string{"hello/hello.go": content})
		sync(t, e)
	}
	close(stop)
	calls.Wait()
	t.Logf("%d calls", answered.Load())
}

func TestCloseWaitsForCalls(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, map[string]string{"p/p.go": `package p

import (
	"context"
	"errors"

	"github.com/scriptd/scriptd/plugin"
)

func Register(r *plugin.Registrar) error {
	closed := false
	r.OnClose(func(context.Context) error {
		closed = true
		return errors.New("closing is hard")
	})
	return r.Add(plugin.Spec{Name: "wait"}, func(ctx context.Context) (bool, error) {
		plugin.Progress(ctx, 1, 2, "waiting")
		<-ctx.Done()
		return closed, nil
	})
}
`})
	e, err := engine.New(t.Context(), engine.Options{Isolation: engine.IsolationNone, Sources: []engine.Source{folder(t, "local", dir)}})
	if err != nil {
		t.Fatal(err)
	}
	running := make(chan string, 1)
	ctx, cancel := context.WithCancel(engine.WithProgress(t.Context(), func(done, total int, note string) {
		running <- fmt.Sprintf("%d/%d %s", done, total, note)
	}))
	ended := make(chan error, 1)
	go func() {
		_, err := e.Call(ctx, "wait", nil)
		ended <- err
	}()
	if got := <-running; got != "1/2 waiting" {
		t.Errorf("got progress %q", got)
	}
	closed := make(chan error, 1)
	go func() { closed <- e.Close() }()
	eventually(t, func() bool {
		_, err := e.Describe("wait")
		return errors.Is(err, engine.ErrClosed)
	})
	select {
	case err := <-closed:
		t.Errorf("Close returned %v while a call was running", err)
	default:
	}
	cancel()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want the cancellation", err)
	}
	if err := <-closed; err == nil || err.Error() != "close local/p: closing is hard" {
		t.Errorf("got %v, want the error of OnClose", err)
	}
	if err := e.Run(t.Context()); !errors.Is(err, engine.ErrClosed) {
		t.Errorf("Run after Close: %v", err)
	}
	if _, err := e.Sync(t.Context()); !errors.Is(err, engine.ErrClosed) {
		t.Errorf("Sync after Close: %v", err)
	}
}

func TestConcurrency(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, map[string]string{"p/p.go": `package p

import (
	"context"

	"github.com/scriptd/scriptd/plugin"
)

func Register(r *plugin.Registrar) error {
	return r.Add(plugin.Spec{Name: "one", Concurrency: 1}, func(ctx context.Context, p struct{ Wait bool }) error {
		plugin.Progress(ctx, 0, 0, "in")
		if p.Wait {
			<-ctx.Done()
		}
		return nil
	})
}
`})
	e := open(t, engine.Options{Sources: []engine.Source{folder(t, "local", dir)}})
	in := make(chan struct{})
	holder, release := context.WithCancel(engine.WithProgress(t.Context(), func(int, int, string) { close(in) }))
	defer release()
	ended := make(chan error, 1)
	go func() {
		_, err := e.Call(holder, "one", map[string]any{"Wait": true})
		ended <- err
	}()
	<-in
	tight, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	if _, err := e.Call(tight, "one", map[string]any{"Wait": false}); !errors.Is(err, engine.ErrBusy) {
		t.Errorf("got %v, want ErrBusy", err)
	}
	release()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want the cancellation", err)
	}
	if _, err := e.Call(t.Context(), "one", map[string]any{"Wait": false}); err != nil {
		t.Errorf("the place was not given back: %v", err)
	}
}

// Whether a plugin heeds its context, and how fast, makes no difference to what its caller hears.
func TestAFailureAfterTheTimeIsATimeout(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, map[string]string{"a/a.go": greeter("a", "v1")})
	books := newLedger(t)
	books.late = true
	e := books.open(engine.Options{Sources: []engine.Source{folder(t, "local", dir)}, CallTimeout: time.Millisecond})
	if res, err := e.Call(t.Context(), "a", nil); !errors.Is(err, engine.ErrTimeout) {
		t.Errorf("got %+v, %v, want ErrTimeout", res, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if res, err := e.Call(ctx, "a", nil); !errors.Is(err, context.Canceled) {
		t.Errorf("got %+v, %v, want the cancellation", res, err)
	}
}

func removeAll(dir, name string) error { return os.RemoveAll(filepath.Join(dir, name)) }
