package engine_test

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/scriptd/scriptd/cache"
	"github.com/scriptd/scriptd/engine"
	"github.com/scriptd/scriptd/engine/runtime"
	"github.com/scriptd/scriptd/sources"
	"github.com/scriptd/scriptd/sources/filesystem"
)

// greeter is a plugin of the given name that answers with the given word.
func greeter(name, word string) string {
	return `package ` + name + `

import (
	"context"

	"github.com/scriptd/scriptd/plugin"
)

type Params struct {
	Name string ` + "`json:\"name\" default:\"world\" minLength:\"2\"`" + `
}

func Register(r *plugin.Registrar) error {
	return r.Add(plugin.Spec{Name: "` + name + `"}, func(ctx context.Context, p Params) (string, error) {
		return "` + word + ` " + p.Name, nil
	})
}
`
}

// write puts files into a folder, each by a rename, as careful programs do.
func write(t testing.TB, dir string, files map[string]string) {
	t.Helper()
	for name, content := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path+"~", []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
		if err := os.Rename(path+"~", path); err != nil {
			t.Fatal(err)
		}
	}
}

func folder(t testing.TB, name, dir string) engine.Source {
	t.Helper()
	from, err := filesystem.New(filesystem.Options{Path: dir})
	if err != nil {
		t.Fatal(err)
	}
	return engine.Source{Name: name, Type: "filesystem", Origin: "filesystem " + dir, From: from, Interval: time.Minute}
}

// open opens an engine that runs packages in this process, unless the options say otherwise, and ends with the test.
func open(t testing.TB, opts engine.Options) *engine.Engine {
	t.Helper()
	opts.Isolation = cmp.Or(opts.Isolation, engine.IsolationNone)
	if testing.Verbose() && opts.Logger == nil {
		opts.Logger = slog.New(slog.NewTextHandler(t.Output(), nil))
	}
	e, err := engine.New(t.Context(), opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	})
	return e
}

// call calls a plugin, which has to answer, without parameters, and returns its data.
func call(t testing.TB, e *engine.Engine, name string) any {
	t.Helper()
	res, err := e.Call(t.Context(), name, nil)
	if err != nil {
		t.Fatal(err)
	}
	if !res.Success {
		t.Fatalf("%s failed: %s", name, res.Error)
	}
	return res.Data
}

func sync(t testing.TB, e *engine.Engine) []engine.SyncResult {
	t.Helper()
	results, err := e.Sync(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return results
}

func TestFolderToCall(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, map[string]string{"hello/hello.go": greeter("hello", "Hello"), "readme.txt": "no Go"})
	e := open(t, engine.Options{Sources: []engine.Source{folder(t, "local", dir)}})

	res, err := e.Call(t.Context(), "hello", map[string]any{"name": "Gopher"})
	if err != nil {
		t.Fatal(err)
	}
	st := e.Sources()[0]
	if res.Data != "Hello Gopher" || res.Plugin != "hello" || res.Revision != st.Revision || res.Digest != st.Digest || res.Revision == "" {
		t.Errorf("got %+v, source %+v", res, st)
	}
	if !st.Ready || st.Stale || st.Error != "" || st.LastSync.IsZero() {
		t.Errorf("got status %+v, want ready and fresh", st)
	}
	plugins := e.Plugins()
	want := engine.Plugin{Name: "hello", Category: "diagnostic", Source: "local", Package: "hello", Revision: st.Revision, Digest: st.Digest}
	if len(plugins) != 1 || plugins[0] != want {
		t.Errorf("got %+v, want %+v", plugins, want)
	}
	d, err := e.Describe("hello")
	if err != nil {
		t.Fatal(err)
	}
	if d.Parameters["properties"].(map[string]any)["name"].(map[string]any)["default"] != "world" {
		t.Errorf("got parameters %v", d.Parameters)
	}
	if got := call(t, e, "hello"); got != "Hello world" {
		t.Errorf("got %v, want the default filled in", got)
	}
}

