package interp

import (
	"context"
	"fmt"
	"log/slog"
	"reflect"
	"strings"
	"testing"

	"github.com/scriptd/scriptd/engine/interp/rt"
)

// What is used of the interpreter's insides is where it is expected.
func TestInterpreterInternals(t *testing.T) {
	if !insides.found {
		t.Error("an Interpreter does not have the fields that stop it")
	}
}

func TestLineWriter(t *testing.T) {
	var got []string
	w := &lineWriter{log: slog.New(slogFunc(func(msg string) { got = append(got, msg) }))}
	for _, part := range []string{"a", "b\n", "\n", "c\nd\ne", strings.Repeat("x", maxLine), "y\nz"} {
		if n, err := w.Write([]byte(part)); n != len(part) || err != nil {
			t.Errorf("%d, %v", n, err)
		}
	}
	w.flush()
	w.flush()
	want := []string{"ab", "", "c", "d", "e" + strings.Repeat("x", maxLine), "y", "z"}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %q", got)
	}
}

// slogFunc is a handler that passes messages on.
type slogFunc func(string)

func (f slogFunc) Enabled(context.Context, slog.Level) bool { return true }
func (f slogFunc) Handle(_ context.Context, r slog.Record) error {
	f(r.Message)
	return nil
}
func (f slogFunc) WithAttrs([]slog.Attr) slog.Handler { return f }
func (f slogFunc) WithGroup(string) slog.Handler      { return f }

// What is remembered of panics is bounded, and told apart by goroutine.
func TestPanicWriter(t *testing.T) {
	w := &panicWriter{}
	done := make(chan struct{})
	go func() {
		defer close(done)
		w.add(panicNote{goroutine: rt.Goroutine(), value: "same", site: 1})
	}()
	<-done
	w.add(panicNote{goroutine: rt.Goroutine(), value: "same", site: 2}, panicNote{goroutine: rt.Goroutine(), value: []int{1}, site: 3})
	if _, err := w.Write([]byte("/p.go:1:2: panic: p.f(...)\n/p.go:3:4: panic: p.g(...)\n")); err != nil {
		t.Error(err)
	}
	site, explicit, trace := w.take("same")
	if site != 2 || !explicit || len(trace) != 2 || !strings.HasPrefix(trace[0], "/p.go:1:2") {
		t.Errorf("got %d, %t, %q", site, explicit, trace)
	}
	if _, explicit, trace := w.take("same"); explicit || trace != nil {
		t.Error("it was not forgotten")
	}
	if len(w.notes) != 1 {
		t.Errorf("%d notes of the other goroutine", len(w.notes))
	}
	for range 3 * maxNotes {
		w.add(panicNote{})
	}
	if len(w.notes) != maxNotes {
		t.Errorf("%d notes", len(w.notes))
	}
}

func TestSplitPosition(t *testing.T) {
	for line, want := range map[string]string{
		"/p/a.go/x:3:14: undefined: x": "p/a.go 3 14 undefined: x",
		"/a b:1.go/x:1:1: x:2:3: y":    "a b:1.go 1 1 x:2:3: y",
		"/x/x.go/x:4:5: y":             "x/x.go 4 5 y",
		"1:21: x":                      "",
	} {
		file, l, c, rest, ok := splitPosition(line)
		if got := fmt.Sprintf("%s %d %d %s", file, l, c, rest); ok != (want != "") || ok && got != want {
			t.Errorf("%s: got %s, %t", line, got, ok)
		}
	}
}
