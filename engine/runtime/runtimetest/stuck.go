package runtimetest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/scriptd/scriptd/engine/runtime"
	"github.com/scriptd/scriptd/plugin"
)

// shortGrace is time enough for what ends at all.
const shortGrace = 50 * time.Millisecond

// stuck are statements that do not end, and do not look at the call's context. All of them can be stopped.
var stuck = []struct{ name, statement string }{
	{"a loop", `for n := 0; ; n++ {}`},
	{"a receive", `<-make(chan int)`},
	{"a send", `make(chan int) <- 1`},
	{"a select", `select {}`},
	{"a range", `for range make(chan int) {}`},
	{"a sleep", `time.Sleep(time.Hour)`},
	{"its own work", `go func() { for {} }(); select { case <-make(chan int): case <-time.After(time.Hour): }`},
}

// sticking is a package whose plugin p gets stuck for good in a statement once it has reported progress, and whose plugin fine
// does not.
func sticking(statement string) runtime.Package {
	p := of(`package p

import (
	"context"
	"log"
	"time"

	"github.com/scriptd/scriptd/plugin"
)

func Register(r *plugin.Registrar) error {
	r.OnClose(func(ctx context.Context) error {
		n := 0
		for i := range 100 {
			n += i
		}
		c := make(chan int)
		go func() { time.Sleep(time.Millisecond); c <- n }()
		log.Print("closed ", <-c)
		return nil
	})
	if err := r.Add(plugin.Spec{Name: "fine"}, func(context.Context) (string, error) { return "fine", nil }); err != nil {
		return err
	}
	return r.Add(plugin.Spec{Name: "p"}, handle)
}

func handle(ctx context.Context) (string, error) {
	plugin.Progress(ctx, 0, 0, "")
	` + statement + `
	return "not reached", nil
}
`)
	p.Grace = shortGrace
	return p
}

// givesUp calls p, and gives the call up once it has reported progress.
func (t *trial) givesUp(inst runtime.Instance, params map[string]any) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	ctx = plugin.WithCall(ctx, &plugin.Call{Progress: func(int, int, string) { cancel() }})
	if res, err := inst.Call(ctx, "p", params); !errors.Is(err, context.Canceled) || res != (plugin.Result{}) {
		t.Errorf("a call that was given up: %+v, %v", res, err)
	}
}

// nothingAbandoned makes sure that a runtime which counts them has no call left that still runs.
func (t *trial) nothingAbandoned() {
	t.Helper()
	if a, ok := t.rt.(runtime.Abandoner); ok && a.Abandoned() != 0 {
		t.Errorf("%d calls are abandoned", a.Abandoned())
	}
}

