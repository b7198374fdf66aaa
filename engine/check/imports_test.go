package check_test

import "testing"

// What is refused, and what goes wrong between packages.
func TestImportErrors(t *testing.T) {
	run(t, []errorTest{
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
		{"linkname", `
package p

import _ "unsafe"

//go:linkname now time.now
func now() (sec int64, nsec int32, mono int64)
`, []string{
			"p/p.go:4:10: not supported by the interpreter: unsafe (interpreted values have no memory layout of their own; use encoding/binary or math.Float64bits and the like)",
			"p/p.go:6:1: not supported by the interpreter: go:linkname (it reaches into compiled packages; use what they export)",
		}},
		{"what one system has", `
package p

import "syscall"

var stop, kill = syscall.SIGTERM, syscall.Kill
`, []string{
			"p/p.go:6:43: not supported by the interpreter: syscall.Kill (of package syscall there are signals and the numbers of errors, which every system has; use packages os and os/exec)",
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
	"expvar"
	"nosuch"
	"net/http/httptest"
	_ "internal/abi"
)

var _ = x.Y
var _ = expvar.NewInt("x")
`, []string{
			"p/p.go:5:2: package example.com/x is not available to plugins: put its source into the tree or a vendor folder",
			"p/p.go:6:2: package expvar is not available to plugins: the interpreter has no symbols of it",
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
			"p/p.go:8:22: syntax error: unexpected . after top level declaration",
		}},
		{"what is declared outside of the tree", `
package p

import (
	. "cmp"
	"runtime"
	"slices"
)

var a = slices.Collect(nil)

func Compare() {}

var b = runtime.AddCleanup
`, []string{
			"p/p.go:5:2: \"cmp\" imported and not used",
			"p/p.go:10:23: in call to slices.Collect, cannot infer E",
			"p/p.go:12:6: Compare already declared through dot-import of package cmp (\"cmp\")",
			"p/p.go:14:17: not supported by the interpreter: runtime.AddCleanup (the interpreter keeps values alive in ways of its own; use defer, or a Close method)",
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

import "expvar"

var _ = expvar.X
-- expvar/expvar.go --
package expvar

var X int
`, []string{
			"p/p.go:3:8: package expvar is not available to plugins: the interpreter has no symbols of it",
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
	})
}
