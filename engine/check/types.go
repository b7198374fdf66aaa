package check

import (
	"errors"
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"runtime"
	"strconv"
	"strings"
	"unicode"
)

// errFaulty is what the importer returns for a package whose own errors are in c.errs already.
var errFaulty = errors.New("imported package has errors")

// checkTypes type-checks a package. What is wrong with it is in c.errs.
func (c *checker) checkTypes(pkg *Package) {
	imports := c.imports(pkg)
	pkg.GoVersion = c.resolver.languageOf(pkg.Dir)
	cfg := types.Config{
		GoVersion: pkg.GoVersion,
		Importer:  imports,
		Sizes:     types.SizesFor("gc", runtime.GOARCH),
		Error: func(err error) {
			if e, ok := errors.AsType[types.Error](err); ok {
				c.typeError(pkg, e)
			}
		},
	}
	asts := make([]*ast.File, len(pkg.Files))
	for i, f := range pkg.Files {
		asts[i] = f.AST
	}
	// Its error is the first of those that cfg.Error has seen.
	pkg.Types, _ = cfg.Check(pkg.Path, c.prog.Fset, asts, c.prog.Info)
	pkg.InitOrder, c.prog.Info.InitOrder = c.prog.Info.InitOrder, nil
	for _, f := range pkg.Files {
		f.GoVersion = c.prog.Info.FileVersions[f.AST]
	}
}

// versionError matches an error that a newer version of the language would not have.
var versionError = lazily(`requires go[0-9]+\.[0-9]+ or later`)

// typeError adds an error of the type checker. What belongs to the error before it, a line that begins with a tab,
// is added to that.
func (c *checker) typeError(pkg *Package, e types.Error) {
	e = c.respelled(pkg, e)
	if versionError().MatchString(e.Msg) {
		e.Msg += c.versionHint(pkg, e.Pos)
	}
	more, isPart := strings.CutPrefix(e.Msg, "\t")
	switch {
	case strings.HasPrefix(e.Msg, "could not import "):
		// c.imports has said so.
	case isPart && c.prog.Fset.File(e.Pos) == nil:
		// It is about compiled code.
	case e.Msg == "undefined: runtime.AddCleanup":
		c.unsupported(e.Pos, "runtime.AddCleanup (the interpreter keeps values alive in ways of its own; use defer, or a Close method)")
	case strings.HasPrefix(e.Msg, "undefined: syscall."):
		c.unsupported(e.Pos, strings.TrimPrefix(e.Msg, "undefined: ")+" (of package syscall there are signals and the numbers of errors, which every system has; use packages os and os/exec)")
	case isPart && len(c.errs) > 0:
		last := &c.errs[len(c.errs)-1]
		last.Message += fmt.Sprintf("\n\t%s: %s", c.prog.Fset.Position(e.Pos), more)
	default:
		c.errorf(e.Pos, strings.ReplaceAll(more, " (declared at -)", "")) // as what is declared elsewhere
	}
}

// versionHint says where the version of the language comes from at a place.
func (c *checker) versionHint(pkg *Package, pos token.Pos) string {
	for _, f := range pkg.Files {
		if f.AST.FileStart <= pos && pos <= f.AST.FileEnd && f.AST.GoVersion != "" {
			return fmt.Sprintf(" (file declares //go:build %s)", f.AST.GoVersion)
		}
	}
	return fmt.Sprintf(" (-lang was set to %s; check go.mod)", pkg.GoVersion)
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
			if err != nil || !isImportPath(importPath) || found[importPath] != nil {
				continue // the parser or the type checker tells of the error
			}
			p, problem := c.importOne(importPath, pkg.Dir)
			if problem != "" {
				c.errorf(spec.Path.Pos(), problem)
			}
			found[importPath] = p
		}
	}
	return found
}

// isImportPath reports whether the language allows an import path.
func isImportPath(importPath string) bool {
	return importPath != "" && !strings.ContainsFunc(importPath, func(r rune) bool {
		return !unicode.IsGraphic(r) || unicode.IsSpace(r) || strings.ContainsRune("!\"#$%&'()*,:;<=>?[]^`{|}\uFFFD", r)
	})
}

// importOne gets a package for the one in the folder from: nil with a problem, or with none where its faults are in
// c.errs.
func (c *checker) importOne(importPath, from string) (*types.Package, string) {
	if importPath == "unsafe" || importPath == "C" {
		return nil, "" // refuse has said so
	}
	compiled, err := c.Importer.Import(importPath)
	if err == nil {
		return compiled, ""
	}
	dir, ok := c.resolver.folder(importPath)
	switch {
	case strings.HasPrefix(importPath, "./"), strings.HasPrefix(importPath, "../"), importPath == ".", importPath == "..":
		return nil, fmt.Sprintf("%q is relative, but relative import paths are not supported", importPath)
	case strings.HasPrefix(importPath, "/"):
		return nil, fmt.Sprintf("cannot import absolute path %q", importPath)
	case strings.HasPrefix(importPath, "internal/"):
		return nil, fmt.Sprintf("use of internal package %s not allowed", importPath)
	case !ok && isStandard(importPath):
		return nil, fmt.Sprintf("package %s is not available to plugins: the interpreter has no symbols of it", importPath)
	case !ok:
		return nil, fmt.Sprintf("package %s is not available to plugins: put its source into the tree or a vendor folder", importPath)
	case !internalTo(dir, from):
		return nil, fmt.Sprintf("use of internal package %s not allowed", importPath)
	case c.loading[dir]:
		return nil, fmt.Sprintf("import cycle not allowed: through %s", importPath)
	}
	known, ok := c.loaded[dir]
	if !ok {
		if known, err = c.load(importPath, dir); err != nil {
			return nil, err.Error()
		}
	}
	switch {
	case known == nil:
		return nil, ""
	case known.Types.Name() == "main":
		return nil, fmt.Sprintf("import %q is a program, not an importable package", importPath)
	}
	return known.Types, ""
}

// internalTo reports whether a package in the folder from may import the one in dir: what is under a folder internal is
// for what is under the folder that holds it.
func internalTo(dir, from string) bool {
	at := strings.LastIndex("/"+dir+"/", "/internal/")
	if at < 0 {
		return true
	}
	parent := strings.TrimSuffix(dir[:at], "/") // empty for the root
	return parent == "" || from == parent || strings.HasPrefix(from, parent+"/")
}
