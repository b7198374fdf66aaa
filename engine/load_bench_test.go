package engine_test

import (
	"context"
	"os"
	"reflect"
	goruntime "runtime"
	"testing"
	"testing/fstest"
	"time"

	yaegi "github.com/traefik/yaegi/interp"
	yaegistd "github.com/traefik/yaegi/stdlib"

	"github.com/scriptd/scriptd/engine/interp"
	"github.com/scriptd/scriptd/engine/runtime"
	"github.com/scriptd/scriptd/engine/schema"
	"github.com/scriptd/scriptd/engine/symbols"
	"github.com/scriptd/scriptd/engine/symbols/stdlib"
	"github.com/scriptd/scriptd/plugin"
)

// BenchmarkLoad measures the hello plugin from source to first call, as the engine does it, beside an interpreter that
// is given all of its standard library: x-faster, x-less-B and x-less-heap are the ratios.
func BenchmarkLoad(b *testing.B) {
	source, err := os.ReadFile("../examples/plugins/hello/hello.go")
	if err != nil {
		b.Fatal(err)
	}
	ours := func() any { return loadHello(b, source) }
	bare := func() any { return loadBare(b, source) }
	ours() // the symbol tables of the process are built once
	const batch = 10
	var times [2]time.Duration
	for b.Loop() {
		for i, load := range []func() any{ours, bare} {
			goruntime.GC() // so that neither clears up after the other
			start := time.Now()
			for range batch {
				load()
			}
			times[i] += time.Since(start)
		}
	}
	b.StopTimer()
	ourBytes, ourHeap := memory(ours)
	bareBytes, bareHeap := memory(bare)
	b.ReportMetric(float64(times[0].Microseconds())/float64(b.N*batch), "µs/load")
	b.ReportMetric(float64(times[1])/float64(times[0]), "x-faster")
	b.ReportMetric(bareBytes/ourBytes, "x-less-B")
	b.ReportMetric(bareHeap/ourHeap, "x-less-heap")
}

func loadHello(b *testing.B, source []byte) any {
	b.Helper()
	inst, err := interp.New().Load(b.Context(), runtime.Package{
		Name: "bench/hello", Tree: fstest.MapFS{"hello/hello.go": {Data: source}}, Dir: "hello",
	})
	if err != nil {
		b.Fatal(err)
	}
	s, err := schema.Compile(inst.Plugins()[0].Schema)
	if err != nil {
		b.Fatal(err)
	}
	params, faults := s.Apply(map[string]any{"name": "Gopher"})
	if len(faults) > 0 {
		b.Fatal(faults)
	}
	res, err := inst.Call(b.Context(), "hello", params)
	if err != nil || res.Data != "hello, Gopher" {
		b.Fatal(res, err)
	}
	return inst
}

// bareHost keeps the handler that a package registers.
type bareHost struct{ handler any }

func (h *bareHost) Add(_ plugin.Spec, handler any) error { h.handler = handler; return nil }
func (*bareHost) Config(any) error                       { return nil }
func (*bareHost) OnClose(func(context.Context) error)    {}

func loadBare(b *testing.B, source []byte) any {
	b.Helper()
	i := yaegi.New(yaegi.Options{GoPath: "gp", SourcecodeFilesystem: fstest.MapFS{"gp/src/hello/hello.go": {Data: source}}})
	sdk, _ := stdlib.Lookup(symbols.SDK)
	for _, table := range []yaegi.Exports{yaegistd.Symbols, {symbols.SDK + "/plugin": sdk.Symbols()}} {
		if err := i.Use(table); err != nil {
			b.Fatal(err)
		}
	}
	if _, err := i.Eval(`import "hello"`); err != nil {
		b.Fatal(err)
	}
	register, err := i.Eval("hello.Register")
	if err != nil {
		b.Fatal(err)
	}
	h := &bareHost{}
	if err := register.Interface().(func(*plugin.Registrar) error)(plugin.NewRegistrar(h)); err != nil {
		b.Fatal(err)
	}
	f := reflect.ValueOf(h.handler)
	p := reflect.New(f.Type().In(1)).Elem()
	p.Field(0).SetString("Gopher")
	if out := f.Call([]reflect.Value{reflect.ValueOf(b.Context()), p}); out[0].String() != "hello, Gopher" {
		b.Fatal(out)
	}
	return i
}

// memory returns the bytes that a load allocates, and those that it keeps.
func memory(load func() any) (allocated, kept float64) {
	const n = 100
	var before, after goruntime.MemStats
	goruntime.GC()
	goruntime.ReadMemStats(&before)
	all := make([]any, n)
	for i := range all {
		all[i] = load()
	}
	goruntime.GC()
	goruntime.ReadMemStats(&after)
	goruntime.KeepAlive(all)
	return float64(after.TotalAlloc-before.TotalAlloc) / n, float64(after.HeapAlloc-before.HeapAlloc) / n
}
