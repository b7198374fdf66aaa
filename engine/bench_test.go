package engine_test

import (
	"context"
	"errors"
	"reflect"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/traefik/yaegi/interp"

	"github.com/scriptd/scriptd/cache"
	"github.com/scriptd/scriptd/engine"
	"github.com/scriptd/scriptd/sources"
)

// BenchmarkCall measures a call through the engine (parameters checked and decoded, a deadline set, the result
// encoded) beside a call of the same function in a bare interpreter: x-bare is the ratio.
func BenchmarkCall(b *testing.B) {
	dir := b.TempDir()
	write(b, dir, map[string]string{"hello/hello.go": greeter("hello", "Hello")})
	e := open(b, engine.Options{Sources: []engine.Source{folder(b, "local", dir)}})
	params := map[string]any{"name": "Gopher"}
	bare := bareGreeter(b)
	var inEngine, inBare time.Duration
	for b.Loop() {
		start := time.Now()
		for range 100 {
			if _, err := e.Call(b.Context(), "hello", params); err != nil {
				b.Fatal(err)
			}
		}
		middle := time.Now()
		for range 100 {
			if _, err := bare(b.Context(), "Gopher"); err != nil {
				b.Fatal(err)
			}
		}
		inEngine += middle.Sub(start)
		inBare += time.Since(middle)
	}
	calls := float64(b.N * 100)
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(float64(inEngine.Nanoseconds())/calls, "ns/call")
	b.ReportMetric(float64(inBare.Nanoseconds())/calls, "ns/bare-call")
	b.ReportMetric(float64(inEngine)/float64(inBare), "x-bare")
}

func bareGreeter(b *testing.B) func(context.Context, string) (string, error) {
	b.Helper()
	src := `package hello

import "context"

func Hello(ctx context.Context, name string) (string, error) { return "Hello " + name, nil }
`
	i := interp.New(interp.Options{GoPath: "gp", SourcecodeFilesystem: fstest.MapFS{"gp/src/hello/hello.go": {Data: []byte(src)}}})
	err := i.Use(interp.Exports{"context/context": {"Context": reflect.ValueOf((*context.Context)(nil))}})
	if err != nil {
		b.Fatal(err)
	}
	if _, err := i.Eval(`import "hello"`); err != nil {
		b.Fatal(err)
	}
	f, ok := reflect.TypeAssert[func(context.Context, string) (string, error)](i.Symbols("hello")["hello"]["Hello"])
	if !ok {
		b.Fatal("not the function")
	}
	return f
}

// BenchmarkWarmStart measures how long an engine takes to serve 20 packages from its cache, with the origin away.
func BenchmarkWarmStart(b *testing.B) {
	dir := b.TempDir()
	for i := range 20 {
		name := "p" + strings.Repeat("x", i)
		write(b, dir, map[string]string{name + "/p.go": greeter(name, "v")})
	}
	opts := engine.Options{Cache: diskCache(b, b.TempDir()), Sources: []engine.Source{folder(b, "local", dir)}}
	open(b, opts)
	opts.Sources[0].From = away{}
	for b.Loop() {
		e := open(b, opts)
		if n := len(e.Plugins()); n != 20 {
			b.Fatalf("%d plugins", n)
		}
	}
}

func diskCache(t testing.TB, dir string) cache.Store {
	t.Helper()
	store, err := cache.Disk(dir)
	if err != nil {
		t.Fatal(err)
	}
	return store
}

// away is an origin that cannot be reached.
type away struct{}

var errAway = errors.New("connection refused")

func (away) Resolve(context.Context) (sources.Revision, error) {
	return "", sources.Fail(sources.Transient, errAway, "ask origin")
}

func (away) Fetch(context.Context, sources.Revision, *sources.Tree) error {
	return sources.Fail(sources.Transient, errAway, "ask origin")
}
