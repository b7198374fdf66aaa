package check_test

import (
	"errors"
	"go/ast"
	"go/token"
	"go/types"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/scriptd/scriptd/engine/check"
	"github.com/scriptd/scriptd/engine/symbols"
)

func mustCheck(t *testing.T, files fstest.MapFS, dir string) *check.Program {
	t.Helper()
	prog, err := check.Check(check.Config{Tree: files, Dir: dir, Importer: symbols.Std()})
	if err != nil {
		t.Fatal(err)
	}
	return prog
}

// paths lists the packages of a program as "import path folder".
func paths(prog *check.Program) []string {
	var all []string
	for _, p := range prog.Packages {
		all = append(all, p.Path+" "+p.Dir)
	}
	return all
}

// An import path means a folder as the go command has it, and as well as can be where there is no go.mod.
func TestImportPaths(t *testing.T) {
	tests := []struct {
		name, files, dir string
		want             []string // in dependency order
	}{
		{"the root of a tree", "-- p.go --\npackage p\n", ".", []string{"plugins ."}},
		{"a folder of a tree", "-- a/b/p.go --\npackage p\n", "a/b", []string{"plugins/a/b a/b"}},
		{"an unclean folder", "-- a/b/p.go --\npackage p\n", "./a//b/", []string{"plugins/a/b a/b"}},
		{"a module at the root", `
-- go.mod --
// comment
module example.com/m // comment

go 1.26
-- p/p.go --
package p

import (
	_ "example.com/m"
	_ "example.com/m/q/r"
)
-- m.go --
package m
-- q/r/r.go --
package r

import _ "example.com/m/q"
-- q/q.go --
package q
`, "p", []string{"example.com/m .", "example.com/m/q q", "example.com/m/q/r q/r", "example.com/m/p p"}},
		{"a module beside the package", `
-- x/p/go.mod --
module "example.com/p"
-- x/p/p.go --
package p

import _ "example.com/p/sub"
-- x/p/sub/sub.go --
package sub
`, "x/p", []string{"example.com/p/sub x/p/sub", "example.com/p x/p"}},
		{"a module between", `
-- go.mod --
module example.com/outer
-- x/go.mod --
module example.com/inner
-- x/p/p.go --
package p

import _ "example.com/inner/q"
-- x/q/q.go --
package q
`, "x/p", []string{"example.com/inner/q x/q", "example.com/inner/p x/p"}},
		{"no module: the longest end that is a folder", `
-- p/p.go --
package p

import _ "example.com/team/repo/q/r"
-- q/r/r.go --
package r
-- r/r.go --
package wrong
`, "p", []string{"example.com/team/repo/q/r q/r", "plugins/p p"}},
		{"no module: two names for a folder", `
-- p/p.go --
package p

import (
	a "example.com/a/q"
	b "example.com/b/q"
)

var _ a.T = b.T(1)
-- q/q.go --
package q

type T int
`, "p", []string{"example.com/a/q q", "plugins/p p"}},
		{"no module: folders without Go do not count", `
-- p/p.go --
package p

import _ "example.com/a/q"
-- a/q/readme.md --
-- q/q.go --
package q
`, "p", []string{"example.com/a/q q", "plugins/p p"}},
		{"vendor at the module's root", `
-- go.mod --
module example.com/m
-- p/p.go --
package p

import _ "example.com/dep/sub"
-- vendor/example.com/dep/dep.go --
package dep
-- vendor/example.com/dep/sub/sub.go --
package sub

import _ "example.com/dep"
`, "p", []string{"example.com/dep vendor/example.com/dep", "example.com/dep/sub vendor/example.com/dep/sub", "example.com/m/p p"}},
		{"vendor beside the package, without a module", `
-- p/p.go --
package p

import _ "example.com/dep"
-- p/vendor/example.com/dep/dep.go --
package dep
`, "p", []string{"example.com/dep p/vendor/example.com/dep", "plugins/p p"}},
		{"the nearest vendor", `
-- p/p.go --
package p

import _ "example.com/dep"
-- p/vendor/example.com/dep/dep.go --
package dep
-- vendor/example.com/dep/dep.go --
package wrong
`, "p", []string{"example.com/dep p/vendor/example.com/dep", "plugins/p p"}},
		{"compiled packages win", `
-- go.mod --
module strings
-- p/p.go --
package p

import "strings"

var _ = strings.ToUpper
-- strings.go --
package wrong
`, "p", []string{"strings/p p"}},
		{"a diamond", `
-- p/p.go --
package p

import (
	_ "plugins/a"
	_ "plugins/b"
)
-- a/a.go --
package a

import _ "plugins/c"
-- b/b.go --
package b

import _ "plugins/c"
-- c/c.go --
package c
`, "p", []string{"plugins/c c", "plugins/a a", "plugins/b b", "plugins/p p"}},
		{"internal", `
-- p/p.go --
package p

import (
	_ "plugins/internal"
	_ "plugins/p/internal/b"
)
-- internal/a.go --
package internal

import _ "plugins/internal/deep"
-- internal/deep/deep.go --
package deep
-- p/internal/b/b.go --
package b
`, "p", []string{"plugins/internal/deep internal/deep", "plugins/internal internal", "plugins/p/internal/b p/internal/b", "plugins/p p"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			prog := mustCheck(t, tree(tt.files), tt.dir)
			diff(t, paths(prog), tt.want)
			if main := prog.Main(); main != prog.Packages[len(prog.Packages)-1] {
				t.Errorf("Main is %s", main.Path)
			}
		})
	}
}

