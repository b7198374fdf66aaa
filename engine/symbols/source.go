package symbols

import (
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"maps"
	"runtime"
	"slices"
	"strings"

	"github.com/scriptd/scriptd/engine/symbols/generic"
)

// languageVersion is the Go that the sources of this package are written in.
const languageVersion = "go1.26"

// Source is the part of a package that is no compiled code, as what is generic: checked source that is lowered like a
// plugin's own. It is not to be changed.
type Source struct {
	// Fset is that of all sources of a universe. Their positions are beyond those of any program; names of files begin with
	// the import path: slices/sort.go.
	Fset  *token.FileSet
	Files []*ast.File
	Info  *types.Info
	// Types is the package as Import returns it, with its compiled part.
	Types *types.Package
	// InitOrder holds the variables of this source.
	InitOrder []*types.Initializer
}

// sourceBase is where the positions of sources begin.
const sourceBase = 1 << 30

// Source returns the part of a package that is source, and nil for one that has none.
func (u *Universe) Source(importPath string) *Source {
	if _, err := u.Import(importPath); err != nil {
		return nil
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.sources[importPath]
}

// addSource checks the source of a package, with what its table holds already in it. The caller holds u.mu.
func (u *Universe) addSource(pkg *types.Package, files map[string][]byte) {
	src := &Source{
		Fset:  u.fset,
		Types: pkg,
		Info: &types.Info{
			Types:        make(map[ast.Expr]types.TypeAndValue),
			Defs:         make(map[*ast.Ident]types.Object),
			Uses:         make(map[*ast.Ident]types.Object),
			Implicits:    make(map[ast.Node]types.Object),
			Selections:   make(map[*ast.SelectorExpr]*types.Selection),
			Instances:    make(map[*ast.Ident]types.Instance),
			FileVersions: make(map[*ast.File]string),
		},
	}
	for _, name := range slices.Sorted(maps.Keys(files)) {
		file, err := parser.ParseFile(u.fset, name, files[name], parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			panic(err) // this module's own source
		}
		src.Files = append(src.Files, file)
	}
	cfg := types.Config{
		GoVersion: languageVersion,
		Importer:  &sourceImporter{u, pkg},
		Sizes:     types.SizesFor("gc", runtime.GOARCH),
	}
	pkg.MarkComplete() // it may import its compiled part, which is itself
	if err := types.NewChecker(&cfg, u.fset, pkg, src.Info).Files(src.Files); err != nil {
		panic(err)
	}
	pkg.SetImports(slices.DeleteFunc(pkg.Imports(), func(p *types.Package) bool { return p == pkg }))
	src.InitOrder = src.Info.InitOrder
	u.sources[pkg.Path()] = src
}

// sourceImporter finds what sources import, for a caller that holds u.mu.
type sourceImporter struct {
	u   *Universe
	pkg *types.Package
}

func (i *sourceImporter) Import(importPath string) (*types.Package, error) {
	if importPath == i.pkg.Path() {
		return i.pkg, nil
	}
	if rest, ok := strings.CutPrefix(importPath, generic.Prefix); ok && rest == "host" {
		importPath = Host
	}
	return i.u.load(importPath)
}
