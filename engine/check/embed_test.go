package check_test

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/scriptd/scriptd/engine/check"
	"github.com/scriptd/scriptd/engine/symbols"
)

// embedTree has a folder of files to embed in each package folder.
func embedTree(sources []string) fstest.MapFS {
	files := fstest.MapFS{"go.mod": {Data: []byte("module example.com/m\n\ngo 1.26\n")}}
	for i, source := range sources {
		dir := fmt.Sprintf("p%d/", i)
		for name := range strings.FieldsSeq("a.txt b.txt .hidden _under d/x.txt d/.dot d/_y/z.txt d/e/[f].txt only/.hidden m/go.mod m/x.txt " +
			"d/m/go.mod d/m/x.txt bad/a'b.txt bad/con.txt .git/config d/.git/config com1/x.txt name[1].txt") {
			files[dir+name] = &fstest.MapFile{Data: []byte(dir + name)}
		}
		files[dir+"p.go"] = &fstest.MapFile{Data: []byte(fmt.Sprintf("package p%d\n\n", i) + source)}
	}
	return files
}

// Patterns mean the files that the go command takes, and are wrong where it says so.
func TestEmbedPatterns(t *testing.T) {
	if testing.Short() {
		t.Skip("runs the go command")
	}
	patterns := []string{
		"a.txt", "a.txt b.txt", "*.txt", "d", "all:d", "d/*", "all:d/*", "d/e", "*", "all:*", ".hidden", "_under", "d/_y", "d/_y/*", "d/.dot",
		"`a.txt` \"b.txt\"", "\"d\" d/x.txt", "d/e/[[]f].txt", "name[[]1].txt", "[ab].txt", "?.txt", "all:d/e a.txt",
		"nosuch.txt", "*.nosuch", "only", "all:only", ".", "..", "../p0/a.txt", "/a.txt", "d/", "./a.txt", "[", "a.txt nosuch.txt", "m", "m/x.txt",
		"d/m/x.txt", "bad", "bad/con.txt", "bad/*", ".git", ".git/config", "com1/x.txt", "com1", "d/../a.txt", "all:.", "a.txt/b",
	}
	var sources []string
	for _, pattern := range patterns {
		sources = append(sources, "import \"embed\"\n\n//go:embed "+pattern+"\nvar files embed.FS\n")
	}
	files := embedTree(sources)
	out, err := goCommand(t, files, "list", "-e", "-f", "{{.Name}} {{.EmbedFiles}} {{with .Error}}{{.Pos}}: {{.Err}}{{end}}", "./...")
	if err != nil {
		t.Fatal(out)
	}
	for i, pattern := range patterns {
		t.Run(pattern, func(t *testing.T) {
			want := regexp.MustCompile(fmt.Sprintf(`(?m)^p%d (.*)$`, i)).FindStringSubmatch(out)
			if want == nil {
				t.Fatalf("not in what go list printed:\n%s", out)
			}
			var got string
			prog, err := check.Check(check.Config{Tree: files, Dir: fmt.Sprintf("p%d", i), Importer: symbols.Std()})
			if err != nil {
				got = "[] " + err.Error()
			} else {
				got = fmt.Sprintf("%v ", slices.Sorted(maps.Keys(prog.Main().Embeds[0].Files)))
			}
			if got != strings.TrimRight(want[1], "\n") {
				t.Errorf("got\n%s, want\n%s", got, want[1])
			}
		})
	}
}

