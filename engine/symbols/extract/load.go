package extract

import (
	"context"
	"errors"
	"fmt"
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/tools/go/packages"

	"github.com/scriptd/scriptd/engine/symbols"
)

// load finds the packages and type-checks them, sorted by import path. Those of the standard library that they depend on are in std.
func load(ctx context.Context, cfg Config) (list []*packages.Package, std map[string]bool, err error) {
	l := &loader{cfg: cfg, fset: token.NewFileSet(), std: make(map[string]bool)}
	dir, err := filepath.Abs(cfg.Dir)
	if err != nil {
		return nil, nil, err
	}
	l.dir = dir
	// What can be said without compiling anything comes first: what depends on it may not compile.
	listed, err := l.packages(ctx, packages.NeedName|packages.NeedFiles|packages.NeedModule|packages.NeedImports|packages.NeedDeps)
	if err != nil {
		return nil, nil, err
	}
	for _, p := range listed {
		if len(p.GoFiles) == 0 && len(p.Errors) > 0 {
			return nil, nil, errors.New(strings.TrimSpace(p.Errors[0].Msg)) // there is none
		}
		l.listed(p)
	}
	packages.Visit(listed, nil, func(p *packages.Package) {
		l.errors(p)
		l.std[p.PkgPath] = p.Module == nil
	})
	if len(l.problems) == 0 {
		listed, err = l.packages(ctx, packages.LoadSyntax|packages.NeedModule)
		if err != nil {
			return nil, nil, err
		}
		packages.Visit(listed, nil, l.errors)
	}
	if len(l.problems) > 0 {
		l.problems.sort()
		return nil, nil, slices.CompactFunc(l.problems, func(a, b Problem) bool { return a == b })
	}
	slices.SortFunc(listed, func(a, b *packages.Package) int { return strings.Compare(a.PkgPath, b.PkgPath) })
	return slices.CompactFunc(listed, func(a, b *packages.Package) bool { return a.PkgPath == b.PkgPath }), l.std, nil
}

type loader struct {
	cfg      Config
	dir      string
	fset     *token.FileSet
	problems Problems
	std      map[string]bool // packages that are in no module
}

func (l *loader) packages(ctx context.Context, mode packages.LoadMode) ([]*packages.Package, error) {
	cfg := &packages.Config{Context: ctx, Dir: l.dir, Mode: mode, Fset: l.fset}
	if len(l.cfg.Tags) > 0 {
		cfg.BuildFlags = []string{"-tags=" + strings.Join(l.cfg.Tags, ",")}
	}
	list, err := packages.Load(cfg, l.cfg.Patterns...)
	if err != nil {
		return nil, fmt.Errorf("list packages: %w", err)
	}
	if len(list) == 0 {
		return nil, fmt.Errorf("no packages match %s", strings.Join(l.cfg.Patterns, " "))
	}
	return list, nil
}

func (l *loader) refuse(pos token.Position, format string, args ...any) {
	l.problems = append(l.problems, Problem{l.short(pos), fmt.Sprintf(format, args...)})
}

// short names the file of a place as it is seen from the folder.
func (l *loader) short(pos token.Position) token.Position { return shortened(l.dir, pos) }

func shortened(dir string, pos token.Position) token.Position {
	if rel, err := filepath.Rel(dir, pos.Filename); err == nil && pos.Filename != "" {
		pos.Filename = filepath.ToSlash(rel)
	}
	return pos
}

// listed looks at a package that was only listed.
func (l *loader) listed(p *packages.Package) {
	if len(p.Errors) > 0 {
		return
	}
	at := l.clause(p)
	switch {
	case p.PkgPath == "command-line-arguments":
		l.refuse(token.Position{}, "%s: want the folder of a package, or its import path", strings.Join(l.cfg.Patterns, " "))
	case symbols.Std().Has(p.PkgPath), p.Module == nil:
		l.refuse(token.Position{}, "package %s is one of the standard library's or scriptd's own: plugins have those already", p.PkgPath)
	case p.Name == "main":
		l.refuse(at, "package %s is a program: nothing can import it", p.PkgPath)
	case isInternal(p.PkgPath):
		l.refuse(at, "package %s is internal: plugins cannot import it, put what is for them into another folder", p.PkgPath)
	default:
		l.cgo(p)
	}
}

func isInternal(importPath string) bool { return strings.Contains("/"+importPath+"/", "/internal/") }

// clause returns the place of the name in the first package clause.
func (l *loader) clause(p *packages.Package) token.Position {
	if len(p.GoFiles) == 0 {
		return token.Position{}
	}
	file, err := parser.ParseFile(l.fset, p.GoFiles[0], nil, parser.PackageClauseOnly)
	if err != nil {
		return token.Position{Filename: p.GoFiles[0]}
	}
	return l.fset.Position(file.Name.Pos())
}

// cgo refuses what imports C: its types have no names that a table could have.
func (l *loader) cgo(p *packages.Package) {
	for _, name := range p.GoFiles {
		file, err := parser.ParseFile(l.fset, name, nil, parser.ImportsOnly)
		if err != nil {
			continue // the type checker will say so
		}
		for _, spec := range file.Imports {
			if path, err := strconv.Unquote(spec.Path.Value); err == nil && path == "C" {
				l.refuse(l.fset.Position(spec.Pos()), "package %s uses cgo: give plugins a package around it that does not", p.PkgPath)
				return
			}
		}
	}
}

// errors takes what is wrong with a package.
func (l *loader) errors(p *packages.Package) {
	checked := slices.ContainsFunc(p.Errors, func(e packages.Error) bool { return e.Kind == packages.TypeError || e.Kind == packages.ParseError })
	for _, e := range p.Errors {
		compiler, isCompiler := strings.CutPrefix(e.Msg, "# ")
		switch {
		case !isCompiler:
			l.refuse(position(e.Pos), "%s", strings.TrimSpace(e.Msg))
		case !checked: // else the type checker has said what the compiler has
			_, lines, _ := strings.Cut(compiler, "\n")
			for line := range strings.Lines(lines) {
				l.refuse(token.Position{}, "%s", strings.TrimSpace(line))
			}
		}
	}
}

// position parses file:line:column as package packages has it.
func position(text string) token.Position {
	var pos token.Position
	if text == "" || text == "-" {
		return pos
	}
	numbers := [2]int{}
	n := 0
	for n < 2 {
		i := strings.LastIndex(text, ":")
		if i < 0 {
			break
		}
		v, err := strconv.Atoi(text[i+1:])
		if err != nil {
			break
		}
		numbers[n] = v
		text = text[:i]
		n++
	}
	pos.Filename = text
	switch n {
	case 2:
		pos.Column, pos.Line = numbers[0], numbers[1]
	case 1:
		pos.Line = numbers[0]
	}
	return pos
}
