package interp

import (
	"context"
	"reflect"
	"slices"
	"testing"
	"testing/fstest"
	"time"

	"github.com/scriptd/scriptd/engine/runtime"
)

// callBodies are packages with a handler p, and what it is called with.
var callBodies = []struct {
	name, handler string
	params        map[string]any
}{
	{"no-parameters", `func handle(context.Context) (string, error) { return "hello", nil }`, nil},
	{
		"a-string", `type P struct { Name string }
func handle(_ context.Context, p P) (string, error) { return "hello " + p.Name, nil }`,
		map[string]any{"Name": "Gopher"},
	},
	{
		"a-struct", `type P struct { Name string; N int; On bool; Tags []string; Sizes map[string]float64 }
type R struct { Name string; Sum float64; Tags int }
func handle(_ context.Context, p P) (R, error) { return R{p.Name, float64(p.N) + p.Sizes["a"], len(p.Tags)}, nil }`,
		map[string]any{"Name": "Gopher", "N": 3.0, "On": true, "Tags": []any{"a", "b"}, "Sizes": map[string]any{"a": 1.0, "b": 2.0}},
	},
	{"a-map", `func handle(_ context.Context, p map[string]any) (any, error) { return p["Name"], nil }`, map[string]any{"Name": "Gopher"}},
}

func loadCalled(tb testing.TB, handler string) *instance {
	tb.Helper()
	source := "package p\n\nimport (\"context\"; \"github.com/scriptd/scriptd/plugin\")\n\n" +
		"func Register(r *plugin.Registrar) error { return r.Add(plugin.Spec{Name: \"p\"}, handle) }\n" + handler + "\n"
	inst, err := New().Load(tb.Context(), runtime.Package{Name: "test/p", Dir: ".", Tree: fstest.MapFS{"p.go": {Data: []byte(source)}}})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = inst.Close(context.Background()) })
	return inst.(*instance)
}

// BenchmarkInstanceCall measures calls under a context that ends, beside calls of the same function as the interpreter
// offers it, with arguments made beforehand, in one run. The metrics are medians, in nanoseconds and as their ratio.
func BenchmarkInstanceCall(b *testing.B) {
	for _, c := range callBodies {
		b.Run(c.name, func(b *testing.B) {
			in := loadCalled(b, c.handler)
			ctx, cancel := context.WithCancel(b.Context())
			defer cancel()
			h := in.handlers["p"]
			args := []reflect.Value{reflect.ValueOf(&ctx).Elem()}
			if h.decode != nil {
				p := reflect.New(h.fn.Type().In(1)).Elem()
				if err := h.decode.decode(c.params, p); err != nil {
					b.Fatal(err)
				}
				args = append(args, p)
			}
			const atOnce = 20
			var bare, whole []float64
			for b.Loop() {
				start := time.Now()
				for range atOnce {
					if _, err := in.Call(ctx, "p", c.params); err != nil {
						b.Fatal(err)
					}
				}
				middle := time.Now()
				for range atOnce {
					if out := h.fn.Call(args); !out[1].IsNil() {
						b.Fatal(out[1])
					}
				}
				whole = append(whole, float64(middle.Sub(start).Nanoseconds())/atOnce)
				bare = append(bare, float64(time.Since(middle).Nanoseconds())/atOnce)
			}
			b.ReportMetric(0, "ns/op")
			b.ReportMetric(median(whole)-median(bare), "ns-overhead")
			b.ReportMetric(median(bare), "ns-bare")
			b.ReportMetric(median(whole)/median(bare), "x-bare")
		})
	}
}

// BenchmarkInstanceCalls measures many callers at a time, in nanoseconds for each call of all.
func BenchmarkInstanceCalls(b *testing.B) {
	c := callBodies[1]
	in := loadCalled(b, c.handler)
	b.SetParallelism(32)
	b.RunParallel(func(pb *testing.PB) {
		ctx, cancel := context.WithCancel(b.Context())
		defer cancel()
		for pb.Next() {
			if _, err := in.Call(ctx, "p", c.params); err != nil {
				b.Error(err)
			}
		}
	})
}

func median(list []float64) float64 {
	slices.Sort(list)
	return list[len(list)/2]
}