func TestCallErrors(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, map[string]string{"p/p.go": `package p

import (
	"context"
	"errors"
	"time"

	"github.com/scriptd/scriptd/plugin"
)

func Register(r *plugin.Registrar) error {
	return errors.Join(
		r.Add(plugin.Spec{Name: "slow", Timeout: 20 * time.Millisecond}, func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }),
		r.Add(plugin.Spec{Name: "wait"}, func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }),
		r.Add(plugin.Spec{Name: "fail"}, func(ctx context.Context) error { return errors.New("no luck") }),
		r.Add(plugin.Spec{Name: "retry"}, func(ctx context.Context) error { return plugin.Retryable(errors.New("later")) }),
		r.Add(plugin.Spec{Name: "refuse"}, func(ctx context.Context, p struct{ N int }) error { return plugin.Invalid("N is %d", p.N) }),
		r.Add(plugin.Spec{Name: "panics"}, func(ctx context.Context) error { panic("oh no") }),
	)
}
`})
	e := open(t, engine.Options{Sources: []engine.Source{folder(t, "local", dir)}})
	if st := e.Sources()[0]; st.Err != nil {
		t.Fatal(st.Err)
	}
	canceled, cancel := context.WithCancel(t.Context())
	cancel()
	for _, tt := range []struct {
		name   string
		ctx    context.Context
		params map[string]any
		want   error
	}{
		{"absent", t.Context(), nil, engine.ErrNotFound},
		{"slow", t.Context(), nil, engine.ErrTimeout},
		{"wait", canceled, nil, context.Canceled},
		{"refuse", t.Context(), map[string]any{"N": "x"}, engine.ErrInvalid},
		{"refuse", t.Context(), nil, engine.ErrInvalid},
		{"fail", t.Context(), map[string]any{"more": 1}, engine.ErrInvalid},
	} {
		if _, err := e.Call(tt.ctx, tt.name, tt.params); !errors.Is(err, tt.want) {
			t.Errorf("%s: got error %v, want %v", tt.name, err, tt.want)
		}
	}
	for _, tt := range []struct {
		name, want     string
		retry, invalid bool
	}{
		{"fail", "no luck", false, false},
		{"retry", "later", true, false},
		{"refuse", "N is 3", false, true},
		{"panics", "p/p.go:18:72: panic: oh no", false, false},
	} {
		var params map[string]any
		if tt.invalid {
			params = map[string]any{"N": 3}
		}
		res, err := e.Call(t.Context(), tt.name, params)
		if err != nil || res.Success || res.Error != tt.want || res.Retry != tt.retry || res.Invalid != tt.invalid {
			t.Errorf("%s: got %+v, %v", tt.name, res, err)
		}
	}
	var invalid *engine.InvalidError
	_, err := e.Call(t.Context(), "refuse", map[string]any{"N": "secret", "x": 1})
	if !errors.As(err, &invalid) || len(invalid.Fields) != 2 || invalid.Fields[0].Pointer != "/N" || strings.Contains(err.Error(), "secret") {
		t.Errorf("got %v", err)
	}
}

func TestBrokenEditsLeaveTheOldServing(t *testing.T) {
	good := greeter("hello", "one")
	for _, tt := range []struct {
		name, file, content, want string
	}{
		{"syntax error", "hello/hello.go", "package hello\n\nfunc Register( {\n", "hello/hello.go:3:16: "},
		{"type error", "hello/hello.go", strings.Replace(good, "p.Name", "p.Nane", 1), "hello/hello.go:15:21: p.Nane undefined"},
		{"panic in Register", "hello/hello.go", strings.Replace(good, "return r.Add", "panic(\"no\")\n\treturn r.Add", 1), "hello/hello.go:14:2: panic in Register: no"},
		{"taken name", "zwei/zwei.go", greeter("hello", "two"), "zwei/zwei.go:14:43: plugin name hello is taken by local/hello (hello/hello.go:14)"},
		{"denied import", "hello/hello.go", "package hello\n\nimport \"os/exec\"\n\nvar _ = exec.Command\n\nfunc Register() {}\n", "hello/hello.go:3:8: package os/exec needs the permission run"},
		{"no Register", "hello/hello.go", "package hello\n\n// func Register\n", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			write(t, dir, map[string]string{"hello/hello.go": good, "other/other.go": greeter("other", "one")})
			e := open(t, engine.Options{Sources: []engine.Source{folder(t, "local", dir)}})
			write(t, dir, map[string]string{tt.file: tt.content, "other/other.go": greeter("other", "two")})
			results := sync(t, e)
			if tt.want == "" { // the package is gone, and with it the plugin
				if _, err := e.Call(t.Context(), "hello", nil); !errors.Is(err, engine.ErrNotFound) {
					t.Errorf("got %v, want ErrNotFound", err)
				}
				return
			}
			var problems runtime.Problems
			if !errors.As(results[0].Err, &problems) || !strings.Contains(results[0].Error, tt.want) {
				t.Errorf("got %q, want %q", results[0].Error, tt.want)
			}
			if got := call(t, e, "hello"); got != "one world" {
				t.Errorf("got %v, want the old version", got)
			}
			if got := call(t, e, "other"); got != "two world" {
				t.Errorf("got %v, want the new version of the package that loads", got)
			}
			st := e.Sources()[0]
			if st.Error != results[0].Error || !st.Stale {
				t.Errorf("got status %+v", st)
			}
			// What is mended goes live.
			write(t, dir, map[string]string{"hello/hello.go": greeter("hello", "three")})
			if err := os.RemoveAll(filepath.Join(dir, "zwei")); err != nil {
				t.Fatal(err)
			}
			if results := sync(t, e); results[0].Err != nil || !results[0].Changed {
				t.Errorf("got %+v", results[0])
			}
			if got := call(t, e, "hello"); got != "three world" {
				t.Errorf("got %v, want the mended version", got)
			}
		})
	}
}

