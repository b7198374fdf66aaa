package runtimetest

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/scriptd/scriptd/engine/runtime"
)

// closing is a package whose OnClose functions are the lines of a Go block, in a Register.
func closing(lines string) runtime.Package {
	return of(`package p

import (
	"context"
	"errors"
	"log"
	"time"

	"github.com/scriptd/scriptd/plugin"
)

var _, _ = errors.New, time.Sleep

func Register(r *plugin.Registrar) error {
` + lines + `
	return r.Add(plugin.Spec{Name: "p"}, handle)
}

func handle(ctx context.Context, p struct{ Sleep int }) error {
	plugin.Progress(ctx, 0, 0, "")
	time.Sleep(time.Duration(p.Sleep) * time.Millisecond)
	log.Print("handled")
	return nil
}

func say(s string) func(context.Context) error {
	return func(context.Context) error { log.Print(s); return nil }
}
`)
}

// open loads a package that the case closes.
func (t *trial) open(p runtime.Package) runtime.Instance {
	t.Helper()
	inst, err := t.rt.Load(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	return inst
}

// messages are the messages of lines that were logged.
func messages(lines []string) []string {
	var out []string
	for _, l := range lines {
		_, msg, _ := strings.Cut(l, "msg=")
		msg, _, _ = strings.Cut(msg, " ")
		out = append(out, msg)
	}
	return out
}

func closeCases() []testCase {
	return []testCase{
		{"functions run in reverse order, once", func(t *trial) {
			p := closing("\tr.OnClose(say(\"one\"))\n\tr.OnClose(say(\"two\"))\n\tr.OnClose(say(\"three\"))")
			logged := record(&p)
			inst := t.open(p)
			for range 3 {
				if err := inst.Close(t.Context()); err != nil {
					t.Error(err)
				}
			}
			if got := messages(logged.wait(t, "one")); !slices.Equal(got, []string{"three", "two", "one"}) {
				t.Errorf("got %v", got)
			}
		}},
		{"nothing to do", func(t *trial) {
			if err := t.open(of(source(`func handle(context.Context) error { return nil }`))).Close(t.Context()); err != nil {
				t.Error(err)
			}
		}},
		{"errors and panics are told, and stop nothing", func(t *trial) {
			p := closing("\tr.OnClose(say(\"last\"))\n" +
				"\tr.OnClose(func(context.Context) error { return errors.New(\"an error\") })\n" +
				"\tr.OnClose(func(context.Context) error { panic(\"a panic\") })")
			logged := record(&p)
			inst := t.open(p)
			err := inst.Close(t.Context())
			want := "close test/p: p/p.go:17:42: panic in OnClose: a panic\nclose test/p: an error"
			if err == nil || err.Error() != want {
				t.Errorf("got  %v\nwant %s", err, want)
			}
			logged.wait(t, "last")
			if again := inst.Close(t.Context()); again == nil || again.Error() != want {
				t.Errorf("the second Close: got %v", again)
			}
		}},
		{"a function sees the end of its time", func(t *trial) {
			p := closing("\tr.OnClose(func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() })")
			ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
			defer cancel()
			if err := t.open(p).Close(ctx); err == nil || !strings.Contains(err.Error(), "deadline exceeded") {
				t.Errorf("got %v", err)
			}
		}},
		{"a function that does not end is left behind", func(t *trial) {
			p := closing("\tr.OnClose(say(\"next\"))\n\tr.OnClose(func(ctx context.Context) error { time.Sleep(500 * time.Millisecond); return nil })")
			logged := record(&p)
			ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
			defer cancel()
			if err := t.open(p).Close(ctx); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("got %v", err)
			}
			logged.wait(t, "next")
		}},
		{"calls that their callers gave up end first", func(t *trial) {
			p := closing("\tr.OnClose(say(\"closed\"))")
			logged := record(&p)
			inst := t.open(p)
			t.givesUp(inst, map[string]any{"Sleep": 100.0})
			if err := inst.Close(t.Context()); err != nil {
				t.Error(err)
			}
			if got := messages(logged.wait(t, "closed")); !slices.Equal(got, []string{"handled", "closed"}) {
				t.Errorf("got %v", got)
			}
		}},
		{"calls that do not end are told", func(t *trial) {
			p := closing("\tr.OnClose(say(\"closed\"))")
			logged := record(&p)
			inst := t.open(p)
			t.givesUp(inst, map[string]any{"Sleep": 500.0})
			short, stop := context.WithTimeout(t.Context(), 5*time.Millisecond)
			defer stop()
			err := inst.Close(short)
			if !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "calls are still running") {
				t.Errorf("got %v", err)
			}
			logged.wait(t, "closed")
		}},
		{"functions that a failed Register left are run", func(t *trial) {
			p := closing("\tr.OnClose(say(\"cleaned\"))\n\tif true {\n\t\treturn errors.New(\"no\")\n\t}")
			logged := record(&p)
			t.refusedWith(p, "p/p.go:14:6: Register: no")
			logged.wait(t, "cleaned")
		}},
	}
}
