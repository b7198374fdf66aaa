package interp

import (
	"cmp"
	"io/fs"
	"slices"

	"github.com/scriptd/scriptd/engine/check"
	"github.com/scriptd/scriptd/engine/runtime"
	"github.com/scriptd/scriptd/engine/symbols"
)

// Needs are what a package uses of the world, as far as its source says it.
type Needs struct {
	// Imports are the import paths of what it imports, itself or through packages of its tree. Those are not among them.
	Imports []string `json:"imports"`
	// Asks is what its plugin.yaml asks for.
	Asks runtime.Permissions `json:"asks"`
	// Uses are the symbols that need a permission, sorted by permission and name.
	Uses []Use `json:"uses"`
}

// Use is a symbol of the standard library that needs a permission.
type Use struct {
	// Symbol is its full name: net/http.Get.
	Symbol string `json:"symbol"`
	// Permission is what it needs: net, read, write, env, run, all, or "read or write".
	Permission string `json:"permission"`
	// File and Line are where it is used first.
	File string `json:"file"`
	Line int    `json:"line"`
}

// Needs finds out what the package in dir uses. It needs no permissions for that, and runs nothing. Where the source is at
// fault, the error is runtime.Problems, and the result has what its plugin.yaml asks for.
func (r *Runtime) Needs(tree fs.FS, dir string) (Needs, error) {
	manifest, err := ReadManifest(tree, dir)
	if err != nil {
		return Needs{Imports: []string{}, Uses: []Use{}}, err
	}
	needs := Needs{Imports: []string{}, Asks: manifest.Permissions, Uses: []Use{}}
	prog, err := check.Check(check.Config{Tree: tree, Dir: dir, Importer: r.universe})
	if err != nil {
		return needs, problemsOf(err)
	}
	needs.Imports = append(needs.Imports, prog.Imports()...)
	for _, use := range prog.Uses() {
		group := symbols.GroupOf(use.ImportPath, use.Name)
		if group == symbols.Free {
			continue
		}
		at := prog.Fset.Position(use.Pos)
		needs.Uses = append(needs.Uses, Use{
			Symbol: use.ImportPath + "." + use.Name, Permission: string(group), File: at.Filename, Line: at.Line,
		})
	}
	slices.SortFunc(needs.Uses, func(a, b Use) int {
		return cmp.Or(cmp.Compare(a.Permission, b.Permission), cmp.Compare(a.Symbol, b.Symbol))
	})
	return needs, nil
}
