// Package rostertest shows that a roster.Directory is that of package staff, whatever is between it and its caller.
//
//	rostertest.Run(t, func(t *testing.T) roster.Directory { … })
package rostertest

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"path"
	"reflect"
	goruntime "runtime"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/scriptd/scriptd/engine/runtime"
	"github.com/scriptd/scriptd/engine/runtime/runtimetest/roster"
	"github.com/scriptd/scriptd/plugin"
)

// Now is what the service roster.Clock says in the tests.
var Now = time.Date(2026, 11, 29, 12, 0, 0, 123, time.UTC)

// Clock is the service that the plugin needs.
type Clock struct{}

// Now implements roster.Clock.
func (Clock) Now() time.Time { return Now }

// Run runs the tests. Get returns a directory without people, which is closed when the test ends.
func Run(t *testing.T, get func(t *testing.T) roster.Directory) {
	t.Helper()
	for _, tt := range []struct {
		name string
		test func(t *testing.T, d roster.Directory)
	}{
		{"arguments and results", people},
		{"pointers", pointers},
		{"errors keep their identity", identity},
		{"callbacks", callbacks},
		{"what a callback fails with", returned},
		{"a callback that ends its goroutine", ended},
		{"readers", readers},
		{"writers", writers},
		{"interfaces of the host", listeners},
		{"variadic parameters", variadic},
		{"values of all kinds", values},
		{"deadlines", deadlines},
		{"cancellation", cancellation},
		{"panics", panics},
		{"missing methods", missing},
		{"many callers", many},
	} {
		t.Run(tt.name, func(t *testing.T) { tt.test(t, get(t)) })
	}
}

func fill(t *testing.T, d roster.Directory) {
	t.Helper()
	n, err := d.Import(t.Context(), strings.NewReader("ada 36\nalan 41\ngrace 85\n"))
	if n != 3 || err != nil {
		t.Fatalf("import: got %d, %v", n, err)
	}
}

func names(list []roster.Person) string {
	var all []string
	for _, p := range list {
		all = append(all, p.Name)
	}
	return strings.Join(all, " ")
}

func people(t *testing.T, d roster.Directory) {
	t.Helper()
	none, err := d.People(t.Context(), roster.Query{})
	if none != nil || err != nil {
		t.Errorf("of an empty directory: got %#v, %v", none, err)
	}
	fill(t, d)
	limit := 1
	for _, tt := range []struct {
		q    roster.Query
		want string
	}{
		{roster.Query{}, "ada alan grace"},
		{roster.Query{Prefix: "a"}, "ada alan"},
		{roster.Query{MinAge: 41}, "alan grace"},
		{roster.Query{Limit: &limit}, "ada"},
	} {
		got, err := d.People(t.Context(), tt.q)
		if names(got) != tt.want || err != nil {
			t.Errorf("%+v: got %s, %v, want %s", tt.q, names(got), err, tt.want)
		}
	}
	got, err := d.People(t.Context(), roster.Query{Prefix: "ada"})
	if err != nil || len(got) != 1 || !got[0].Born.Equal(Now.AddDate(-36, 0, 0)) || got[0].Age != 36 {
		t.Errorf("got %+v, %v", got, err)
	}
}

func pointers(t *testing.T, d roster.Directory) {
	t.Helper()
	fill(t, d)
	p, err := d.Find(t.Context(), "grace")
	if err != nil || p == nil || p.Age != 85 || p.Manager == nil || p.Manager.Name != "boss" || p.Manager.Manager != nil {
		t.Errorf("got %+v, %v", p, err)
	}
}

