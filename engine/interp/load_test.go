package interp

import (
	"context"
	"errors"
	"log/slog"
	goruntime "runtime"
	"slices"
	"testing"
	"testing/fstest"
	"time"

	"github.com/scriptd/scriptd/engine/runtime"
)

// A load that was given up closes what it had registered, and leaves no goroutine behind.
func TestEndlessLoadsEnd(t *testing.T) {
	const opens = `r.OnClose(say("first")); r.OnClose(say("second")); log.Print("begun"); `
	both := []string{"second", "first"}
	for _, test := range []struct {
		name, body, register string
		closed               []string
	}{
		{"init", `func init() { log.Print("begun"); for { f() } }`, "return nil", nil},
		{"init that waits for a channel", `func init() { log.Print("begun"); <-make(chan int) }`, "return nil", nil},
		{"variable", `var _ = func() int { log.Print("begun"); select {} }()`, "return nil", nil},
		{"a loop", "", opens + "for { f() }", both},
		{"a channel", "", opens + "<-make(chan int); return nil", both},
		{"a sleep", "", opens + "time.Sleep(time.Hour); return nil", both},
		{"goroutines", "", opens + "go func() { for { f() } }(); go func() { select {} }(); select {}", both},
		{"what is registered in the meantime", "", `c := make(chan bool)
			r.OnClose(say("first"))
			r.OnClose(func(context.Context) error { c <- true; c <- true; log.Print("second"); return nil })
			log.Print("begun")
			<-c
			r.OnClose(say("late"))
			<-c
			select {}`, []string{"second", "late", "first"}},
		{"one that ends in the meantime", "", opens + `time.Sleep(50 * time.Millisecond); return nil`, both},
	} {
		t.Run(test.name, func(t *testing.T) {
			before := goruntime.NumGoroutine()
			source := "package p\n\nimport (\"context\"; \"log\"; \"time\"; \"github.com/scriptd/scriptd/plugin\")\n\nvar _ = time.Sleep\n" +
				"func f() {}\nfunc say(s string) func(context.Context) error { return func(context.Context) error { log.Print(s); return nil } }\n" +
				test.body + "\nfunc Register(r *plugin.Registrar) error { " + test.register + " }\n"
			rt := New()
			for range 3 {
				logged := make(chan string, 10)
				ctx, cancel := context.WithCancel(t.Context())
				_, err := rt.Load(ctx, runtime.Package{
					Tree: fstest.MapFS{"p.go": {Data: []byte(source)}}, Dir: ".", Grace: 50 * time.Millisecond,
					Log: slog.New(slogFunc(func(msg string) {
						if msg == "begun" {
							cancel()
							return
						}
						logged <- msg
					})),
				})
				cancel()
				if !errors.Is(err, context.Canceled) {
					t.Fatalf("got %v", err)
				}
				var closed []string
				for range test.closed {
					closed = append(closed, <-logged)
				}
				if !slices.Equal(closed, test.closed) {
					t.Errorf("closed %v, want %v", closed, test.closed)
				}
			}
			settled(t, before)
			if n := rt.Abandoned(); n != 0 {
				t.Errorf("%d loads are abandoned", n)
			}
		})
	}
}
