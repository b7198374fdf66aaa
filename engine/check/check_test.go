package check_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/scriptd/scriptd/engine/check"
	"github.com/scriptd/scriptd/engine/symbols"
)

// tree makes a tree of a txtar archive. Text without a header is the file p/p.go.
func tree(archive string) fstest.MapFS {
	files := fstest.MapFS{}
	a := txtar.Parse([]byte(archive))
	if len(a.Files) == 0 {
		a.Files = []txtar.File{{Name: "p/p.go", Data: a.Comment}}
	}
	for _, f := range a.Files {
		files[f.Name] = &fstest.MapFile{Data: f.Data}
	}
	return files
}

// errorsOf checks a package and returns its errors, one a line.
func errorsOf(t *testing.T, cfg check.Config) []string {
	t.Helper()
	if cfg.Importer == nil {
		cfg.Importer = symbols.Std()
	}
	prog, err := check.Check(cfg)
	if err == nil {
		if prog == nil || prog.Main() == nil {
			t.Fatal("no error, and no package")
		}
		return nil
	}
	var errs check.Errors
	if !errors.As(err, &errs) {
		t.Fatalf("not the source's fault: %v", err)
	}
	lines := make([]string, len(errs))
	for i, e := range errs {
		lines[i] = e.Error()
	}
	return lines
}

func diff(t *testing.T, got, want []string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("got\n\t%s\nwant\n\t%s", strings.Join(got, "\n\t"), strings.Join(want, "\n\t"))
	}
}

// errorTest is a package p, and what is wrong with it.
type errorTest struct {
	name, source string
	want         []string
}

func run(t *testing.T, tests []errorTest) {
	t.Helper()
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			diff(t, errorsOf(t, check.Config{Tree: tree(tt.source), Dir: "p"}), tt.want)
		})
	}
}

func TestErrors(t *testing.T) {
	tests := []errorTest{
		{"none", "package p\n", nil},
		{"redeclared", `
package p

func f() {}
func f() {}

type T struct{ a, a int }
`, []string{
			"p/p.go:5:6: f redeclared in this block\n\tp/p.go:4:6: other declaration of f",
			"p/p.go:7:19: a redeclared\n\tp/p.go:7:16: other declaration of a",
		}},
		{"recursive types", `
package p

type A struct{ b B }
type B struct{ a A }
`, []string{
			"p/p.go:4:6: invalid recursive type A\n\tp/p.go:4:6: A refers to B\n\tp/p.go:5:6: B refers to A",
		}},
		{"initialisation cycle", `
package p

var a = b
var b = f()

func f() int { return a }
`, []string{
			"p/p.go:4:5: initialization cycle for a\n\tp/p.go:4:5: a refers to b\n\tp/p.go:5:5: b refers to f\n\tp/p.go:7:6: f refers to a",
		}},
		{"missing return, unused label, unused import", `
package p

import "strings"

func f() int {
L:
	for {
		break
	}
}
`, []string{
			"p/p.go:4:8: \"strings\" imported and not used",
			"p/p.go:7:1: label L defined and not used",
			"p/p.go:11:1: missing return",
		}},
		{"duplicate case, missing body, wrong calls", `
package p

func g(a int, b string) {}

func h()

func f(x int) {
	switch x {
	case 1, 1:
	}
	g(1)
	g("a", 2, 3)
	var i interface{ M() } = x
	_ = i
}
`, []string{
			"p/p.go:6:6: missing function body",
			"p/p.go:10:10: duplicate case 1 (constant of type int) in expression switch\n\tp/p.go:10:7: previous case",
			"p/p.go:12:4: not enough arguments in call to g\n\thave (number)\n\twant (int, string)",
			"p/p.go:13:12: too many arguments in call to g\n\thave (string, number, number)\n\twant (int, string)",
			"p/p.go:14:27: cannot use x (variable of type int) as interface{M()} value in variable declaration: int does not implement interface{M()} (missing method M)",
		}},
		{"assignments", `
package p

const c = 1

func f() {
	c = 2
	var a int = nil
	b := 1
	b := 2
	_, _ = a, b
	var s []int
	s.x = 1
	for i := range 10 {
		i.foo()
	}
}
`, []string{
			"p/p.go:7:2: cannot assign to c (neither addressable nor a map index expression)",
			"p/p.go:8:14: cannot use nil as int value in variable declaration",
			"p/p.go:10:4: no new variables on left side of :=",
			"p/p.go:13:4: s.x undefined (type []int has no field or method x)",
			"p/p.go:15:5: i.foo undefined (type int has no field or method foo)",
		}},
		{"generics of the language version", `
package p

import "strings"

type Set[T comparable] map[T]struct{}

func Map[T, U any](s []T, f func(T) U) (out []U) {
	for _, v := range s {
		out = append(out, f(v))
	}
	return out
}

func _() {
	_ = Set[[]int]{}
	_ = Map([]int{1}, strings.ToUpper)
	_ = new(42)
	for s := range strings.SplitSeq("a", ",") {
		_ = min(len(s), 3)
	}
}
`, []string{
			"p/p.go:16:10: []int does not satisfy comparable",
			"p/p.go:17:20: in call to Map, type func(string) string of strings.ToUpper does not match inferred type func(int) U for func(T) U",
		}},
		{"syntax errors, one per line", `
package p

func f( {
	x = = 1
}

func g() {
	return )
}
`, []string{
			"p/p.go:4:9: syntax error: unexpected {, expected )",
			"p/p.go:5:9: syntax error: unexpected newline in parameter list; possibly missing comma or )",
			"p/p.go:6:1: syntax error: unexpected }, expected )",
			"p/p.go:9:9: syntax error: unexpected ), expected expression",
		}},
		{"syntax in one file keeps types in others quiet", `
-- p/a.go --
package p

func a() { undefined() }
-- p/b.go --
package p

func b() {
`, []string{
			"p/b.go:4:1: syntax error: unexpected EOF, expected }",
		}},
		{"no package clause", `
func f() {}
`, []string{
			"p/p.go:2:1: syntax error: package statement must be first",
		}},
		{"empty file", `
-- p/p.go --
`, []string{
			"p/p.go:1:1: syntax error: package statement must be first",
		}},
		{"two packages in a folder", `
-- p/a.go --
package p
-- p/b.go --
package q
-- p/c.go --
package p
`, []string{
			"p/b.go:1:9: found packages p (a.go) and q (b.go) in one folder",
		}},
		{"no Go files", `
-- p/readme.md --
x
`, []string{
			"p: no Go files",
		}},
		{"only tests", `
-- p/p_test.go --
package p
`, []string{
			"p: no Go files",
		}},
		{"only for other machines", `
-- p/p_windows.go --
package p
-- p/q.go --
//go:build plan9

package p
`, []string{
			"p: build constraints exclude all Go files (this is linux/amd64)",
		}},
	}
	run(t, tests)
}
