package engine_test

import (
	"context"
	"reflect"
	"testing"
	"testing/fstest"
	"time"

	"github.com/traefik/yaegi/interp"

	"github.com/scriptd/scriptd/engine"
)

// BenchmarkTypedCall measures a call of a contract's method by the value that Get returns, in this process, beside a call of the
// same method of a bare interpreter: one that surely ends soon, and one that asks its context, as BenchmarkCall does.
func BenchmarkTypedCall(b *testing.B) {
	for name, body := range map[string]string{
		"short": `return g.word + " " + name, nil`,
		"asks":  `if err := ctx.Err(); err != nil { return "", err }; return g.word + " " + name, nil`,
	} {
		b.Run(name, func(b *testing.B) { benchmarkTypedCall(b, body) })
	}
}

func benchmarkTypedCall(b *testing.B, body string) {
	b.Helper()
	const batch = 100
	declarations := `
type greeter struct{ word string }

func (g greeter) Greet(ctx context.Context, name string) (string, error) { ` + body + ` }`
	e := open(b, greeters(b, b.TempDir(), implementing("a", `return r.Provide("greeter", "english", greeter{"Hello"})`, declarations)))
	g, err := engine.Get[Greeter](e, "english")
	if err != nil {
		b.Fatal(err)
	}
	bare := bareMethod(b, declarations)
	var inEngine, inBare, added []time.Duration
	ctx := b.Context()
	for b.Loop() {
		start := time.Now()
		for range batch {
			if got, err := g.Greet(ctx, "Gopher"); err != nil || got != "Hello Gopher" {
				b.Fatal(got, err)
			}
		}
		middle := time.Now()
		for range batch {
			if got, err := bare(ctx, "Gopher"); err != nil || got != "Hello Gopher" {
				b.Fatal(got, err)
			}
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

// bareMethod returns the method as a bare interpreter offers it: as a method value.
func bareMethod(b *testing.B, declarations string) func(context.Context, string) (string, error) {
	b.Helper()
	src := `package hello

import "context"
` + declarations + `

var English = greeter{"Hello"}
`
	i := interp.New(interp.Options{GoPath: "gp", SourcecodeFilesystem: fstest.MapFS{"gp/src/hello/hello.go": {Data: []byte(src)}}})
	err := i.Use(interp.Exports{"context/context": {"Context": reflect.ValueOf((*context.Context)(nil))}})
	if err != nil {
		b.Fatal(err)
	}
	if _, err := i.Eval(`import "hello"`); err != nil {
		b.Fatal(err)
	}
	method, err := i.Eval("hello.English.Greet")
	if err != nil {
		b.Fatal(err)
	}
	bare, ok := reflect.TypeAssert[func(context.Context, string) (string, error)](method)
	if !ok {
		b.Fatal("the bare interpreter has no such method")
	}
	return bare
}
