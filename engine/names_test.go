package engine_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/scriptd/scriptd/cache"
	"github.com/scriptd/scriptd/engine"
	"github.com/scriptd/scriptd/engine/runtime"
)

// pair is a package with two plugins.
func pair(one, two, word string) string {
	return `package pair

import (
	"context"
	"errors"

	"github.com/scriptd/scriptd/plugin"
)

func Register(r *plugin.Registrar) error {
	return errors.Join(
		r.Add(plugin.Spec{Name: "` + one + `"}, answer),
		r.Add(plugin.Spec{Name: "` + two + `"}, answer),
	)
}

func answer(context.Context) (string, error) { return "` + word + `", nil }
`
}

// The source that is listed first has the name, however slow its origin is, at every start, from the cache or not.
func TestTheFirstSourceHasTheName(t *testing.T) {
	one, two := t.TempDir(), t.TempDir()
	write(t, one, goodA("one"))
	write(t, two, goodA("two"))
	first, slow := moody(t, "one", one)
	second, _ := moody(t, "two", two)
	store := cache.Memory()
	for _, start := range []string{"cold", "warm"} {
		books := newLedger(t)
		theOtherIsLoaded := make(chan struct{})
		books.onLoad = func(_ context.Context, p runtime.Package) {
			if p.Name == "two/a" && start == "cold" {
				close(theOtherIsLoaded)
			}
		}
		slow.before = func(ctx context.Context) {
			if start == "cold" {
				select {
				case <-theOtherIsLoaded:
				case <-ctx.Done():
				}
			}
		}
		e := books.open(engine.Options{Cache: store, StartTimeout: time.Millisecond, Sources: []engine.Source{first, second}})
		if got := call(t, e, "a"); got != "one world" {
			t.Errorf("%s: got %v, want that of the source that is listed first", start, got)
		}
		st := e.Sources()[1]
		if st.Ready || !strings.HasPrefix(st.Error, "a/a.go:14:39: plugin name a is taken by one/a (a/a.go:14)") {
			t.Errorf("%s: got %+v", start, st)
		}
	}
}

// Whoever has a name when all goes down has it after a restart, too.
func TestNamesAfterARestart(t *testing.T) {
	for _, tt := range []struct {
		name string
		// before and after are files of the two sources.
		before, after [2]map[string]string
		want          map[string]string
	}{
		{
			"the first source wants a name of the second",
			[2]map[string]string{good("one", "one"), {"c/c.go": greeter("c", "two")}},
			[2]map[string]string{{"a/a.go": pair("a", "c", "new world")}, {}},
			map[string]string{"a": "one", "b": "one", "c": "two"},
		},
		{
			"the first source wants a name of the second, for a package more",
			[2]map[string]string{goodA("one"), {"c/c.go": greeter("c", "two")}},
			[2]map[string]string{{"b/b.go": greeter("c", "new")}, {}},
			map[string]string{"a": "one", "c": "two"},
		},
		{
			"the second source wants a name of the first",
			[2]map[string]string{goodA("one"), {"c/c.go": greeter("c", "two")}},
			[2]map[string]string{{}, {"b/b.go": greeter("a", "new"), "c/c.go": greeter("c", "new")}},
			map[string]string{"a": "one", "c": "new"},
		},
		{
			"a new package wants a name of one behind it",
			[2]map[string]string{{"p/p.go": pair("a", "b", "one world")}, {}},
			[2]map[string]string{{"c/c.go": pair("b", "c", "new world")}, {}},
			map[string]string{"a": "one", "b": "one", "c": none},
		},
		{
			"a new package wants a name of one before it",
			[2]map[string]string{{"p/p.go": pair("a", "b", "one world")}, {}},
			[2]map[string]string{{"p/p.go": pair("a", "b", "new world"), "q/q.go": pair("b", "c", "new world")}, {}},
			map[string]string{"a": "new", "b": "new", "c": none},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dirs := []string{t.TempDir(), t.TempDir()}
			opts := engine.Options{Cache: cache.Memory()}
			for i, name := range []string{"one", "two"} {
				write(t, dirs[i], tt.before[i])
				src, _ := moody(t, name, dirs[i])
				opts.Sources = append(opts.Sources, src)
			}
			e := newLedger(t).open(opts)
			for i := range dirs {
				write(t, dirs[i], tt.after[i])
			}
			sync(t, e)
			check := func(when string, e *engine.Engine) {
				t.Helper()
				for name, want := range tt.want {
					res, err := e.Call(t.Context(), name, nil)
					if want == none && !errors.Is(err, engine.ErrNotFound) || want != none && (err != nil || res.Data != want+" world") {
						t.Errorf("%s: %s answers %v, %v, want %s", when, name, res.Data, err, want)
					}
				}
			}
			check("before", e)
			for range 2 {
				check("after a restart", newLedger(t).open(opts))
			}
			for i := range opts.Sources {
				opts.Sources[i].From = away{}
			}
			check("after a restart with nothing to be had", newLedger(t).open(opts))
		})
	}
}

