package check

import (
	"errors"
	"fmt"
	"go/ast"
	"go/build"
	"go/types"
	"strconv"
	"strings"
)

// errFaulty is what the importer returns for a package whose own errors are in c.errs already.
var errFaulty = errors.New("imported package has errors")

// checkTypes type-checks a package. What is wrong with it is in c.errs.
func (c *checker) checkTypes(pkg *Package) {
	imports := c.imports(pkg)
	cfg := types.Config{
		GoVersion: LanguageVersion,
		Importer:  imports,
		Sizes:     types.SizesFor("gc", build.Default.GOARCH),
		Error: func(err error) {
			var e types.Error
			if errors.As(err, &e) && !strings.HasPrefix(e.Msg, "could not import ") {
				c.errorf(e.Pos, strings.TrimPrefix(e.Msg, "\t"))
			}
		},
	}
	asts := make([]*ast.File, len(pkg.Files))
	for i, f := range pkg.Files {
		asts[i] = f.AST
	}
	// Its error is the first of those that cfg.Error has seen.
	pkg.Types, _ = cfg.Check(pkg.Path, c.prog.Fset, asts, c.prog.Info)
}

// imported are the packages that a package imports, by import path; nil for one that cannot be had.
type imported map[string]*types.Package

func (m imported) Import(path string) (*types.Package, error) {
	if p := m[path]; p != nil {
		return p, nil
	}
	return nil, errFaulty
}

// imports gets the packages that pkg imports, and says at the import what is wrong where one cannot be had.
func (c *checker) imports(pkg *Package) imported {
	found := make(imported)
	for _, f := range pkg.Files {
		for _, spec := range f.AST.Imports {
			importPath, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				continue // the parser has said so
			}
			if _, ok := found[importPath]; ok && found[importPath] != nil {
				continue
			}
			p, problem := c.importOne(importPath)
			if problem != "" {
				c.errorf(spec.Path.Pos(), problem)
			}
			found[importPath] = p
		}
	}
	return found
}

// importOne gets one package: nil with a problem, or with none where its faults are in c.errs.
func (c *checker) importOne(importPath string) (*types.Package, string) {
	if importPath == "unsafe" || importPath == "C" {
		return nil, "" // refuse has said so
	}
	compiled, err := c.Importer.Import(importPath)
	if err == nil {
		return compiled, ""
	}
	dir, ok := c.resolver.folder(importPath)
	if !ok {
		hint := "put its source into the tree or a vendor folder"
		if first, _, _ := strings.Cut(importPath, "/"); !strings.Contains(first, ".") {
			hint = "the interpreter has no symbols of it"
		}
		return nil, fmt.Sprintf("package %s is not available to plugins: %s", importPath, hint)
	}
	if c.loading[dir] {
		return nil, fmt.Sprintf("import cycle not allowed: through %s", importPath)
	}
	known, ok := c.loaded[dir]
	if !ok {
		if known, err = c.load(importPath, dir); err != nil {
			return nil, err.Error()
		}
	}
	if known == nil {
		return nil, ""
	}
	return known.Types, ""
}
