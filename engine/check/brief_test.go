package check_test

import (
	"go/ast"
	"testing"
	"testing/fstest"

	"github.com/scriptd/scriptd/engine/check"
	"github.com/scriptd/scriptd/engine/symbols"
)

// Functions are brief only where nothing in them, nor in what they call, may wait, call back or repeat itself.
func TestBrief(t *testing.T) {
	for _, tt := range []struct {
		name, source string
		want         bool
	}{
		{"nothing", `func f() {}`, true},
		{"an answer", `type P struct{ Name string }; func f(p P) (string, error) { return "hello " + p.Name, nil }`, true},
		{"branches", `func f(n int) string { if n > 1 { return "a" }; switch { case n == 0: fallthrough; default: break }; return "b" }`, true},
		{"a type switch", `func f(v any) int { switch v := v.(type) { case int: return v; default: return 0 } }`, true},
		{"calls", `type T struct{ n int }; func (t *T) add(n int) int { return t.n + n }
			func g(n int) int { return 2*n }; func f(n int) int { t := T{n}; return g(t.add(g(n))) }`, true},
		{"compiled functions", `import ("fmt"; "strings"; "errors"; "time"; "strconv")
			func f(s string) (string, error) { n, err := strconv.Atoi(strings.TrimSpace(s)); if err != nil { return "", errors.New("no number") }
			return fmt.Sprintf("%d %s", n, time.Now().UTC().Add(time.Hour).Weekday().String()), nil }`, false},
		{"formats", `import ("fmt"; "time"); func f(n int) string { return fmt.Sprintf("%d %s", n, time.Since(time.Now()).String()) }`, true},
		{"maps and slices", `func f(m map[string]int, l []int) []int { m["a"] = 1; delete(m, "b"); l = append(l, len(m)); return l[:1] }`, true},
		{"made of constant size", `func f() []int { return make([]int, 2, 10) }`, true},
		{"a panic", `func f() { panic("no") }`, true},

		{"a loop", `func f() { for {} }`, false},
		{"a range", `func f(l []int) { for range l {} }`, false},
		{"a jump", `func f() { again: goto again }`, false},
		{"recursion", `func f(n int) int { if n == 0 { return 0 }; return f(n-1) }`, false},
		{"a loop behind calls", `func h() { for {} }; func g() { h() }; func f() { g() }`, false},
		{"a goroutine", `func g() {}; func f() { go g() }`, false},
		{"a deferred call", `func g() {}; func f() { defer g() }`, false},
		{"a receive", `var c = make(chan int); func f() int { return <-c }`, false},
		{"a send", `var c = make(chan int); func f() { c <- 1 }`, false},
		{"a select", `func f() { select {} }`, false},
		{"a lock", `import "sync"; var m sync.Mutex; func f() { m.Lock() }`, false},
		{"sleep", `import "time"; func f() { time.Sleep(1) }`, false},
		{"output", `import "fmt"; func f() { fmt.Println() }`, false},
		{"an interface", `func f(err error) string { return err.Error() }`, false},
		{"an embedded interface", `type T struct{ error }; func f(t T) string { return t.Error() }`, false},
		{"a function value", `var g = func() {}; func f() { g() }`, false},
		{"a function passed on", `import "strings"; func g(r rune) rune { return r }; func f(s string) string { return strings.Map(g, s) }`, false},
		{"a method that formatting calls", `import "fmt"; type T int; func (T) String() string { for {} }; func f(t T) string { return fmt.Sprint(t) }`, false},
		{"an unknown format", `import "fmt"; func f(s string) string { return fmt.Sprintf(s, 1) }`, false},
		{"an unknown size", `func f(n int) []int { return make([]int, n) }`, false},
		{"a large array", `func f() int { var a [1<<20]int; return a[3] }`, false},
		{"generic", `func g[T any](v T) T { return v }; func f() int { return g(1) }`, false},
		{"strings that grow", `func f(s string) string { s += s; s += s; s += s; s += s; s += s; s += s; s += s; s += s; s += s; s += s; s += s; return s }`, false},
		{"many calls", `func a(n int) int { return n+1+n+1+n+1+n+1 }; func b(n int) int { return a(a(a(a(a(a(n)))))) }
			func c(n int) int { return b(b(b(b(n)))) }; func f(n int) int { return c(c(c(n))) }`, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			prog, err := check.Check(check.Config{
				Tree: fstest.MapFS{"p.go": {Data: []byte("package p\n" + tt.source)}}, Dir: ".", Importer: symbols.Std(),
			})
			if err != nil {
				t.Fatal(err)
			}
			var body ast.Expr
			for _, d := range prog.Main().Files[0].AST.Decls {
				if d, ok := d.(*ast.FuncDecl); ok && d.Name.Name == "f" {
					body = &ast.FuncLit{Type: d.Type, Body: d.Body}
				}
			}
			if got := prog.Brief(body); got != tt.want {
				t.Errorf("got %v, want %v", got, tt.want)
			}
		})
	}
}
