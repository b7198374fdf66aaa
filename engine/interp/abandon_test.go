package interp

import (
	"context"
	"errors"
	"io"
	"log/slog"
	goruntime "runtime"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/scriptd/scriptd/engine/runtime"
)

// abandonedBodies are stuck in compiled code that is deaf to a stop. They log what would release them.
var abandonedBodies = []struct {
	name, body, imports string
}{
	{"mutex", `var mu sync.Mutex; mu.Lock(); release(&mu); mu.Lock()`, "sync"},
	{"mutex for reading", `var mu sync.RWMutex; mu.Lock(); release(&mu); mu.RLock()`, "sync"},
	{"wait group", `var wg sync.WaitGroup; wg.Add(1); release(&wg); wg.Wait()`, "sync"},
	{"condition", `var mu sync.Mutex; mu.Lock(); c := sync.NewCond(&mu); release(c); c.Wait()`, "sync"},
	{"pipe", `r, w := io.Pipe(); release(w); r.Read(make([]byte, 1))`, "io"},
	{"connection", `c, err := net.Dial("tcp", "SLOW"); if err != nil { panic(err) }; release(c); c.Read(make([]byte, 1))`, "net"},
	{"listener", `l, err := net.Listen("tcp", "127.0.0.1:0"); if err != nil { panic(err) }; release(l); l.Accept()`, "net"},
}

// releases are the values that a package logs, and the other messages.
type releases struct {
	values chan any
	others chan string
}

func (r releases) Enabled(context.Context, slog.Level) bool { return true }
func (r releases) WithAttrs([]slog.Attr) slog.Handler       { return r }
func (r releases) WithGroup(string) slog.Handler            { return r }
func (r releases) Handle(_ context.Context, record slog.Record) error {
	if record.NumAttrs() == 0 {
		r.others <- record.Message
	}
	record.Attrs(func(a slog.Attr) bool {
		r.values <- a.Value.Any()
		return true
	})
	return nil
}

// Calls that are stuck in compiled code which cannot be stopped are counted until they end, and do nothing more then.
func TestAbandonedCalls(t *testing.T) {
	addresses := servers(t)
	for _, stuck := range abandonedBodies {
		t.Run(stuck.name, func(t *testing.T) {
			rt := New()
			before := goruntime.NumGoroutine()
			body := "release := func(v any) { slog.Info(\"release\", \"it\", v) }\n" + addresses.Replace(stuck.body) + "\nslog.Info(\"it went on\")\n"
			p := stuckPackage(body, stuck.imports+" log/slog")
			logged := releases{make(chan any, 1), make(chan string, 1)}
			p.Log = slog.New(logged)
			inst, err := rt.Load(t.Context(), p)
			if err != nil {
				t.Fatal(err)
			}
			getStuck(t, inst)
			if n := rt.Abandoned(); n != 0 {
				t.Errorf("%d calls are abandoned before anything is closed", n)
			}
			if err := inst.Close(t.Context()); err != nil {
				t.Error(err)
			}
			if n := rt.Abandoned(); n != 1 {
				t.Errorf("%d calls are abandoned, want 1", n)
			}
			release(t, <-logged.values)
			noneAbandoned(t, rt)
			settled(t, before)
			select {
			case message := <-logged.others:
				t.Error(message)
			default:
			}
		})
	}
}

// noneAbandoned waits for abandoned calls to end, which can.
func noneAbandoned(t *testing.T, rt *Runtime) {
	t.Helper()
	for deadline := time.Now().Add(30 * time.Second); rt.Abandoned() > 0; time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%d calls are abandoned, and none runs", rt.Abandoned())
		}
	}
}

func release(t *testing.T, v any) {
	t.Helper()
	switch v := v.(type) {
	case *sync.Mutex:
		v.Unlock()
	case *sync.RWMutex:
		v.Unlock()
	case *sync.WaitGroup:
		v.Done()
	case *sync.Cond:
		v.Broadcast()
	case io.Closer:
		_ = v.Close()
	default:
		t.Fatalf("logged a %T", v)
	}
}

// A caller that waits is told that its call was stopped, even where the call cannot be.
func TestCallersAreNotAbandoned(t *testing.T) {
	rt := New()
	before := goruntime.NumGoroutine()
	p := stuckPackage(`var mu sync.Mutex; mu.Lock(); slog.Info("release", "it", &mu); mu.Lock()`, "sync log/slog")
	logged := releases{make(chan any, 1), make(chan string, 1)}
	p.Log = slog.New(logged)
	inst, err := rt.Load(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	answer := make(chan error, 1)
	go func() {
		_, err := inst.Call(context.Background(), "p", nil)
		answer <- err
	}()
	mu := <-logged.values
	if err := inst.Close(t.Context()); err != nil {
		t.Error(err)
	}
	if err := <-answer; !errors.Is(err, runtime.ErrStopped) {
		t.Errorf("got %v", err)
	}
	if n := rt.Abandoned(); n != 1 {
		t.Errorf("%d calls are abandoned, want 1", n)
	}
	release(t, mu)
	noneAbandoned(t, rt)
	settled(t, before)
}

// A function of Health that hangs is left behind as a call is.
func TestHealthIsAbandoned(t *testing.T) {
	rt := New()
	before := goruntime.NumGoroutine()
	p := stuckPackage("", "sync log/slog")
	files := p.Tree.(fstest.MapFS)
	source := string(files["p.go"].Data)
	files["p.go"].Data = []byte(strings.Replace(source, "error {\n", `error {
	r.Health(func(context.Context) error { var mu sync.Mutex; mu.Lock(); slog.Info("release", "it", &mu); mu.Lock(); return nil })
`, 1))
	logged := releases{make(chan any, 1), make(chan string, 1)}
	p.Log = slog.New(logged)
	told := make(chan error, 1)
	p.Broken = func(err error) { told <- err }
	inst, err := rt.Load(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	var mu any
	go func() {
		mu = <-logged.values
		cancel()
	}()
	if err := inst.Health(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	if err := <-told; !errors.Is(err, runtime.ErrStuck) || !strings.HasPrefix(err.Error(), "Health: ") {
		t.Errorf("told %v", err)
	}
	if err := inst.Close(t.Context()); err != nil {
		t.Error(err)
	}
	if n := rt.Abandoned(); n != 1 {
		t.Errorf("%d are abandoned, want 1", n)
	}
	release(t, mu)
	noneAbandoned(t, rt)
	settled(t, before)
}
