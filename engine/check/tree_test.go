package check_test

import (
	"errors"
	"io/fs"
	"testing"
	"testing/fstest"

	"github.com/scriptd/scriptd/engine/check"
	"github.com/scriptd/scriptd/engine/symbols"
)

// Where the tree cannot be read, the source is not at fault.
func TestUnreadableTree(t *testing.T) {
	broken := errors.New("broken disk")
	tests := map[string]struct {
		tree fs.FS
		dir  string
		want error
	}{
		"no such folder": {fstest.MapFS{}, "p", fs.ErrNotExist},
		"a file":         {faulty{tree("package p\n"), "p/p.go", broken}, "p", broken},
		"a go.mod":       {faulty{tree("package p\n"), "go.mod", broken}, "p", broken},
		"a modules.txt":  {faulty{tree("-- p.go --\npackage p\n-- vendor/x/x.go --\npackage x\n"), "vendor/modules.txt", broken}, ".", broken},
		"a file to embed": {
			faulty{tree("-- p.go --\npackage p\nimport _ \"embed\"\n//go:embed *\nvar s string\n-- x --\n"), "x", broken}, ".", broken,
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := check.Check(check.Config{Tree: tt.tree, Dir: tt.dir, Importer: symbols.Std()})
			var errs check.Errors
			if !errors.Is(err, tt.want) || errors.As(err, &errs) {
				t.Errorf("got %v, want %v", err, tt.want)
			}
		})
	}
}

// faulty is a tree with a file that cannot be read.
type faulty struct {
	fs.FS
	name string
	err  error
}

func (f faulty) Open(name string) (fs.File, error) {
	if name == f.name {
		return nil, &fs.PathError{Op: "open", Path: name, Err: f.err}
	}
	return f.FS.Open(name)
}
