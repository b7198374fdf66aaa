package client_test

import (
	"context"
	"errors"
	"fmt"
	goruntime "runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/scriptd/scriptd/client"
	"github.com/scriptd/scriptd/engine"
	"github.com/scriptd/scriptd/engine/runtime/runtimetest"
)

// 32 callers hold one value over 100 reloads. None fails, and none gets an answer of a version that was replaced before its call.
func TestCallsOverReloads(t *testing.T) {
	for _, isolation := range []engine.Isolation{engine.IsolationNone, engine.IsolationProcess} {
		t.Run(string(isolation), func(t *testing.T) { callsOverReloads(t, isolation) })
	}
}

func callsOverReloads(t *testing.T, isolation engine.Isolation) {
	t.Helper()
	reloads := int64(100)
	if testing.Short() {
		reloads = 20
	}
	h := greeterHost(t, func(o *engine.Options) { o.Isolation = isolation })
	h.put(t, "greeter/greeter.go", greeterSource("english", "0"))
	g := get[Greeter](t, greeterClient(t, serve(t, h.Engine, nil).url, nil), "english")
	var live atomic.Int64
	stop := runtimetest.Callers(t, 32, func() bool {
		atLeast := live.Load()
		text, err := g.Greet(t.Context(), Greeting{Name: "Bob"})
		var version int64
		if _, scanErr := fmt.Sscanf(text, "%d Bob", &version); err != nil || scanErr != nil || version < atLeast {
			t.Errorf("got %q, %v, when version %d was live", text, err, atLeast)
			return false
		}
		time.Sleep(200 * time.Microsecond) // the reloads are to get on as well
		return true
	})
	for n := range reloads {
		h.put(t, "greeter/greeter.go", greeterSource("english", fmt.Sprint(n+1)))
		live.Store(n + 1)
	}
	if calls := stop(); calls < 32*reloads {
		t.Errorf("only %d calls", calls)
	}
}

// TestNothingIsLeft has callers, watchers, restarts and reloads at the same time, and looks for what they leave behind.
func TestNothingIsLeft(t *testing.T) {
	h := greeterHost(t, nil)
	before := goruntime.NumGoroutine()
	s := serve(t, h.Engine, nil)
	for round := range 3 {
		c := greeterClient(t, s.url, nil)
		g := get[Greeter](t, c, "english")
		ctx, cancel := context.WithCancel(t.Context())
		var work sync.WaitGroup
		for range 8 {
			work.Go(func() { callUntil(ctx, t, g) })
		}
		for range 2 {
			changes, err := client.Watch[Greeter](ctx, c)
			if err != nil {
				t.Fatal(err)
			}
			work.Go(func() {
				for range changes {
				}
			})
		}
		for n := range 3 {
			h.put(t, "greeter/greeter.go", greeterSource("english", fmt.Sprint(n)))
			s.stop(t)
			s = serveAt(t, h.Engine, nil, s.addr)
			eventually(t, func() error { return greets(t, g) })
		}
		if round == 1 { // the callers end with the client
			c.Close()
		}
		cancel()
		work.Wait()
		c.Close()
	}
	s.stop(t)
	noMoreGoroutines(t, before)
}

// callUntil calls until ctx ends, in ways that fail and that do not.
func callUntil(ctx context.Context, t *testing.T, g Greeter) {
	t.Helper()
	for n := 0; ctx.Err() == nil; n++ {
		within, cancel := context.WithTimeout(ctx, time.Millisecond)
		name := []string{"Bob", "wait", "panic"}[n%3]
		_, err := g.Greet(within, Greeting{Name: name})
		cancel()
		known := err == nil || ctx.Err() != nil
		for _, is := range []error{client.ErrUnavailable, client.ErrClosed, client.ErrTimeout, client.ErrStopped, context.DeadlineExceeded} {
			known = known || errors.Is(err, is)
		}
		if _, panicked := errors.AsType[*client.PanicError](err); !known && !panicked {
			t.Errorf("%s: %v", name, err)
		}
		err = g.Visit(ctx, func(string) error { return errVisited })
		known = ctx.Err() != nil
		for _, is := range []error{client.ErrUnavailable, client.ErrClosed, client.ErrStopped} {
			known = known || errors.Is(err, is)
		}
		if !known && (err == nil || err.Error() != errVisited.Error()) {
			t.Errorf("visit: %v", err)
		}
	}
}

var errVisited = errors.New("visited")

// noMoreGoroutines fails the test where there are more goroutines than before, and says what they do.
func noMoreGoroutines(t *testing.T, before int) {
	t.Helper()
	deadline := time.Now().Add(10 * time.Second)
	for goruntime.NumGoroutine() > before {
		if time.Now().After(deadline) {
			stacks := make([]byte, 1<<20)
			t.Fatalf("%d goroutines, %d before:\n%s", goruntime.NumGoroutine(), before, stacks[:goruntime.Stack(stacks, true)])
		}
		time.Sleep(5 * time.Millisecond)
	}
}
