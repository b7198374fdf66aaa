package check_test

import (
	"fmt"
	"slices"
	"testing"
	"testing/fstest"

	"github.com/scriptd/scriptd/engine/check"
	"github.com/scriptd/scriptd/engine/symbols"
)

func TestUses(t *testing.T) {
	tree := fstest.MapFS{
		"go.mod": {Data: []byte("module m\n")},
		"p/p.go": {Data: []byte("package p\n\nimport (\n\t\"m/q\"\n\t\"os\"\n)\n\nvar _, _ = os.ReadFile(\"x\")\n\nfunc f(x *os.File) { q.F(); x.Chdir(); os.ReadFile(\"y\") }\n")},
		"q/q.go": {Data: []byte("package q\n\nimport \"strings\"\n\nfunc F() { strings.ToUpper(\"x\") }\n")},
	}
	prog, err := check.Check(check.Config{Tree: tree, Dir: "p", Importer: symbols.Std()})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := prog.Imports(), []string{"os", "strings"}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	var got []string
	for _, u := range prog.Uses() {
		at := prog.Fset.Position(u.Pos)
		got = append(got, fmt.Sprintf("%s.%s %s:%d", u.ImportPath, u.Name, at.Filename, at.Line))
	}
	want := []string{"os.File p/p.go:10", "os.File.Chdir p/p.go:10", "os.ReadFile p/p.go:8", "strings.ToUpper q/q.go:5"}
	if !slices.Equal(got, want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
}
