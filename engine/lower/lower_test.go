package lower_test

import (
	"go/format"
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/scriptd/scriptd/engine/check"
	"github.com/scriptd/scriptd/engine/lower"
	"github.com/scriptd/scriptd/engine/symbols"
)

// lowered rewrites the package in the folder p of an archive.
func lowered(t *testing.T, archive string) *lower.Output {
	t.Helper()
	tree := fstest.MapFS{}
	for _, f := range txtar.Parse([]byte(archive)).Files {
		tree[f.Name] = &fstest.MapFile{Data: f.Data}
	}
	prog, err := check.Check(check.Config{Tree: tree, Dir: "p", Importer: symbols.Std()})
	if err != nil {
		t.Fatal(err)
	}
	in := lower.Input{Fset: prog.Fset, Info: prog.Info, Tags: map[string]int{"(*strings.Builder).WriteString": 0, "(*strings.Replacer).Replace": 0}}
	for _, p := range prog.Packages {
		pkg := lower.Package{Types: p.Types}
		for _, f := range p.Files {
			pkg.Files = append(pkg.Files, lower.File{Name: f.Name, Source: f.Source, AST: f.AST})
		}
		in.Packages = append(in.Packages, pkg)
	}
	return lower.Lower(in)
}

func TestLower(t *testing.T) {
	tests := []struct {
		name, source, want string
		sites              []string
	}{
		{"nothing to do", "package p\n\nvar x = 1\n", "//line /p/p.go:1:1\npackage p\n\nvar x = 1\n", nil},
		{
			"imports are named",
			"package p\n\nimport (\n\t\"math/rand/v2\"\n\ts \"strings\"\n\t. \"sort\"\n\t_ \"os\"\n)\n\nvar _, _, _ = rand.Int, s.ToUpper, Ints\n",
			"//line /p/p.go:1:1\npackage p\n\nimport (\n\trand \"math/rand/v2\"\n\ts \"strings\"\n\t. \"sort\"\n\t_ \"os\"\n)\n\nvar _, _, _ = rand.Int, s.ToUpper, Ints\n",
			nil,
		},
		{
			"parameters without names",
			"package p\n\nfunc f(int, ...string) {}\n\nvar g = func(*int) func(bool) { return nil }\n\ntype F func(int)\n",
			"//line /p/p.go:1:1\npackage p\n\nfunc f(_ int, _ ...string) {}\n\nvar g = func(_ *int) func(bool) { return nil }\n\ntype F func(int)\n",
			nil,
		},
		{
			"panics say where",
			"package p // first\n\nfunc f() {\n\tpanic(\"a\")\n}\n\nfunc g() { defer panic(f2(\"é\")); panic(nil) }\n\nfunc f2(s string) any { panic(s) }\n",
			"//line /p/p.go:1:1\npackage p; import scriptd_ \"scriptd\" // first\n\nfunc f() {\n\tscriptd_.Panic(0, \"a\")\n}\n\n" +
				"func g() { defer scriptd_.Panic(1, f2(\"é\")); scriptd_.Panic(2, nil) }\n\nfunc f2(s string) any { scriptd_.Panic(3, s) }\n",
			[]string{"p/p.go:4:2", "p/p.go:7:18", "p/p.go:7:35", "p/p.go:9:25"},
		},
		{
			"what is called panic, and is not",
			"package p\n\nfunc f() {\n\tpanic := func(int) {}\n\tpanic(1)\n}\n",
			"//line /p/p.go:1:1\npackage p\n\nfunc f() {\n\tpanic := func(_ int) {}\n\tpanic(1)\n}\n",
			nil,
		},
		{
			"tags",
			"package p\n\nimport \"strings\"\n\nfunc f(b *strings.Builder, r struct{ *strings.Replacer }) {\n\tb.WriteString(\"x\" + r.Replace(`a`))\n\tb.WriteByte('x')\n}\n",
			"//line /p/p.go:1:1\npackage p; import scriptd_ \"scriptd\"\n\nimport strings \"strings\"\n\nfunc f(b *strings.Builder, r struct{ *strings.Replacer }) {\n" +
				"\tb.WriteString(scriptd_.Tag(0, \"x\" + r.Replace(scriptd_.Tag(1, `a`))))\n\tb.WriteByte('x')\n}\n",
			[]string{"p/p.go:6:16 string", "p/p.go:6:32 string"},
		},
		{
			"what looks like a constraint",
			"// +build of nothing\n// yaegi:tags x\n/*\n+build y\n*/\npackage p\n\n// +build stays here\n",
			"//line /p/p.go:1:1\n// +build_of nothing\n// yaegi:tags_x\n/*\n+build_y\n*/\npackage p\n\n// +build stays here\n",
			nil,
		},
		{"a byte order mark", "\ufeffpackage p\n", "//line /p/p.go:1:1\npackage p\n", nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			out := lowered(t, "-- p/p.go --\n"+tt.source)
			if got := string(out.Files["scriptd.0/0000.go"]); got != tt.want {
				t.Errorf("got\n%s\nwant\n%s", got, tt.want)
			}
			if _, err := format.Source(out.Files["scriptd.0/0000.go"]); err != nil {
				t.Error(err)
			}
			var sites []string
			for _, s := range out.Sites {
				text := s.Pos.String()
				if s.Type != nil {
					text += " " + s.Type.String()
				}
				sites = append(sites, text)
			}
			if !slices.Equal(sites, tt.sites) {
				t.Errorf("sites %q, want %q", sites, tt.sites)
			}
			if got, want := strings.Count(tt.want, "\n"), strings.Count(tt.source, "\n")+1; got != want {
				t.Errorf("%d lines, want %d: statements stay on their lines", got, want)
			}
		})
	}
}

// The program's own packages are imported by paths that mean one folder only.
func TestLowerPackages(t *testing.T) {
	out := lowered(t, `
-- go.mod --
module p
-- p/b.go --
package p

import "p/q"
import other "p/p/p"

var _, _ = notq.N, other.N
-- p/a.go --
package p
-- q/q.go --
package notq

const N = 1
-- p/p/p.go --
package p

import _ "p/q"

const N = 2
`)
	if out.Main != "scriptd.2" {
		t.Errorf("the program is %s", out.Main)
	}
	want := []string{"scriptd.0/0000.go", "scriptd.1/0000.go", "scriptd.2/0000.go", "scriptd.2/0001.go"}
	if got := slices.Sorted(maps.Keys(out.Files)); !slices.Equal(got, want) {
		t.Fatalf("files %q, want %q", got, want)
	}
	if got := string(out.Files["scriptd.2/0001.go"]); !strings.Contains(got, "import notq \"scriptd.0\"\nimport other \"scriptd.1\"\n") {
		t.Errorf("got\n%s", got)
	}
	if got := string(out.Files["scriptd.1/0000.go"]); !strings.Contains(got, "import _ \"scriptd.0\"\n") {
		t.Errorf("got\n%s", got)
	}
}