// A directive belongs to a variable that can hold files, and is wrong elsewhere.
func TestEmbedDirectives(t *testing.T) {
	if testing.Short() {
		t.Skip("runs the go command")
	}
	sources := []string{
		"//go:embed a.txt\nvar s string\n",
		"import _ \"embed\"\n\n//go:embed a.txt\nvar s, t string\n",
		"import _ \"embed\"\n\n//go:embed a.txt\nvar s string = \"x\"\n",
		"import _ \"embed\"\n\n//go:embed a.txt\nvar s = \"x\"\n",
		"import _ \"embed\"\n\nfunc f() {\n\t//go:embed a.txt\n\tvar s string\n\t_ = s\n}\n",
		"import _ \"embed\"\n\n//go:embed a.txt\nfunc f() {}\n",
		"import _ \"embed\"\n\n//go:embed a.txt\ntype t string\n",
		"import _ \"embed\"\n\n//go:embed a.txt\nconst c = 1\n",
		"import _ \"embed\"\n\n//go:embed a.txt\nvar (\n\ts string\n)\n",
		"import _ \"embed\"\n\nvar s string\n\n//go:embed a.txt\n",
		"import _ \"embed\"\n\nvar (\n\ts string\n\n\t//go:embed a.txt\n)\n",
		"import _ \"embed\"\n\n//go:embed a.txt\nvar n int\n",
		"import _ \"embed\"\n\n//go:embed a.txt\nvar s []string\n",
		"import _ \"embed\"\n\n//go:embed a.txt b.txt\nvar s string\n",
		"import _ \"embed\"\n\n//go:embed d\nvar s []byte\n",
		"import _ \"embed\"\n\n//go:embed\nvar s []byte\n",
		"import _ \"embed\"\n\ntype T struct{}\n\n//go:embed a.txt\nvar s T\n\n//go:embed b.txt\nvar u *string\n",
		"import \"embed\"\n\n//go:embed a.txt\nvar s *embed.FS\n",
	}
	files := embedTree(sources)
	out, err := goCommand(t, files, "build", "-gcflags=-e", "./...")
	if err == nil {
		t.Fatal("the compiler takes it all")
	}
	for i, source := range sources {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			folder := fmt.Sprintf("p%d", i)
			got := errorsOf(t, check.Config{Tree: files, Dir: folder})
			want := linesOf(out, folder)
			if len(want) == 0 || !slices.Equal(got, want) {
				t.Errorf("%s\ngot\n%s\nwant\n%s", source, strings.Join(got, "\n"), strings.Join(want, "\n"))
			}
		})
	}
}

func TestEmbedQuotes(t *testing.T) {
	run(t, []errorTest{
		{"open", "package p\n\nimport \"embed\"\n\n//go:embed \"p.go\nvar f embed.FS\n", []string{
			"p/p.go:5:3: invalid quoted string in //go:embed: \"p.go",
		}},
		{"no space behind", "package p\n\nimport \"embed\"\n\n//go:embed \"p.go\"p.go\nvar f embed.FS\n", []string{
			"p/p.go:5:3: invalid quoted string in //go:embed: p.go",
		}},
	})
}

func TestEmbeds(t *testing.T) {
	files := embedTree([]string{`import "embed"

type text string

//go:embed a.txt
// and a comment
var s text

var (
	//go:embed a.txt
	b []byte

	not string
	//go:embed "a.txt" d
	//go:embed b.txt

	fs embed.FS
	//go:embed nothing that is a directive here is one: the compiler wants a space
	//go:embedded
)

//go:embed	a.txt
var tab string

//go:embed *.txt
var _ embed.FS
`})
	delete(files, "p0/name[1].txt")
	src := files["p0/p.go"]
	src.Data = []byte(strings.Replace(string(src.Data), "//go:embed nothing", "// go:embed nothing", 1))
	prog := mustCheck(t, files, "p0")
	var got []string
	for _, e := range prog.Main().Embeds {
		got = append(got, fmt.Sprintf("%s %q", e.Var.Name(), slices.Sorted(maps.Keys(e.Files))))
		for name, data := range e.Files {
			if string(data) != "p0/"+name {
				t.Errorf("%s holds %q", name, data)
			}
		}
	}
	diff(t, got, []string{
		`s ["a.txt"]`,
		`b ["a.txt"]`,
		`fs ["a.txt" "b.txt" "d/e/[f].txt" "d/x.txt"]`,
		`_ ["a.txt" "b.txt"]`,
	})
}
