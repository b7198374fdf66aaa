package lower_test

import (
	"flag"
	"go/types"
	"os"
	"regexp"
	"testing"
	"testing/fstest"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/scriptd/scriptd/engine/box"
	"github.com/scriptd/scriptd/engine/check"
	"github.com/scriptd/scriptd/engine/lower"
	"github.com/scriptd/scriptd/engine/symbols"
)

var update = flag.Bool("update", false, "write the expected texts of testdata/text.txtar anew")

// input makes what Lower takes of a program of one file, whose host calls the function named entry.
func input(t *testing.T, src, entry string) lower.Input {
	t.Helper()
	universe := symbols.Std()
	prog, err := check.Check(check.Config{
		Tree: fstest.MapFS{"p/main.go": {Data: []byte(src)}}, Dir: "p", Importer: universe,
	})
	if err != nil {
		t.Fatal(err)
	}
	replaced := box.NewProgram(universe).Funcs()
	in := lower.Input{
		Fset:  prog.Fset,
		Entry: prog.Main().Types.Scope().Lookup(entry).(*types.Func),
		Source: func(path string) *lower.Package {
			src := universe.Source(path)
			if src == nil {
				return nil
			}
			return &lower.Package{Types: src.Types, Files: src.Files, Info: src.Info, Fset: src.Fset, InitOrder: src.InitOrder}
		},
		Replaced: func(name string) bool { return replaced[name] != nil },
	}
	for _, p := range prog.Packages {
		pkg := &lower.Package{Types: p.Types, Info: prog.Info, Fset: prog.Fset, InitOrder: p.InitOrder}
		for _, f := range p.Files {
			pkg.Files = append(pkg.Files, f.AST)
		}
		in.Packages = append(in.Packages, pkg)
	}
	return in
}

// The file testdata/text.txtar shows what becomes of one construct each: after the source, a package whose host calls Run,
// comes the text, but for what is in all of them. Run the test with -update after a change, and look at what differs.
func TestText(t *testing.T) {
	const name = "testdata/text.txtar"
	archive, err := txtar.ParseFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if len(archive.Files) < 60 {
		t.Errorf("only %d constructs", len(archive.Files)/2)
	}
	for i := 0; i+1 < len(archive.Files); i += 2 {
		source, want := archive.Files[i], &archive.Files[i+1]
		t.Run(source.Name, func(t *testing.T) {
			if want.Name != "becomes" {
				t.Fatalf("then comes %s", want.Name)
			}
			out, err := lower.Lower(input(t, string(source.Data), "Run"))
			if err != nil {
				t.Fatal(err)
			}
			got := bare(string(out.Text))
			if *update {
				want.Data = []byte(got)
			} else if got != string(want.Data) {
				t.Errorf("got:\n%s\nwant:\n%s", got, want.Data)
			}
			if again, err := lower.Lower(input(t, string(source.Data), "Run")); err != nil || string(again.Text) != string(out.Text) {
				t.Errorf("another time it is something else:\n%s", again.Text)
			}
		})
	}
	if *update {
		if err := os.WriteFile(name, txtar.Format(archive), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// always are the lines that all texts have, or that have no part in what they do.
var always = regexp.MustCompile(`(?m)^(//line .*|package main|import rt "x/rt"|func Entry\(.*)?\n`)

func bare(text string) string { return always.ReplaceAllString(text, "") }