func identity(t *testing.T, d roster.Directory) {
	t.Helper()
	p, err := d.Find(t.Context(), "nobody")
	if p != nil || !errors.Is(err, roster.ErrUnknown) || err.Error() != "find nobody: unknown person" {
		t.Errorf("got %v, %v, want %v", p, err, roster.ErrUnknown)
	}
	p, err = d.Find(t.Context(), "M")
	forbidden, ok := errors.AsType[*roster.ForbiddenError](err)
	if p != nil || !ok || forbidden.Name != "M" || forbidden.Code != 7 || err.Error() != "find: M is forbidden (7)" {
		t.Errorf("got %v, %v (%T), want a *ForbiddenError", p, err, err)
	}
	if n, err := d.Import(t.Context(), strings.NewReader("ada\n")); n != 0 || !plugin.IsInvalid(err) || plugin.IsRetryable(err) {
		t.Errorf("got %d, %v, want one that is invalid", n, err)
	}
}

func callbacks(t *testing.T, d roster.Directory) {
	t.Helper()
	fill(t, d)
	var seen []roster.Person
	visit := func(p roster.Person) error {
		seen = append(seen, p)
		return nil
	}
	if err := d.Each(t.Context(), roster.Query{Prefix: "a"}, visit); err != nil || names(seen) != "ada alan" {
		t.Errorf("got %s, %v", names(seen), err)
	}
	n := 0
	err := d.Each(t.Context(), roster.Query{}, func(p roster.Person) error {
		n++
		return fmt.Errorf("%s: %w", p.Name, roster.ErrUnknown)
	})
	if n != 1 || !errors.Is(err, roster.ErrUnknown) || err.Error() != "a visitor stopped: ada: unknown person" {
		t.Errorf("got %d calls, %v", n, err)
	}
}

// visitError is of a type that nobody else knows.
type visitError struct{ p roster.Person }

func (e *visitError) Error() string { return "enough" }

func returned(t *testing.T, d roster.Directory) {
	t.Helper()
	fill(t, d)
	err := d.Each(t.Context(), roster.Query{}, func(p roster.Person) error { return &visitError{p} })
	if e, ok := errors.AsType[*visitError](err); !ok || e.p.Name != "ada" || err.Error() != "a visitor stopped: enough" {
		t.Errorf("got %#v, want a *visitError", err)
	}
	mine := errors.New("mine")
	if _, err := d.Import(t.Context(), iotest.ErrReader(mine)); !errors.Is(err, mine) {
		t.Errorf("of a reader: got %#v, want %v", err, mine)
	}
}

func ended(t *testing.T, d roster.Directory) {
	t.Helper()
	fill(t, d)
	err := d.Each(t.Context(), roster.Query{}, func(roster.Person) error {
		goruntime.Goexit() // as t.FailNow does
		return nil
	})
	if err == nil {
		t.Error("got no error")
	}
	fill(t, d)
}

func readers(t *testing.T, d roster.Directory) {
	t.Helper()
	const lines = 20_000
	var text strings.Builder
	for i := range lines {
		fmt.Fprintf(&text, "name-%06d %d\n", i, i%100)
	}
	if n, err := d.Import(t.Context(), strings.NewReader(text.String())); n != lines || err != nil {
		t.Errorf("a long stream: got %d, %v, want %d", n, err, lines)
	}
	broken := io.MultiReader(strings.NewReader("ada 36\n"), iotest.ErrReader(io.ErrUnexpectedEOF))
	if n, err := d.Import(t.Context(), broken); n != 1 || !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("a broken stream: got %d, %v, want 1, %v", n, err, io.ErrUnexpectedEOF)
	}
}

// failing is a writer that takes a number of bytes.
type failing struct{ left int }

func (w *failing) Write(p []byte) (int, error) {
	if len(p) > w.left {
		return 0, io.ErrClosedPipe
	}
	w.left -= len(p)
	return len(p), nil
}

func writers(t *testing.T, d roster.Directory) {
	t.Helper()
	fill(t, d)
	var out strings.Builder
	if err := d.Export(t.Context(), &out); err != nil || out.String() != "ada 36\nalan 41\ngrace 85\n" {
		t.Errorf("got %q, %v", out.String(), err)
	}
	if err := d.Export(t.Context(), &failing{10}); !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("a writer that fails: got %v, want %v", err, io.ErrClosedPipe)
	}
}

// listener hears of people, until it hears of somebody that it does not want to.
type listener struct{ joined chan string }

