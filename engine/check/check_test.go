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

func TestErrors(t *testing.T) {
	tests := []struct {
		name, source string
		want         []string
	}{
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
			"p/p.go:7:1: label L declared and not used",
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
			"p/p.go:12:5: not enough arguments in call to g\n\thave (number)\n\twant (int, string)",
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
			"p/p.go:4:9: expected ')', found '{'",
			"p/p.go:5:9: missing ',' before newline in parameter list",
			"p/p.go:6:1: expected ')', found '}'",
			"p/p.go:8:6: expected '(', found g",
			"p/p.go:9:2: expected ')', found 'return'",
			"p/p.go:10:1: expected ')', found '}'",
		}},
		{"syntax in one file keeps types in others quiet", `
-- p/a.go --
package p

func a() { undefined() }
-- p/b.go --
package p

func b() {
`, []string{
			"p/b.go:3:12: expected '}', found 'EOF'",
		}},
		{"no package clause", `
func f() {}
`, []string{
			"p/p.go:2:1: expected 'package', found 'func'",
		}},
		{"empty file", `
-- p/p.go --
`, []string{
			"p/p.go:1:1: expected 'package', found 'EOF'",
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
		{"cgo", `
package p

// int f() { return 1; }
import "C"

var x = C.f()
`, []string{
			"p/p.go:5:8: not supported by the interpreter: cgo (compiled C has no place in an interpreter; use a Go package, or a service of the host)",
		}},
		{"unsafe", `
package p

import "unsafe"

var x = unsafe.Sizeof(1)
`, []string{
			"p/p.go:4:8: not supported by the interpreter: unsafe (interpreted values have no memory layout of their own; use encoding/binary or math.Float64bits and the like)",
		}},
		{"embed", `
package p

import _ "embed"

//go:embed p.go
var s string

//go:embed	*.txt
var t string
`, []string{
			"p/p.go:6:1: not supported by the interpreter: go:embed (plugins have no embedded files; keep the text in a constant)",
			"p/p.go:9:1: not supported by the interpreter: go:embed (plugins have no embedded files; keep the text in a constant)",
		}},
		{"linkname", `
package p

import _ "unsafe"

//go:linkname now time.now
func now() (sec int64, nsec int32, mono int64)
`, []string{
			"p/p.go:4:10: not supported by the interpreter: unsafe (interpreted values have no memory layout of their own; use encoding/binary or math.Float64bits and the like)",
			"p/p.go:6:1: not supported by the interpreter: go:linkname (it reaches into compiled packages; use what they export)",
			"p/p.go:7:6: missing function body",
		}},
		{"directives that are fine", `
package p

//go:generate go version
//go:noinline
func f() {}

// go:embed in prose, and //go:linkname too.
const s = "//go:embed x"
`, nil},
		{"unknown packages", `
package p

import (
	"example.com/x"
	"slices"
	"nosuch"
	"net/http/httptest"
	_ "internal/abi"
)

var _ = x.Y
var _ = slices.Max([]int{1})
`, []string{
			"p/p.go:5:2: package example.com/x is not available to plugins: put its source into the tree or a vendor folder",
			"p/p.go:6:2: package slices is not available to plugins: the interpreter has no symbols of it",
			"p/p.go:7:2: package nosuch is not available to plugins: put its source into the tree or a vendor folder",
			"p/p.go:8:2: package net/http/httptest is not available to plugins: the interpreter has no symbols of it",
			"p/p.go:9:4: use of internal package internal/abi not allowed",
		}},
		{"bad import paths", `
package p

import "a b"
import ""
import "./q"
`, []string{
			"p/p.go:4:8: invalid import path (invalid character U+0020 ' ')",
			"p/p.go:5:8: invalid import path (empty string)",
			"p/p.go:6:8: \"./q\" is relative, but relative import paths are not supported",
		}},
		{"import twice", `
package p

import "os"
import "os"

var _ = os.Args
`, []string{
			"p/p.go:5:8: os redeclared in this block\n\tp/p.go:4:8: other declaration of os",
			"p/p.go:5:8: \"os\" imported and not used",
		}},
		{"symbol not in a package", `
package p

import "strings"

var _ = strings.NoSuch
var _ = strings.builder
var _ strings.Builder.x
`, []string{
			"p/p.go:8:22: expected ';', found '.'",
		}},
		{"old language is the current one", `
//go:build go1.17

package p

func f[T any]() {}
`, nil},
		{"import cycle", `
-- p/p.go --
package p

import "plugins/q"

var _ = q.Q
-- q/q.go --
package q

import "plugins/p"

var Q = p.P
`, []string{
			"q/q.go:3:8: import cycle not allowed: through plugins/p",
		}},
		{"import of itself", `
package p

import "plugins/p"
`, []string{
			"p/p.go:4:8: import cycle not allowed: through plugins/p",
		}},
		{"errors of an imported package come once", `
-- p/a.go --
package p

import "plugins/q"

var A = q.Q
-- p/b.go --
package p

import "plugins/q"
import "plugins/r"

var B = q.Q + r.R
var C = undefined
-- q/q.go --
package q

var Q int = "q"
-- r/r.go --
package r

import "plugins/q"

var R = q.Q
`, []string{
			"p/b.go:7:9: undefined: undefined",
			"q/q.go:3:13: cannot use \"q\" (untyped string constant) as int value in variable declaration",
		}},
		{"import of a program", `
-- p/p.go --
package p

import "plugins/cmd"

var _ = cmd.X
-- cmd/main.go --
package main

var X = 1

func main() {}
`, []string{
			"p/p.go:3:8: import \"plugins/cmd\" is a program, not an importable package",
		}},
		{"internal", `
-- p/p.go --
package p

import (
	_ "plugins/internal/a"
	_ "plugins/p/internal/b"
	_ "plugins/q/internal/c"
)
-- internal/a/a.go --
package a
-- p/internal/b/b.go --
package b
-- q/internal/c/c.go --
package c
`, []string{
			"p/p.go:6:4: use of internal package plugins/q/internal/c not allowed",
		}},
		{"line directives", `
package p

//line other.go:100
var x int = "x"
`, []string{
			"p/other.go:100: cannot use \"x\" (untyped string constant) as int value in variable declaration",
		}},
		{"vendored code is checked", `
-- go.mod --
module example.com/m
-- p/p.go --
package p

import "example.com/dep"

var _ = dep.X
-- vendor/example.com/dep/dep.go --
package dep

var X int = "x"
`, []string{
			"vendor/example.com/dep/dep.go:3:13: cannot use \"x\" (untyped string constant) as int value in variable declaration",
		}},
		{"import in the module that is not there", `
-- go.mod --
module example.com/m
-- p/p.go --
package p

import "example.com/m/q"
import "p/r"
-- r/r.go --
package r
`, []string{
			"p/p.go:3:8: package example.com/m/q is not available to plugins: put its source into the tree or a vendor folder",
			"p/p.go:4:8: package p/r is not available to plugins: put its source into the tree or a vendor folder",
		}},
		{"absolute and relative imports", `
-- p/p.go --
package p

import (
	_ "/q"
	_ "../q"
	_ "."
	_ "q/../q"
)
-- q/q.go --
package q
`, []string{
			"p/p.go:4:4: cannot import absolute path \"/q\"",
			"p/p.go:5:4: \"../q\" is relative, but relative import paths are not supported",
			"p/p.go:6:4: \".\" is relative, but relative import paths are not supported",
			"p/p.go:7:4: package q/../q is not available to plugins: put its source into the tree or a vendor folder",
		}},
		{"a folder does not stand in for the standard library", `
-- p/p.go --
package p

import "slices"

var _ = slices.X
-- slices/slices.go --
package slices

var X int
`, []string{
			"p/p.go:3:8: package slices is not available to plugins: the interpreter has no symbols of it",
		}},
		{"CRLF and a byte order mark", "\ufeffpackage p\r\n\r\nvar x int = \"x\"\r\n", []string{
			"p/p.go:3:13: cannot use \"x\" (untyped string constant) as int value in variable declaration",
		}},
		{"an error behind wide characters", `
package p

var grüße, x int = "héllo", "y"
`, []string{
			"p/p.go:4:22: cannot use \"héllo\" (untyped string constant) as int value in variable declaration",
			"p/p.go:4:32: cannot use \"y\" (untyped string constant) as int value in variable declaration",
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			diff(t, errorsOf(t, check.Config{Tree: tree(tt.source), Dir: "p"}), tt.want)
		})
	}
}
