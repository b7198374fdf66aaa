package engine

import (
	"context"
	"errors"
	goruntime "runtime"
	"testing"
	"time"

	"github.com/scriptd/scriptd/engine/runtime"
	"github.com/scriptd/scriptd/plugin"
)

// startContext starts a call's context with a limit.
func startContext(t *testing.T, parent context.Context, k *clock) (c *callContext, ctx context.Context) {
	t.Helper()
	c = new(callContext)
	c.start(parent, time.Now(), k.limit)
	k.enter(c)
	t.Cleanup(func() {
		k.leave(c)
		c.end()
	})
	return c, plugin.WithCall(c, &plugin.Call{})
}

// A call's context does what one of package context does, also for those that are derived from it, and costs them no
// goroutine.
func TestCallContext(t *testing.T) {
	type key struct{}
	parent := context.WithValue(t.Context(), key{}, "value")
	for _, tt := range []struct {
		name  string
		limit time.Duration
		// end ends the caller's context, where it is not nil.
		parent func() (context.Context, context.CancelFunc)
		want   error
	}{
		{"its time is over", 20 * time.Millisecond, func() (context.Context, context.CancelFunc) { return parent, func() {} }, context.DeadlineExceeded},
		{"its caller's time is over", time.Hour, func() (context.Context, context.CancelFunc) {
			return context.WithTimeout(parent, 20*time.Millisecond)
		}, context.DeadlineExceeded},
		{"its caller goes away", time.Hour, func() (context.Context, context.CancelFunc) {
			ctx, cancel := context.WithCancel(parent)
			time.AfterFunc(20*time.Millisecond, cancel)
			return ctx, cancel
		}, context.Canceled},
	} {
		t.Run(tt.name, func(t *testing.T) {
			caller, cancel := tt.parent()
			defer cancel()
			before := goruntime.NumGoroutine()
			c, ctx := startContext(t, caller, &clock{limit: tt.limit})
			derived, stop := context.WithTimeout(ctx, time.Hour)
			defer stop()
			if end := runtime.End(ctx); end != c.over() {
				t.Error("it has no end of its own")
			}
			heard := make(chan struct{})
			context.AfterFunc(ctx, func() { close(heard) })
			unheard := context.AfterFunc(derived, func() { t.Error("it was taken back") })
			if !unheard() {
				t.Error("it cannot be taken back")
			}
			for goruntime.NumGoroutine() > before && ctx.Err() == nil { // those of timers are there for a moment
				goruntime.Gosched()
			}
			if n := goruntime.NumGoroutine(); n > before {
				t.Errorf("%d goroutines wait", n-before)
			}
			if ctx.Err() != nil || derived.Err() != nil || derived.Value(key{}) != "value" || plugin.CallFrom(derived) == nil {
				t.Errorf("got %v, %v, %v", ctx.Err(), derived.Err(), derived.Value(key{}))
			}
			if d, ok := derived.Deadline(); !ok || time.Until(d) > tt.limit {
				t.Errorf("the deadline is %s", d)
			}
			for _, ctx := range []context.Context{c, ctx, derived} {
				select {
				case <-ctx.Done():
				case <-time.After(10 * time.Second):
					t.Fatal("it does not end")
				}
				if !errors.Is(ctx.Err(), tt.want) {
					t.Errorf("got %v, want %v", ctx.Err(), tt.want)
				}
			}
			<-heard
			late, cancelLate := context.WithCancel(ctx)
			defer cancelLate()
			if !errors.Is(late.Err(), tt.want) {
				t.Errorf("got %v of a context that is derived too late", late.Err())
			}
		})
	}
}

// Calls that end in any order leave the others their time.
func TestClock(t *testing.T) {
	k := &clock{limit: 100 * time.Millisecond}
	var all []*callContext
	for range 10 {
		c, _ := startContext(t, t.Context(), k)
		all = append(all, c)
	}
	for _, i := range []int{0, 9, 4, 5} {
		k.leave(all[i])
		all[i].end()
	}
	start := time.Now()
	for i, c := range all {
		<-c.Done()
		if want := map[int]bool{0: true, 9: true, 4: true, 5: true}[i]; want != errors.Is(c.Err(), context.Canceled) {
			t.Errorf("%d: got %v", i, c.Err())
		}
	}
	if k.first != nil || k.last != nil || k.young != nil {
		t.Error("some are left in the queue")
	}
	if took := time.Since(start); took < 50*time.Millisecond {
		t.Errorf("they ended after %s", took)
	}
	// The next one has its time, too.
	c, _ := startContext(t, t.Context(), k)
	if <-c.Done(); !errors.Is(c.Err(), context.DeadlineExceeded) {
		t.Errorf("got %v", c.Err())
	}
}

// A call that nobody has asked for Done hears of its caller's going away a moment later, and at once when it is asked.
func TestYoungCalls(t *testing.T) {
	k := &clock{limit: time.Hour}
	for name, ask := range map[string]func(*callContext){
		"waits": func(c *callContext) { <-runtime.End(c) },
		"asks":  func(c *callContext) {},
	} {
		caller, cancel := context.WithCancel(t.Context())
		c, _ := startContext(t, caller, k)
		cancel()
		ask(c)
		if !errors.Is(c.Err(), context.Canceled) {
			t.Errorf("%s: got %v", name, c.Err())
		}
	}
}