func (l listener) Joined(_ context.Context, p roster.Person) error {
	l.joined <- p.Name
	if p.Name == "grace" {
		return io.EOF
	}
	return nil
}

func listeners(t *testing.T, d roster.Directory) {
	t.Helper()
	l := listener{make(chan string, 10)}
	ended := make(chan error, 1)
	go func() { ended <- d.Watch(t.Context(), l) }()
	if got := <-l.joined; got != "(begin)" {
		t.Fatalf("got %s", got)
	}
	fill(t, d)
	for _, want := range []string{"ada", "alan", "grace"} {
		if got := <-l.joined; got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
	if err := <-ended; !errors.Is(err, io.EOF) {
		t.Errorf("got %v, want %v", err, io.EOF)
	}
}

func variadic(t *testing.T, d roster.Directory) {
	t.Helper()
	fill(t, d)
	if got := []int{d.Count(), d.Count("ada"), d.Count("ada", "grace", "none")}; !slices.Equal(got, []int{3, 1, 2}) {
		t.Errorf("got %v", got)
	}
}

func values(t *testing.T, d roster.Directory) {
	t.Helper()
	want := roster.Values{
		Big: math.MaxUint64, Ratio: math.Copysign(0, -1), Bytes: []byte{0, 255}, Empty: []string{}, Pair: [2]int8{-128, 127},
		Complex: complex(1, -2), Any: map[string]any{"list": []any{1, "two", 3.5, nil, true}}, Text: "\xff\x00é",
		ByAge: map[int][]roster.Person{36: {{Name: "ada", Labels: map[string]string{"a": "b"}}}},
		Err:   roster.ErrUnknown,
	}
	got, err := d.Touch(t.Context(), want)
	if err != nil || !reflect.DeepEqual(got, want) || !math.Signbit(got.Ratio) {
		t.Errorf("got %#v, %v, want %#v", got, err, want)
	}
	if !errors.Is(got.Err, roster.ErrUnknown) {
		t.Errorf("got %v, want %v", got.Err, roster.ErrUnknown)
	}
}

func deadlines(t *testing.T, d roster.Directory) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if got, err := d.People(ctx, roster.Query{Prefix: "wait"}); got != nil || !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v, %v, want %v", got, err, context.DeadlineExceeded)
	}
	fill(t, d)
}

func cancellation(t *testing.T, d roster.Directory) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	l := listener{make(chan string, 10)}
	go func() { ended <- d.Watch(ctx, l) }()
	<-l.joined
	cancel()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want %v", err, context.Canceled)
	}
}

func panics(t *testing.T, d roster.Directory) {
	t.Helper()
	_, err := d.People(t.Context(), roster.Query{Prefix: "panic"})
	p, ok := errors.AsType[*runtime.PanicError](err)
	if !ok || path.Base(p.File) != "staff.go" || p.Line == 0 || !strings.Contains(p.Message, "nil pointer dereference") || p.Stack == "" {
		t.Errorf("got %v, %+v", err, p)
	}
	fill(t, d)
}

func missing(t *testing.T, d roster.Directory) {
	t.Helper()
	if _, err := d.Oldest(t.Context()); !errors.Is(err, runtime.ErrNotImplemented) {
		t.Errorf("got %v, want %v", err, runtime.ErrNotImplemented)
	}
}

func many(t *testing.T, d roster.Directory) {
	t.Helper()
	fill(t, d)
	errs := make(chan error)
	const callers, calls = 16, 50
	for range callers {
		go func() {
			var all []error
			for range calls {
				n := 0
				err := d.Each(t.Context(), roster.Query{}, func(roster.Person) error { n++; return nil })
				if err == nil && n != 3 {
					err = fmt.Errorf("%d visits", n)
				}
				all = append(all, err)
			}
			errs <- errors.Join(all...)
		}()
	}
	for range callers {
		if err := <-errs; err != nil {
			t.Error(err)
		}
	}
}

//go:embed staff/*.go
var source embed.FS

// Source is a tree with the package staff, which implements roster.Directory.
func Source() fs.FS { return source }