// A package that waits for a name is not loaded again and again.
func TestWaitingForANameCostsNothing(t *testing.T) {
	one, two := t.TempDir(), t.TempDir()
	write(t, one, goodA("one"))
	write(t, two, good("two", "two"))
	first, _ := moody(t, "one", one)
	second, _ := moody(t, "two", two)
	books := newLedger(t)
	e := books.open(engine.Options{Sources: []engine.Source{first, second}})
	loads := books.loaded()
	for range 3 {
		sync(t, e)
	}
	if n := books.loaded(); n != loads {
		t.Errorf("%d loads while nothing changed", n-loads)
	}
	// Without Run, the next Sync sees that the name is free.
	if err := os.RemoveAll(filepath.Join(one, "a")); err != nil {
		t.Fatal(err)
	}
	sync(t, e)
	sync(t, e)
	if got := call(t, e, "a"); got != "two world" {
		t.Errorf("got %v", got)
	}
	if st := e.Sources()[1]; !st.Ready || st.Stale || st.Err != nil {
		t.Errorf("got %+v", st)
	}
}

func TestTakenNames(t *testing.T) {
	for _, tt := range []struct {
		name          string
		before, after map[string]string
		want          map[string]string
		err           string
	}{
		{
			"two plugins of one source change their names",
			map[string]string{"p/p.go": pair("a", "b", "p"), "q/q.go": pair("c", "d", "q")},
			map[string]string{"p/p.go": pair("c", "d", "P"), "q/q.go": pair("a", "b", "Q")},
			map[string]string{"a": "Q", "b": "Q", "c": "P", "d": "P"},
			"",
		},
		{
			"one name of two is taken: neither goes live",
			map[string]string{"p/p.go": pair("a", "b", "p")},
			map[string]string{"q/q.go": pair("c", "b", "q")},
			map[string]string{"a": "p", "b": "p", "c": ""},
			"q/q.go:13:33: plugin name b is taken by s/p",
		},
		{
			"the old generation of what failed keeps its names",
			map[string]string{"p/p.go": pair("a", "b", "p"), "q/q.go": pair("c", "d", "q")},
			map[string]string{"p/p.go": syntaxError, "q/q.go": pair("a", "d", "Q")},
			map[string]string{"a": "p", "b": "p", "c": "q", "d": "q"},
			"p/p.go:3:16: ",
		},
		{
			"who has a name keeps it, newer as it is",
			map[string]string{"p/p.go": pair("a", "b", "p")},
			map[string]string{"p/p.go": pair("a", "b", "P"), "c/c.go": pair("a", "c", "C"), "q/q.go": pair("b", "d", "Q")},
			map[string]string{"a": "P", "b": "P", "c": "", "d": ""},
			"c/c.go:12:33: plugin name a is taken by s/p (p/p.go:12)\nq/q.go:12:33: plugin name b is taken by s/p (p/p.go:13)",
		},
		{
			"who gives a name up does not keep it",
			map[string]string{"p/p.go": pair("a", "b", "p")},
			map[string]string{"p/p.go": pair("a", "c", "P"), "c/c.go": pair("b", "d", "C")},
			map[string]string{"a": "P", "c": "P", "b": "C", "d": "C"},
			"",
		},
		{
			"who fails brings back names that others wanted",
			map[string]string{"p/p.go": pair("a", "b", "p"), "q/q.go": pair("c", "d", "q"), "r/r.go": pair("x", "y", "r")},
			map[string]string{"p/p.go": pair("a", "n", "P"), "q/q.go": pair("b", "x", "Q"), "r/r.go": pair("c", "d", "R"), "o/o.go": pair("n", "m", "O")},
			map[string]string{"a": "p", "b": "p", "c": "q", "d": "q", "x": "r", "y": "r", "n": "O", "m": "O"},
			"p/p.go:13:33: plugin name n is taken by s/o",
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			src, _ := moody(t, "s", dir)
			write(t, dir, tt.before)
			books := newLedger(t)
			e := books.open(engine.Options{Sources: []engine.Source{src}})
			write(t, dir, tt.after)
			res := sync(t, e)[0]
			if !strings.HasPrefix(res.Error, tt.err) || (res.Error == "") != (tt.err == "") {
				t.Errorf("got error %q, want %q", res.Error, tt.err)
			}
			for name, want := range tt.want {
				got, err := e.Call(t.Context(), name, nil)
				if want == none {
					why := e.Explain(name)
					if !errors.Is(err, engine.ErrNotFound) || why == nil || !strings.Contains(why.Error(), "is taken by") {
						t.Errorf("%s: got %v, %v, explained as %v", name, got.Data, err, why)
					}
				} else if err != nil || got.Data != want {
					t.Errorf("%s: got %v, %v, want %s", name, got.Data, err, want)
				}
			}
			loads := books.loaded()
			sync(t, e)
			if n := books.loaded(); n != loads {
				t.Errorf("%d loads while nothing changed", n-loads)
			}
		})
	}
}

// A name that becomes free at the very moment that it is found taken is not forgotten until the next poll.
func TestANameThatBecomesFreeMeanwhile(t *testing.T) {
	one, two := t.TempDir(), t.TempDir()
	write(t, one, map[string]string{"readme": "x"})
	e := open(t, engine.Options{Sources: []engine.Source{folder(t, "one", one), folder(t, "two", two)}})
	run(t, e)
	answers := func(want string) func() bool {
		return func() bool {
			res, err := e.Call(t.Context(), "a", nil)
			return err == nil && res.Data == want
		}
	}
	for i := range 20 {
		write(t, one, goodA(fmt.Sprint("one", i)))
		eventually(t, answers(fmt.Sprintf("one%d world", i)))
		write(t, two, goodA(fmt.Sprint("two", i)))
		if err := os.RemoveAll(filepath.Join(one, "a")); err != nil {
			t.Fatal(err)
		}
		eventually(t, answers(fmt.Sprintf("two%d world", i)))
		if err := os.RemoveAll(filepath.Join(two, "a")); err != nil {
			t.Fatal(err)
		}
	}
}
