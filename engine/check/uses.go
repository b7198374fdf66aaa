package check

import (
	"cmp"
	"go/ast"
	"go/token"
	"go/types"
	"slices"
)

// Use is a symbol of another package, where a program names it first. A method is named Type.Method.
type Use struct {
	ImportPath, Name string
	Pos              token.Pos
}

// Uses lists the symbols of other packages that the packages of a program name, sorted by import path and name.
func (p *Program) Uses() []Use {
	first := make(map[[2]string]token.Pos)
	own := make(map[*types.Package]bool)
	for _, pkg := range p.Packages {
		own[pkg.Types] = true
	}
	for _, pkg := range p.Packages {
		for _, f := range pkg.Files {
			ast.Inspect(f.AST, func(n ast.Node) bool {
				id, ok := n.(*ast.Ident)
				if !ok {
					return true
				}
				obj := p.Info.Uses[id]
				importPath, name := symbolOf(obj)
				if importPath == "" || own[obj.Pkg()] {
					return true
				}
				key := [2]string{importPath, name}
				if _, known := first[key]; !known {
					first[key] = id.Pos()
				}
				return true
			})
		}
	}
	uses := make([]Use, 0, len(first))
	for key, pos := range first {
		uses = append(uses, Use{ImportPath: key[0], Name: key[1], Pos: pos})
	}
	slices.SortFunc(uses, func(a, b Use) int {
		return cmp.Or(cmp.Compare(a.ImportPath, b.ImportPath), cmp.Compare(a.Name, b.Name))
	})
	return uses
}

// Imports lists what the packages of a program import that are not its own, sorted.
func (p *Program) Imports() []string {
	own := make(map[*types.Package]bool)
	for _, pkg := range p.Packages {
		own[pkg.Types] = true
	}
	var paths []string
	for _, pkg := range p.Packages {
		for _, imported := range pkg.Types.Imports() {
			if !own[imported] {
				paths = append(paths, imported.Path())
			}
		}
	}
	slices.Sort(paths)
	return slices.Compact(paths)
}
