// Package check is the front of the Go front end: it chooses the files of a package as the go command does, parses
// them, and type-checks them together with the packages of the same tree that they import.
//
//	prog, err := check.Check(check.Config{Tree: tree, Dir: "netcheck", Importer: symbols.Std()})
//
// What plugins may import from compiled code comes from the Importer; what of it they may use, from Missing.
package check

import (
	"go/ast"
	"go/token"
	"go/types"
	"go/version"
	"io/fs"
	"path"
)

// LanguageVersion is the Go that plugins are written in.
const LanguageVersion = "go1.26"

// Config says what to check, against what.
type Config struct {
	// Tree holds the files, and Dir is the package's folder in it, "." for its root.
	Tree fs.FS
	Dir  string
	// Files are the names of the files in Dir that make up the package, as they are given to go run: whatever their
	// build constraints say. A first line that begins with #! is a comment in them. Nil takes the files that a build for
	// this machine takes.
	Files []string
	// Importer knows the packages that exist as compiled code.
	Importer types.Importer
	// Missing returns the permission that the use of a symbol lacks, or "" where it may be used. A method is named
	// Type.Method; "*" stands for a package as a whole. Nil allows everything.
	Missing func(importPath, name string) string
	// Assigned returns the permission that it takes to assign to a variable of compiled code, or to take its address, or ""
	// where none is missing. Nil allows it.
	Assigned func(importPath, name string) string
	// Grant says how a permission is granted, for the errors that ask for one. Nil says it of plugins.
	Grant func(permission string) string
	// Package is what the package is called in the configuration, for the same errors. It may be empty.
	Package string
	// Asked is what its plugin.yaml asks for, by permission.
	Asked map[string][]string
}

// Program is a checked package with the packages of its tree that it needs.
type Program struct {
	Fset *token.FileSet
	// Packages are in dependency order: the package that was asked for is the last.
	Packages []*Package
	// Info is what the type checker found out, for all packages together, but for the order of initialisation.
	Info *types.Info

	bodies map[*types.Func]*ast.BlockStmt // of its functions; nil until somebody asks
}

// Main returns the package that was asked for.
func (p *Program) Main() *Package { return p.Packages[len(p.Packages)-1] }

// Package is one checked package of the tree.
type Package struct {
	// Path is the import path, Dir the folder in the tree.
	Path, Dir string
	Files     []*File
	Types     *types.Package
	// GoVersion is the version of the language that its module is written in, as go1.20.
	GoVersion string
	// InitOrder are the initialisers of its variables in the order in which they run.
	InitOrder []*types.Initializer
	// Embeds are its variables with a go:embed directive.
	Embeds []Embed
}

// File is a parsed file. Name is its path in the tree.
type File struct {
	Name   string
	Source []byte
	AST    *ast.File
	// GoVersion is the version of the language that it is written in: that of its package, unless its build constraint
	// says something else.
	GoVersion string
}

// LoopVarPerIteration reports whether each iteration of a loop in this file has variables of its own.
func (f *File) LoopVarPerIteration() bool { return version.Compare(f.GoVersion, "go1.22") >= 0 }

// Check parses and type-checks a package. The error is Errors, with everything that is wrong, where the source is at
// fault; otherwise that of reading the tree.
func Check(cfg Config) (*Program, error) {
	c := &checker{
		Config: cfg,
		prog: &Program{
			Fset: token.NewFileSet(),
			Info: &types.Info{
				Types:        make(map[ast.Expr]types.TypeAndValue),
				Defs:         make(map[*ast.Ident]types.Object),
				Uses:         make(map[*ast.Ident]types.Object),
				Implicits:    make(map[ast.Node]types.Object),
				Selections:   make(map[*ast.SelectorExpr]*types.Selection),
				Instances:    make(map[*ast.Ident]types.Instance),
				FileVersions: make(map[*ast.File]string),
			},
		},
		loaded:  make(map[string]*Package),
		loading: make(map[string]bool),
	}
	dir := path.Clean(cfg.Dir)
	resolver, err := newResolver(cfg.Tree, dir)
	if err != nil {
		return nil, err
	}
	c.resolver = resolver
	c.main = dir
	_, err = c.load(resolver.importPath(dir), dir)
	if len(c.errs) > 0 {
		return nil, c.errs.sorted()
	}
	if err != nil {
		return nil, err
	}
	return c.prog, nil
}

// checker is one run of Check.
type checker struct {
	Config
	prog     *Program
	resolver *resolver
	main     string              // the folder of the package that was asked for
	loaded   map[string]*Package // by folder; nil for a package with faults
	loading  map[string]bool
	errs     Errors
}

// load parses and checks the package in dir and what it imports from the tree. A nil package with a nil error has
// faults that are in c.errs.
func (c *checker) load(importPath, dir string) (*Package, error) {
	c.loaded[dir] = nil
	c.loading[dir] = true
	defer delete(c.loading, dir)
	files, err := c.parse(dir)
	if err != nil || files == nil {
		return nil, err
	}
	pkg := &Package{Path: importPath, Dir: dir, Files: files}
	before := len(c.errs)
	for _, f := range files {
		c.refuse(f)
	}
	c.checkTypes(pkg)
	c.checkPermissions(pkg)
	c.checkAssigned(pkg)
	if err := c.embed(pkg); err != nil {
		return nil, err
	}
	if len(c.errs) > before {
		return nil, nil
	}
	c.prog.Packages = append(c.prog.Packages, pkg)
	c.loaded[dir] = pkg
	return pkg, nil
}
