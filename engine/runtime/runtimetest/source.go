package runtimetest

import (
	goruntime "runtime"
	"strings"
)

// register is a Register for the handler of the same package.
const register = `
func Register(r *plugin.Registrar) error { return r.Add(plugin.Spec{Name: "p"}, handle) }
`

func sourceCases() []testCase {
	return []testCase{
		{"all that is wrong is told at once, sorted", func(t *trial) {
			problems := t.refused(of(`
-- p/b.go --
package p

var b int = "b"
-- p/a.go --
package p

import "strings"

func a() { x := 1 }
`))
			want := []string{
				`p/a.go:3:8: "strings" imported and not used`,
				`p/a.go:5:12: declared and not used: x`,
				`p/b.go:3:13: cannot use "b" (untyped string constant) as int value in variable declaration`,
			}
			if got := problems.Error(); got != strings.Join(want, "\n") {
				t.Errorf("got\n%s\nwant\n%s", got, strings.Join(want, "\n"))
			}
			if p := problems[0]; p.File != "p/a.go" || p.Line != 3 || p.Column != 8 || p.Message != `"strings" imported and not used` {
				t.Errorf("got %+v", p)
			}
		}},
		{"a syntax error", func(t *trial) {
			t.refusedWith(of("package p\n\nfunc f() { a := ; }\n"), "p/p.go:3:17: syntax error: unexpected semicolon, expected expression")
		}},
		{"a missing permission is named", func(t *trial) {
			p := of(source(`func handle(context.Context) ([]byte, error) { return os.ReadFile("/x") }`, "os"))
			t.refusedWith(p, "p/p.go:3:58: os.ReadFile needs the permission read, which is not granted: "+
				"add permissions: {read: [PATH]} to package test/p or its source in the configuration")
			p.Permissions.Read = []string{"/x"}
			t.load(p)
		}},
		{"all the permissions", func(t *trial) {
			p := of(source(`var _, _, _ = os.Args, http.DefaultClient, exec.Command
func handle(context.Context) (int, error) { return runtime.NumCPU(), nil }`, "os", "net/http", "os/exec", "runtime"))
			p.Permissions.All = true
			t.load(p)
		}},
		{"a program is no plugin", func(t *trial) {
			t.refusedWith(of("package main\n\nfunc main() {}\n"),
				"p/p.go:1:9: package main is a program, not a plugin: give the package another name")
		}},
		{"no Register", func(t *trial) {
			t.refusedWith(of("package p\n"), "p/p.go:1:9: no Register function: a plugin has a func Register(r *plugin.Registrar) error")
		}},
		{"a wrong Register", func(t *trial) {
			for _, tt := range []struct{ decl, want string }{
				{"func Register() {}", "p/p.go:3:6: wrong Register: have func Register(), want func Register(r *plugin.Registrar) error"},
				{"var Register int", "p/p.go:3:5: wrong Register: have var Register int, want func Register(r *plugin.Registrar) error"},
				{"type Register struct{}", "p/p.go:3:6: wrong Register: have type Register struct{}, want func Register(r *plugin.Registrar) error"},
				{"func Register[T any](T) error { return nil }", "p/p.go:3:6: wrong Register: have func Register[T any](T) error, want func Register(r *plugin.Registrar) error"},
			} {
				t.refusedWith(of("package p\n\n"+tt.decl+"\n"), tt.want)
			}
		}},
		{"several files", func(t *trial) {
			t.answers(t.load(of(`
-- p/a.go --
package p

import "context"

func handle(context.Context) (string, error) { return strs.ToUpper(word), nil }
-- p/b.go --
package p

import (
	"strings"

	"github.com/scriptd/scriptd/plugin"
)

var strs = upper{}

type upper struct{}

func (upper) ToUpper(s string) string { return strings.ToUpper(s) }
`+register+`
-- p/c.go --
package p

const word = "abc"
`)), nil, `"ABC"`)
		}},
		{"one import under two names", func(t *trial) {
			t.answers(t.load(of(`
-- p/a.go --
package p

import (
	"context"
	str "strings"

	"github.com/scriptd/scriptd/plugin"
)

func handle(context.Context) (string, error) { return str.ToUpper(b()), nil }
`+register+`
-- p/b.go --
package p

import . "strings"

func b() string { return Repeat("ab", 2) }
`)), nil, `"ABAB"`)
		}},
		{"files that are no part of a build", func(t *trial) {
			other := "windows"
			if goruntime.GOOS == other {
				other = "linux"
			}
			t.answers(t.load(of(`
-- p/p.go --
package p

import (
	"context"

	"github.com/scriptd/scriptd/plugin"
)

func handle(context.Context) (string, error) { return where, nil }
`+register+`
-- p/q_`+goruntime.GOOS+`.go --
// +build gc

package p

const where = "here"
-- p/q_`+other+`.go --
package p

const where = "elsewhere"
-- p/q_other.go --
//go:build !`+goruntime.GOOS+`

package p

const where = "elsewhere"
-- p/p_test.go --
package p

import "testing"

func TestX(t *testing.T) {}
-- p/tool.go --
//go:build ignore

package main

func main() {}
-- p/_draft.go --
package p

const where =
-- p/readme.md --
package x
`)), nil, `"here"`)
		}},
		{"what only looks like a constraint", func(t *trial) {
			t.answers(t.load(of(`
-- p/p.go --
// +build nothing here, this is prose
// yaegi:tags x
package p

import (
	"context"

	"github.com/scriptd/scriptd/plugin"
)

func handle(context.Context) (string, error) { return "built", nil }
`+register)), nil, `"built"`)
		}},
		{"two packages in a folder", func(t *trial) {
			t.refusedWith(of("-- p/a.go --\npackage a\n-- p/b.go --\npackage b\n"),
				"p/b.go:1:9: found packages a (a.go) and b (b.go) in one folder")
		}},
		{"no Go files", func(t *trial) {
			t.refusedWith(of("-- p/readme.md --\n"), "p: no Go files")
		}},
		{"cgo, unsafe and embedded files that are not there", func(t *trial) {
			for _, tt := range []struct{ source, want string }{
				{"package p\n\nimport \"C\"\n", "p/p.go:3:8: not supported by the interpreter: cgo "},
				{"package p\n\nimport _ \"unsafe\"\n", "p/p.go:3:10: not supported by the interpreter: unsafe "},
				{"package p\n\nimport _ \"embed\"\n\n//go:embed x\nvar s string\n", "p/p.go:5:12: pattern x: no matching files found"},
			} {
				if got := t.refused(of(tt.source)).Error(); !strings.HasPrefix(got, tt.want) {
					t.Errorf("got  %s\nwant %s…", got, tt.want)
				}
			}
		}},
		{"a byte order mark and Windows line ends", func(t *trial) {
			src := "\ufeff" + strings.ReplaceAll(source("func handle(context.Context) (string, error) {\n\treturn `a\nb`, nil\n}"), "\n", "\r\n")
			t.answers(t.load(of("-- p/p.go --\n"+src)), nil, `"a\nb"`)
		}},
		{"odd names of files and folders", func(t *trial) {
			p := of("-- a *;/b c/p (1).go --\n" + source(`func handle(context.Context) error {
	panic("here")
}`))
			p.Dir = "a *;/b c"
			if got, want := t.fails(t.load(p), nil).Error, "a *;/b c/p (1).go:4:2: panic: here"; got != want {
				t.Errorf("got %s, want %s", got, want)
			}
		}},
		{"a manifest", func(t *trial) {
			src := "-- p/p.go --\n" + source("func handle(context.Context) error { return nil }") + "-- p/plugin.yaml --\n"
			t.load(of(src + "name: p\nversion: 1.2.3\napiVersion: 1\ndescription: d\npermissions: {net: [\"example.com:443\"]}\n"))
			t.load(of(src))
			for _, tt := range []struct{ manifest, want string }{
				{"apiVersion: 2\n", "p/plugin.yaml:1:13: apiVersion 2: this engine speaks apiVersion 1"},
				{"name: p\nvresion: 1\n", `p/plugin.yaml:2:1: unknown field "vresion"`},
				{"name: [\n", "p/plugin.yaml:1:7: "},
				{"apiVersion: one\n", "p/plugin.yaml:1:13: "},
			} {
				if got := t.refused(of(src + tt.manifest)).Error(); !strings.HasPrefix(got, tt.want) {
					t.Errorf("got  %s\nwant %s…", got, tt.want)
				}
			}
		}},
	}
}
