package interp_test

import (
	"sync"
	"testing"
	"testing/fstest"

	"github.com/scriptd/scriptd/engine/interp"
	"github.com/scriptd/scriptd/engine/runtime"
)

// The first calls of a package come at the same time, and find nothing that is not ready.
func TestFirstCallsAtOnce(t *testing.T) {
	for name, src := range map[string]string{
		"named":         "type P struct{ A string }\nfunc handle(_ context.Context, p P) (string, error) { return p.A, nil }",
		"anon":          "func handle(_ context.Context, p struct{ A string }) (string, error) { return p.A, nil }",
		"map":           "func handle(_ context.Context, p map[string]any) (any, error) { return p[\"A\"], nil }",
		"namedmap":      "type P map[string]any\nfunc handle(_ context.Context, p P) (any, error) { return p[\"A\"], nil }",
		"recursive":     "type P struct{ A string; Next *P; All []*P }\nfunc handle(_ context.Context, p P) (P, error) { return p, nil }",
		"closures":      "func handle(_ context.Context, p struct{ A string }) (string, error) { f := func(s string, l []string) string { return s + l[0] }; return g(f, p.A), nil }\nfunc g(f func(string, []string) string, a string) string { return f(a, []string{a}) }",
		"no parameters": "func handle(context.Context) (any, error) { f := func() []string { return []string{g()} }; defer func() { recover() }(); func() { f() }(); return f(), nil }\nfunc g() string { return \"\" }",
		"method":        "type S struct{ n int }\nfunc (s *S) get(m map[string]int, l ...string) int { return m[l[0]] }\nfunc handle(_ context.Context, p struct{ A string }) (any, error) { s := &S{}; get := s.get; return s.get(map[string]int{}, p.A) + get(nil, p.A), nil }",
		"sort":          "func handle(_ context.Context, p struct{ A string }) (any, error) { l := []string{\"b\", p.A}; sort.Slice(l, func(i, j int) bool { return l[i] < l[j] }); m := strings.Map(func(r rune) rune { return r + 1 }, p.A); return m, nil }",
		"switch":        "type T struct{ A []int }\nfunc handle(_ context.Context, p struct{ A string }) (any, error) { var v any = T{}; switch v.(type) { case T: return 1, nil; case map[string]T: return 2, nil }; return conv(p), nil }\nfunc conv(p struct{ A string }) []byte { return []byte(p.A) }",
		"iface":         "type I interface{ M() string }\ntype T struct{ A string }\nfunc (t T) M() string { return t.A }\nfunc handle(_ context.Context, p struct{ A string }) (any, error) { var i I = T{p.A}; return use(i), nil }\nfunc use(i I) string { if t, ok := i.(T); ok { return t.M() + i.M() }; return \"\" }",
		"generic func":  "func m(l []string, f func(string) string) []string { out := make([]string, 0, len(l)); for _, s := range l { out = append(out, f(s)) }; return out }\nfunc handle(_ context.Context, p struct{ A []string }) (any, error) { defer func() { recover() }(); ch := make(chan []string, 1); go func() { ch <- m(p.A, strings.ToUpper) }(); return <-ch, nil }",
	} {
		t.Run(name, func(t *testing.T) {
			full := "package p; import (\"context\"; \"github.com/scriptd/scriptd/plugin\"; \"sort\"; \"strings\"); var _, _ = sort.Slice, strings.ToUpper; var _ context.Context\nfunc Register(r *plugin.Registrar) error { return r.Add(plugin.Spec{Name: \"p\"}, handle) }\n" + src
			inst, err := interp.New().Load(t.Context(), runtime.Package{Tree: fstest.MapFS{"p.go": {Data: []byte(full)}}, Dir: "."})
			if err != nil {
				t.Fatal(err)
			}
			start := make(chan struct{})
			var wg sync.WaitGroup
			for range 8 {
				wg.Go(func() {
					<-start
					for range 3 {
						res, err := inst.Call(t.Context(), "p", map[string]any{})
						if err != nil {
							t.Error(err)
						}
						_ = res
					}
				})
			}
			close(start)
			wg.Wait()
		})
	}
}
