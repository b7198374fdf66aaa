package engine_test

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/traefik/yaegi/interp"

	"github.com/scriptd/scriptd/cache"
	"github.com/scriptd/scriptd/engine"
	"github.com/scriptd/scriptd/sources"
)

// BenchmarkCall measures a call through the engine (parameters checked and decoded, a deadline set, the result encoded)
// beside a call of the same function in a bare interpreter: one that surely ends soon, which is called where its caller is, and
// one that asks its context, and so might wait, which gets a goroutine of its own. Both are medians over batches; overhead-ns is
// what the engine adds, x-bare the ratio.
func BenchmarkCall(b *testing.B) {
	for name, body := range map[string]string{
		"short": `return "Hello " + p.Name, nil`,
		"asks":  `if err := ctx.Err(); err != nil { return "", err }; return "Hello " + p.Name, nil`,
	} {
		b.Run(name, func(b *testing.B) { benchmarkCall(b, body) })
	}
}

func benchmarkCall(b *testing.B, body string) {
	b.Helper()
	const batch = 100
	dir := b.TempDir()
	source := strings.Replace(greeter("hello", "Hello"), `return "Hello " + p.Name, nil`, body, 1)
	write(b, dir, map[string]string{"hello/hello.go": source})
	e := open(b, engine.Options{Sources: []engine.Source{folder(b, "local", dir)}})
	params := map[string]any{"name": "Gopher"}
	bare := bareGreeter(b, body)
	var inEngine, inBare, added []time.Duration
	for b.Loop() {
		start := time.Now()
		for range batch {
			if _, err := e.Call(b.Context(), "hello", params); err != nil {
				b.Fatal(err)
			}
		}
		middle := time.Now()
		for range batch {
			bare()
		}
		in, out := middle.Sub(start), time.Since(middle)
		inEngine, inBare, added = append(inEngine, in), append(inBare, out), append(added, in-out)
	}
	perCall := func(all []time.Duration) float64 { return float64(percentile(all, 50).Nanoseconds()) / batch }
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(perCall(inEngine), "ns/call")
	b.ReportMetric(perCall(inBare), "ns/bare-call")
	b.ReportMetric(perCall(added), "overhead-ns")
	b.ReportMetric(perCall(inEngine)/perCall(inBare), "x-bare")
}

// percentile returns the duration that p percent of all are not longer than.
func percentile(all []time.Duration, p int) time.Duration {
	slices.Sort(all)
	return all[(len(all)-1)*p/100]
}

// BenchmarkEdit measures the time from a saved file to the first answer of its new version, with a cache on disk: the
// median, and what 99 of 100 do not exceed.
func BenchmarkEdit(b *testing.B) {
	dir := b.TempDir()
	write(b, dir, map[string]string{"hello/hello.go": greeter("hello", "v")})
	e := open(b, engine.Options{Cache: diskCache(b, b.TempDir()), Sources: []engine.Source{folder(b, "local", dir)}})
	run(b, e)
	eventually(b, func() bool { return call(b, e, "hello") == "v world" })
	var all []time.Duration
	n := 0
	for b.Loop() {
		n++
		want := fmt.Sprintf("v%d", n)
		start := time.Now()
		write(b, dir, map[string]string{"hello/hello.go": greeter("hello", want)})
		for call(b, e, "hello") != want+" world" {
			time.Sleep(100 * time.Microsecond)
		}
		all = append(all, time.Since(start))
	}
	b.ReportMetric(float64(percentile(all, 50).Microseconds())/1000, "median-ms")
	b.ReportMetric(float64(percentile(all, 99).Microseconds())/1000, "p99-ms")
}

// bareGreeter returns the handler of the greeter as a bare interpreter offers it: with its struct, which is called by
// reflection, since no compiled code knows its type.
func bareGreeter(b *testing.B, body string) func() {
	b.Helper()
	src := `package hello

import "context"

type Params struct{ Name string }

func Hello(ctx context.Context, p Params) (string, error) { ` + body + ` }
`
	i := interp.New(interp.Options{GoPath: "gp", SourcecodeFilesystem: fstest.MapFS{"gp/src/hello/hello.go": {Data: []byte(src)}}})
	err := i.Use(interp.Exports{"context/context": {"Context": reflect.ValueOf((*context.Context)(nil))}})
	if err != nil {
		b.Fatal(err)
	}
	if _, err := i.Eval(`import "hello"`); err != nil {
		b.Fatal(err)
	}
	hello := i.Symbols("hello")["hello"]["Hello"]
	ctx := b.Context()
	params := reflect.New(hello.Type().In(1)).Elem()
	params.Field(0).SetString("Gopher")
	args := []reflect.Value{reflect.ValueOf(&ctx).Elem(), params}
	return func() {
		if out := hello.Call(args); out[0].String() != "Hello Gopher" {
			b.Fatal(out)
		}
	}
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