func stuckCases() []testCase {
	var cases []testCase
	for _, s := range stuck {
		cases = append(cases, testCase{"in " + s.name, func(t *trial) {
			p := sticking(s.statement)
			logged := record(&p)
			told := make(chan error, 10)
			p.Broken = func(err error) { told <- err }
			inst := t.open(p)
			begin := time.Now()
			t.givesUp(inst, nil)
			select {
			case err := <-told:
				if !errors.Is(err, runtime.ErrStuck) {
					t.Errorf("told %v", err)
				}
				if d := time.Since(begin); d < shortGrace {
					t.Errorf("told after %s", d)
				}
			case <-time.After(patience):
				t.Error("nobody was told")
			}
			if res := t.call(inst, "fine", nil); res.Data != "fine" {
				t.Errorf("another call: %+v", res)
			}
			if err := inst.Close(t.Context()); err != nil {
				t.Errorf("close: %v", err)
			}
			logged.wait(t, "closed 4950") // what OnClose does is done whole
			t.nothingAbandoned()
		}})
	}
	return append(cases, []testCase{
		{"it is told once", func(t *trial) {
			p := sticking("select {}")
			told := make(chan error, 10)
			p.Broken = func(err error) { told <- err }
			inst := t.load(p)
			for range 3 {
				t.givesUp(inst, nil)
			}
			if err := <-told; !errors.Is(err, runtime.ErrStuck) {
				t.Errorf("told %v", err)
			}
			t.givesUp(inst, nil)
			select {
			case err := <-told:
				t.Errorf("told again: %v", err)
			case <-time.After(3 * shortGrace):
			}
		}},
		{"whoever is told may close the instance", func(t *trial) {
			p := sticking("select {}")
			insts, closed := make(chan runtime.Instance, 1), make(chan error, 1)
			p.Broken = func(error) { closed <- (<-insts).Close(context.Background()) }
			inst := t.open(p)
			insts <- inst
			t.givesUp(inst, nil)
			if err := <-closed; err != nil {
				t.Error(err)
			}
			t.nothingAbandoned()
		}},
		{"it is told to nobody", func(t *trial) {
			inst := t.load(sticking("select {}"))
			t.givesUp(inst, nil)
			time.Sleep(2 * shortGrace)
			if res := t.call(inst, "fine", nil); res.Data != "fine" {
				t.Errorf("another call: %+v", res)
			}
		}},
		{"calls that end within the grace are none of it", func(t *trial) {
			p := of(source(waiting, "log"))
			p.Grace = 10 * time.Second
			logged := record(&p)
			told := make(chan error, 1)
			p.Broken = func(err error) { told <- err }
			inst := t.load(p)
			for range 5 {
				ctx, cancel := context.WithCancel(t.Context())
				time.AfterFunc(time.Millisecond, cancel)
				if _, err := inst.Call(ctx, "p", nil); !errors.Is(err, context.Canceled) {
					t.Errorf("got %v", err)
				}
			}
			logged.wait(t, "ended")
			select {
			case err := <-told:
				t.Errorf("told %v", err)
			case <-time.After(shortGrace):
			}
		}},
		{"calls whose callers wait are stopped by Close", func(t *trial) {
			for _, s := range stuck {
				inst := t.open(sticking(s.statement))
				began, answers := make(chan struct{}, 2), make(chan error, 2)
				for _, ctx := range []context.Context{t.Context(), context.Background()} {
					ctx = plugin.WithCall(ctx, &plugin.Call{Progress: func(int, int, string) { began <- struct{}{} }})
					go func() {
						res, err := inst.Call(ctx, "p", nil)
						if res != (plugin.Result{}) {
							err = fmt.Errorf("answered %+v", res)
						}
						answers <- err
					}()
				}
				<-began
				<-began
				if err := inst.Close(t.Context()); err != nil {
					t.Errorf("%s: close: %v", s.name, err)
				}
				for range 2 {
					if err := <-answers; !errors.Is(err, runtime.ErrStopped) {
						t.Errorf("%s: the caller got %v", s.name, err)
					}
				}
				t.nothingAbandoned()
			}
		}},
		{"calls have the grace to end", func(t *trial) {
			p := sticking("time.Sleep(20 * time.Millisecond)")
			p.Grace = patience
			inst := t.open(p)
			began, answers := make(chan struct{}), make(chan plugin.Result, 1)
			ctx := plugin.WithCall(t.Context(), &plugin.Call{Progress: func(int, int, string) { close(began) }})
			go func() {
				res, err := inst.Call(ctx, "p", nil)
				if err != nil {
					t.Error(err)
				}
				answers <- res
			}()
			<-began
			if err := inst.Close(t.Context()); err != nil {
				t.Error(err)
			}
			if res := <-answers; res.Data != "not reached" {
				t.Errorf("got %+v", res)
			}
		}},
		{"nothing is called after Close", func(t *trial) {
			inst := t.open(sticking(""))
			if err := inst.Close(t.Context()); err != nil {
				t.Error(err)
			}
			for _, ctx := range []context.Context{t.Context(), context.Background()} {
				if res, err := inst.Call(ctx, "fine", nil); !errors.Is(err, runtime.ErrStopped) || res != (plugin.Result{}) {
					t.Errorf("got %+v, %v", res, err)
				}
			}
		}},
		{"a call that is stopped never looks like a success", func(t *trial) {
			p := of(source(`func handle(_ context.Context, p struct{ N int }) (int, error) {
	sum := 0
	for i := 0; i < p.N; i++ {
		sum += half(i)
	}
	return sum, nil
}
func half(n int) int { return n + 1 - 1 }`))
			p.Grace = time.Nanosecond
			const n = 300
			for range 20 {
				inst := t.open(p)
				var callers sync.WaitGroup
				for range 8 {
					callers.Go(func() {
						for {
							res, err := inst.Call(t.Context(), "p", map[string]any{"N": float64(n)})
							switch {
							case errors.Is(err, runtime.ErrStopped):
								return
							case err != nil || !res.Success || res.Data != float64(n*(n-1)/2):
								t.Errorf("got %+v, %v", res, err)
								return
							}
						}
					})
				}
				time.Sleep(2 * time.Millisecond)
				if err := inst.Close(t.Context()); err != nil {
					t.Error(err)
				}
				callers.Wait()
			}
		}},
	}...)
}