// A build for this machine takes these files.
func TestFiles(t *testing.T) {
	other := "windows"
	if runtime.GOOS == other {
		other = "linux"
	}
	files := fstest.MapFS{}
	add := func(name, text string) { files["p/"+name] = &fstest.MapFile{Data: []byte(text)} }
	add("a.go", "package p\n")
	add("b_"+runtime.GOOS+".go", "package p\n")
	add("c_"+runtime.GOOS+"_"+runtime.GOARCH+".go", "package p\n")
	add("d.go", "//go:build "+runtime.GOOS+" && gc && go1.20\n\npackage p\n")
	add("e.go", "// +build "+runtime.GOOS+"\n\npackage p\n")
	add("f_other_words.go", "package p\n")
	add("g.go", "// +build is prose here, directly above the clause\npackage p\n")
	var want []string
	for name := range files {
		want = append(want, name)
	}
	slices.Sort(want)
	add("n_test.go", "package p\n")
	add("o_"+other+".go", "package p\n")
	add("p_plan9_386.go", "package p\n")
	add("q.go", "//go:build ignore\n\npackage main\n")
	add("r.go", "//go:build !"+runtime.GOOS+"\n\npackage wrong\n")
	add("s.go", "// +build ignore\n\npackage wrong\n")
	add("_t.go", "package wrong\n")
	add(".u.go", "package wrong\n")
	add("v.go.txt", "package wrong\n")
	add("w.GO", "package wrong\n")
	add("x.go/inside.go", "package wrong\n")

	var got []string
	for _, f := range mustCheck(t, files, "p").Main().Files {
		got = append(got, f.Name)
		if f.AST == nil || string(f.Source) != string(files[f.Name].Data) {
			t.Errorf("%s: not as it is in the tree", f.Name)
		}
	}
	diff(t, got, want)
}

// What the checker found out is there for all packages.
func TestInfo(t *testing.T) {
	prog := mustCheck(t, tree(`
-- p/p.go --
package p

import "plugins/q"

var P = q.Q + 1
-- q/q.go --
package q

var Q = len("abc")
`), "p")
	if got := prog.Main().Types.Scope().Lookup("P").Type(); got != types.Typ[types.Int] {
		t.Errorf("P is a %s", got)
	}
	used := make(map[string]token.Position)
	for id, obj := range prog.Info.Uses {
		used[obj.Name()] = prog.Fset.Position(id.Pos())
	}
	if got := used["Q"].String(); got != "p/p.go:5:11" {
		t.Errorf("Q is used at %s", got)
	}
	if got := used["len"].String(); got != "q/q.go:3:9" {
		t.Errorf("len is used at %s", got)
	}
	calls := 0
	for _, pkg := range prog.Packages {
		for _, f := range pkg.Files {
			ast.Inspect(f.AST, func(n ast.Node) bool {
				if call, ok := n.(*ast.CallExpr); ok && prog.Info.Types[call].Value.String() == "3" {
					calls++
				}
				return true
			})
		}
	}
	if calls != 1 {
		t.Errorf("%d calls of len are the constant 3, want 1", calls)
	}
}

// Each package keeps the order in which its own variables are initialised.
func TestInitOrder(t *testing.T) {
	prog := mustCheck(t, tree(`
-- p/a.go --
package p

import "plugins/q"

var A = B + q.X
-- p/b.go --
package p

var B, _ = f()

func f() (int, int) { return C, D }

var C = 1
-- p/c.go --
package p

var D = C
var _ = A
-- q/q.go --
package q

var X = Y
var Y = 2
`), "p")
	var got []string
	for _, pkg := range prog.Packages {
		for _, init := range pkg.InitOrder {
			got = append(got, pkg.Types.Name()+": "+init.String())
		}
	}
	diff(t, got, []string{"q: Y = 2", "q: X = Y", "p: C = 1", "p: D = C", "p: B, _ = f()", "p: A = B + q.X", "p: _ = A"})
}

// A program is a package as any other; what it lacks to be linked is not a matter of types.
func TestProgramOfItsOwn(t *testing.T) {
	prog := mustCheck(t, tree(`
-- go.mod --
module example.com/hello

go 1.26
-- main.go --
package main

import (
	"fmt"
	"os"
	"slices"

	"example.com/hello/internal/words"
)

func init() { slices.Sort(os.Args[1:]) }

func main() { fmt.Println(words.Hello, os.Args[1:]) }
-- internal/words/words.go --
package words

const Hello = "hello"
`), ".")
	if main := prog.Main(); main.Types.Name() != "main" || main.Types.Scope().Lookup("main") == nil {
		t.Errorf("the package is %s", main.Types)
	}
}

// Each package of the standard library is a table, or known to have none.
func TestStandardLibraryIsKnown(t *testing.T) {
	out, err := exec.CommandContext(t.Context(), "go", "list", "std").Output()
	if err != nil {
		t.Fatal(err)
	}
	var source strings.Builder
	source.WriteString("package p\n")
	lines := make(map[int]string)
	for i, path := range strings.Fields(string(out)) {
		source.WriteString("import _ \"" + path + "\"\n")
		lines[i+2] = path
	}
	_, err = check.Check(check.Config{Tree: tree(source.String()), Dir: "p", Importer: symbols.Std()})
	var errs check.Errors
	errors.As(err, &errs)
	for _, e := range errs {
		path := lines[e.Pos.Line]
		if strings.HasPrefix(path, "vendor/") || strings.Contains("/"+path+"/", "/internal/") {
			continue
		}
		if !strings.Contains(e.Message, "no symbols of it") && path != "unsafe" {
			t.Errorf("%s: %s", path, e.Message)
		}
	}
}
