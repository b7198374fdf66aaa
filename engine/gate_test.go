package engine_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/scriptd/scriptd/engine"
	"github.com/scriptd/scriptd/engine/runtime"
)

// caring is a package with a health function and a plugin.
func caring(health, answer string) string {
	return `package a

import (
	"context"
	"errors"
	"time"

	"github.com/scriptd/scriptd/plugin"
)

var _, _ = errors.New, time.Now

func Register(r *plugin.Registrar) error {
	r.Health(func(ctx context.Context) error { ` + health + ` })
	return r.Add(plugin.Spec{Name: "a"}, func(_ context.Context, p struct{ N int ` + "`default:\"1\"`" + ` }) (int, error) { ` + answer + ` })
}
`
}

// What does not pass the gate does not go live, is reported, and is not tried again until something changes.
func TestGate(t *testing.T) {
	for _, tt := range []struct {
		name     string
		content  string
		selftest *engine.SelfTest
		err      string
	}{
		{"healthy", caring("return nil", "return 2, nil"), nil, ""},
		{"not healthy", caring(`return errors.New("no database")`, "return 2, nil"), nil, "a: health: no database"},
		{"a health function that panics", caring(`panic("oh no")`, "return 2, nil"), nil, "a: health: "},
		{"a health function that does not end", caring(`for { time.Sleep(time.Millisecond) }`, "return 2, nil"), nil, "a: the health functions did not end within 300ms"},
		{"passes its test", caring("return nil", "return p.N, nil"), &engine.SelfTest{Plugin: "a", Params: map[string]any{"N": 2}}, ""},
		{"fails, as is expected", caring("return nil", `return 0, errors.New("no luck")`), &engine.SelfTest{Plugin: "a", Fails: true}, ""},
		{"fails its test", caring("return nil", `return 0, errors.New("no luck")`), &engine.SelfTest{Plugin: "a"}, "a/a.go:15:39: selftest: a failed: no luck"},
		{"succeeds, which is not expected", caring("return nil", `return 0, nil`), &engine.SelfTest{Plugin: "a", Fails: true}, "a/a.go:15:39: selftest: a succeeded, and is expected to fail"},
		{"its test is not for it", caring("return nil", `return 0, nil`), &engine.SelfTest{Plugin: "a", Params: map[string]any{"M": 2}}, "a/a.go:15:39: selftest: a: invalid parameters: /M"},
		{"its test is of no plugin", caring("return nil", `return 0, nil`), &engine.SelfTest{Plugin: "b"}, "a: selftest: the package has no plugin b"},
		{"its test takes too long", caring("return nil", `for { time.Sleep(time.Millisecond) }`), &engine.SelfTest{Plugin: "a"}, "a/a.go:15:39: selftest: a does not answer: context deadline exceeded"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			src, _ := moody(t, "local", dir)
			write(t, dir, map[string]string{"a/a.go": caring("return nil", "return 1, nil")})
			src.Packages = []engine.Package{{Path: "a", Policy: engine.Policy{Timeout: 100 * time.Millisecond}}}
			books := newLedger(t)
			opts := engine.Options{Sources: []engine.Source{src}}
			e, err := engine.NewWith(t.Context(), opts, books, 300*time.Millisecond, time.Second, time.Second)
			if err != nil {
				t.Fatal(err)
			}
			defer e.Close()
			if tt.selftest != nil {
				// The test is there from the start; the first version has to pass it too.
				e.Close()
				src.Packages[0].SelfTest = tt.selftest
				write(t, dir, map[string]string{"a/a.go": caring("return nil", "if p.N == 1 && "+truth(tt.selftest.Fails)+` { return 0, errors.New("x") }; return 1, nil`)})
				opts.Sources = []engine.Source{src}
				if e, err = engine.NewWith(t.Context(), opts, books, 300*time.Millisecond, time.Second, time.Second); err != nil {
					t.Fatal(err)
				}
				defer e.Close()
			}
			first := e.Sources()[0]
			write(t, dir, map[string]string{"a/a.go": tt.content})
			st := sync(t, e)[0]
			if !strings.HasPrefix(st.Error, tt.err) || (st.Error == "") != (tt.err == "") {
				t.Errorf("got %q, want %q", st.Error, tt.err)
			}
			if tt.err == "" {
				return
			}
			if after := e.Sources()[0]; first.Ready && (after.Digest != first.Digest || !after.Ready || !after.Stale) {
				t.Errorf("got %+v, want what served before, stale", after)
			}
			loads := books.loaded()
			sync(t, e)
			write(t, dir, map[string]string{"readme": "x"}) // it says nothing of the package
			sync(t, e)
			if n := books.loaded(); n != loads {
				t.Errorf("tried %d times again", n-loads)
			}
			if _, err := e.Reload(t.Context(), "local/a"); !errors.As(err, new(runtime.Problems)) {
				t.Errorf("reload: got %v", err)
			}
			if n := books.loaded(); n != loads+1 {
				t.Errorf("reload tried %d times", n-loads)
			}
		})
	}
}