func TestStartFromTheCache(t *testing.T) {
	dir, store := t.TempDir(), cache.Memory()
	write(t, dir, map[string]string{"hello/hello.go": greeter("hello", "cached")})
	first := open(t, engine.Options{Cache: store, Sources: []engine.Source{folder(t, "local", dir)}})
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := first.Call(t.Context(), "hello", nil); !errors.Is(err, engine.ErrClosed) {
		t.Errorf("after Close: got %v, want ErrClosed", err)
	}
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	e := open(t, engine.Options{Cache: store, Sources: []engine.Source{folder(t, "local", dir)}})
	if got := call(t, e, "hello"); got != "cached world" {
		t.Errorf("got %v", got)
	}
	st := e.Sources()[0]
	if !st.Ready || !st.Stale || sources.KindOf(st.Err) != sources.NotFound {
		t.Errorf("got %+v, want ready and stale", st)
	}
	moved := folder(t, "local", dir)
	moved.Origin = "another folder"
	other := open(t, engine.Options{Cache: store, Sources: []engine.Source{moved}})
	if plugins := other.Plugins(); len(plugins) != 0 {
		t.Errorf("the tree of another origin serves: %+v", plugins)
	}
	if err := other.Explain("hello"); sources.KindOf(err) != sources.NotFound || !strings.Contains(err.Error(), "source local") {
		t.Errorf("Explain: got %v", err)
	}
}

func TestABrokenTreeIsNotWhatTheCacheStartsWith(t *testing.T) {
	dir, store := t.TempDir(), cache.Memory()
	write(t, dir, map[string]string{"hello/hello.go": greeter("hello", "good")})
	e := open(t, engine.Options{Cache: store, Sources: []engine.Source{folder(t, "local", dir)}})
	write(t, dir, map[string]string{"hello/hello.go": "package hello\n\nfunc Register() {}\n"})
	sync(t, e)
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	again := open(t, engine.Options{Cache: store, Sources: []engine.Source{folder(t, "local", dir)}})
	if got := call(t, again, "hello"); got != "good world" {
		t.Errorf("got %v", got)
	}
}

func TestANameThatBecomesFreeGoesLive(t *testing.T) {
	one, two := t.TempDir(), t.TempDir()
	write(t, one, map[string]string{"hello/hello.go": greeter("hello", "one")})
	write(t, two, map[string]string{"hello/hello.go": greeter("hello", "two")})
	e := open(t, engine.Options{Sources: []engine.Source{folder(t, "one", one), folder(t, "two", two)}})
	if got := call(t, e, "hello"); got != "one world" {
		t.Errorf("got %v, want the plugin of the source that is listed first", got)
	}
	if err := e.Sources()[1].Error; !strings.Contains(err, "plugin name hello is taken by one/hello") {
		t.Errorf("got %q", err)
	}
	go func() { _ = e.Run(t.Context()) }()
	if err := os.RemoveAll(filepath.Join(one, "hello")); err != nil {
		t.Fatal(err)
	}
	eventually(t, func() bool {
		res, err := e.Call(t.Context(), "hello", nil)
		return err == nil && res.Data == "two world"
	})
}

func TestConfig(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, map[string]string{"conf/conf.go": `package conf

import (
	"context"

	"github.com/scriptd/scriptd/plugin"
)

func Register(r *plugin.Registrar) error {
	var cfg struct {
		// Where to go.
		Endpoint string ` + "`json:\"endpoint\" format:\"uri\"`" + `
	}
	if err := r.Config(&cfg); err != nil {
		return err
	}
	return r.Add(plugin.Spec{Name: "conf"}, func(context.Context) (string, error) { return cfg.Endpoint, nil })
}
`})
	src := folder(t, "local", dir)
	endpoint := any("http://one")
	src.Packages = []engine.Package{{Path: "conf", Config: func() (map[string]any, error) {
		if endpoint == nil {
			return nil, errors.New("API_TOKEN is not set")
		}
		return map[string]any{"endpoint": endpoint}, nil
	}}}
	e := open(t, engine.Options{Sources: []engine.Source{src}})
	for _, step := range []struct {
		endpoint  any
		answer    string
		wantError string
	}{
		{"http://one", "http://one", ""},
		{"http://two", "http://two", ""},
		{7, "http://two", "conf/conf.go:14:21: config: /endpoint: want string, got number"},
		{nil, "http://two", "conf: config: API_TOKEN is not set"},
		{"http://three", "http://three", ""},
	} {
		endpoint = step.endpoint
		if res := sync(t, e)[0]; res.Error != step.wantError {
			t.Errorf("%v: got error %q, want %q", step.endpoint, res.Error, step.wantError)
		}
		if got := call(t, e, "conf"); got != step.answer {
			t.Errorf("%v: got %v, want %v", step.endpoint, got, step.answer)
		}
	}
}

// eventually waits for something that a running engine is about to do.
func eventually(t testing.TB, done func() bool) {
	t.Helper()
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	timeout := time.After(20 * time.Second)
	for !done() {
		select {
		case <-tick.C:
		case <-timeout:
			t.Fatal("it did not happen")
		}
	}
}
