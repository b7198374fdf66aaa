package runtimetest

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/scriptd/scriptd/engine/runtime"
)

// healthy is a package that registers functions of Health: the lines of a Go block that begins in line 15.
func healthy(lines string) runtime.Package {
	p := of(`package p

import (
	"context"
	"errors"
	"log"
	"time"

	"github.com/scriptd/scriptd/plugin"
)

var _, _, _ = errors.New, time.Sleep, log.Print

func Register(r *plugin.Registrar) error {
` + lines + `
	return r.Add(plugin.Spec{Name: "p"}, func(context.Context) error { return nil })
}

func say(s string, err error) func(context.Context) error {
	return func(context.Context) error { log.Print(s); return err }
}
`)
	p.Grace = shortGrace
	return p
}

func healthCases() []testCase {
	return []testCase{
		{"nothing to ask", func(t *trial) {
			for _, lines := range []string{"", "\tr.Health(nil)\n\tr.OnClose(nil)"} {
				if err := t.load(healthy(lines)).Health(t.Context()); err != nil {
					t.Error(err)
				}
			}
		}},
		{"functions are asked in their order, up to the first error", func(t *trial) {
			p := healthy("\tr.Health(say(\"one\", nil))\n\tr.Health(say(\"two\", errors.New(\"ill\")))\n\tr.Health(say(\"three\", nil))")
			logged := record(&p)
			inst := t.load(p)
			for range 2 {
				if err := inst.Health(t.Context()); err == nil || err.Error() != "ill" {
					t.Errorf("got %v", err)
				}
			}
			if got := messages(logged.wait(t, "two")); !slices.Equal(got, []string{"one", "two", "one", "two"}) {
				t.Errorf("asked %v", got)
			}
		}},
		{"it is not asked by itself", func(t *trial) {
			p := healthy("\tr.Health(say(\"asked\", nil))")
			logged := record(&p)
			inst := t.load(p)
			t.answers(inst, nil, "null")
			if err := inst.Health(t.Context()); err != nil {
				t.Error(err)
			}
			if got := messages(logged.wait(t, "asked")); len(got) != 1 {
				t.Errorf("asked %v", got)
			}
		}},
		{"a panic is an error, and says where", func(t *trial) {
			inst := t.load(healthy("\tr.Health(func(context.Context) error {\n\t\tpanic(\"no luck\")\n\t})"))
			for range 2 {
				if err := inst.Health(t.Context()); err == nil || err.Error() != "p/p.go:16:3: panic in Health: no luck" {
					t.Errorf("got %v", err)
				}
			}
			t.answers(inst, nil, "null")
		}},
		{"functions see the end of their time", func(t *trial) {
			inst := t.load(healthy("\tr.Health(func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() })"))
			ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
			defer cancel()
			if err := inst.Health(ctx); err == nil || !strings.Contains(err.Error(), context.DeadlineExceeded.Error()) {
				t.Errorf("got %v", err)
			}
		}},
		{"a function that hangs is left behind, and told", func(t *trial) {
			p := healthy("\tr.Health(func(context.Context) error { for { } })")
			told := make(chan error, 1)
			p.Broken = func(err error) { told <- err }
			inst := t.open(p)
			ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
			defer cancel()
			if err := inst.Health(ctx); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("got %v", err)
			}
			if err := <-told; !errors.Is(err, runtime.ErrStuck) {
				t.Errorf("told %v", err)
			}
			t.answers(inst, nil, "null")
			if err := inst.Close(t.Context()); err != nil {
				t.Error(err)
			}
			t.nothingAbandoned()
		}},
		{"nothing is asked once the context has ended", func(t *trial) {
			p := healthy("\tr.Health(say(\"asked\", nil))")
			logged := record(&p)
			inst := t.load(p)
			ctx, cancel := context.WithCancel(t.Context())
			cancel()
			if err := inst.Health(ctx); !errors.Is(err, context.Canceled) {
				t.Errorf("got %v", err)
			}
			if err := inst.Health(t.Context()); err != nil {
				t.Error(err)
			}
			if got := messages(logged.wait(t, "asked")); len(got) != 1 {
				t.Errorf("asked %v", got)
			}
		}},
		{"nothing is asked after Close", func(t *trial) {
			inst := t.open(healthy("\tr.Health(say(\"asked\", nil))"))
			if err := inst.Close(t.Context()); err != nil {
				t.Error(err)
			}
			if err := inst.Health(t.Context()); !errors.Is(err, runtime.ErrStopped) {
				t.Errorf("got %v", err)
			}
		}},
		{"several ask at once", func(t *trial) {
			inst := t.load(healthy("\tr.Health(func(context.Context) error { return errors.New(\"ill\") })"))
			var callers sync.WaitGroup
			for range 16 {
				callers.Go(func() {
					for range 20 {
						if err := inst.Health(t.Context()); err == nil || err.Error() != "ill" {
							t.Errorf("got %v", err)
						}
					}
				})
			}
			callers.Wait()
		}},
	}
}