func truth(b bool) string {
	if b {
		return "true"
	}
	return "false"
}

func TestHealth(t *testing.T) {
	dir := t.TempDir()
	src, _ := moody(t, "local", dir)
	write(t, dir, map[string]string{
		"a/a.go": strings.Replace(caring(`if asked++; asked > 1 { return errors.New("no database") }; return nil`, "return 1, nil"), "func Register", "var asked int\n\nfunc Register", 1),
		"b/b.go": greeter("b", "v1"),
	})
	e := newLedger(t).open(engine.Options{Sources: []engine.Source{src}})
	sick := e.Health(t.Context())
	if len(sick) != 1 || sick["local/a"] == nil || sick["local/a"].Error() != "no database" {
		t.Errorf("got %v", sick)
	}
}

// With activate: tree, nothing of a tree goes live where a package of it fails.
func TestActivateTree(t *testing.T) {
	dir := t.TempDir()
	src, _ := moody(t, "local", dir)
	src.Activate = engine.ActivateTree
	write(t, dir, good("v1", "v1"))
	books := newLedger(t)
	e := books.open(engine.Options{Sources: []engine.Source{src}})
	first := e.Sources()[0]
	want := func(a, b string) {
		t.Helper()
		if got := call(t, e, "a"); got != a+" world" {
			t.Errorf("a answers %v, want %s", got, a)
		}
		if got := call(t, e, "b"); got != b+" world" {
			t.Errorf("b answers %v, want %s", got, b)
		}
	}
	write(t, dir, with(goodA("v2"), "b/b.go", syntaxError))
	write(t, dir, map[string]string{"c/c.go": greeter("c", "v1")})
	if st := sync(t, e)[0]; st.Changed || !strings.HasPrefix(st.Error, "b/b.go:3:16: ") || strings.Contains(st.Error, "\n") {
		t.Errorf("got %+v", st)
	}
	want("v1", "v1")
	if st := e.Sources()[0]; st.Digest != first.Digest || !st.Stale {
		t.Errorf("got %+v", st)
	}
	if _, err := e.Call(t.Context(), "c", nil); !errors.Is(err, engine.ErrNotFound) {
		t.Errorf("got %v", err)
	}
	// A package that is gone in a tree that does not go live is not gone.
	if err := removeAll(dir, "a"); err != nil {
		t.Fatal(err)
	}
	sync(t, e)
	want("v1", "v1")
	// What is mended goes live together.
	write(t, dir, good("v2", "v2"))
	if st := sync(t, e)[0]; !st.Changed || st.Err != nil {
		t.Errorf("got %+v", st)
	}
	want("v2", "v2")
	call(t, e, "c")
	history, err := e.History("local/a")
	if err != nil || len(history) != 2 {
		t.Errorf("got %+v, %v", history, err)
	}
}
