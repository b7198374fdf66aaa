// Package extract writes the symbol tables of a host's packages, so that plugins can import them: a Go file with one variable of
// the type interp.Exports of yaegi.
//
//	res, err := extract.Extract(ctx, extract.Config{Package: "main", Patterns: []string{"./usersync"}})
//	os.WriteFile("symbols_gen.go", res.Source, 0o644)
//
// The tables are what the extract of yaegi writes, and more exact where that one is not: it asks the go command for each
// package that is imported, knows no vendor folder, and its wrappers do not compile where two packages have one name, a parameter
// is called _ or a method mentions what is not exported. Here, untyped constants are exact, and runes are runes.
package extract

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"go/token"
	"slices"
	"strings"
)

// Config says what to extract.
type Config struct {
	// Dir is where patterns and the module are looked for. Empty is the current folder.
	Dir string
	// Patterns are import paths and folders, as the go command takes them. There is at least one.
	Patterns []string
	// Package is the name in the package clause of the file.
	Package string
	// Variable is the name of the variable. Empty is Symbols.
	Variable string
	// Out is the folder that the file is for, which decides on the internal packages that it may import. Empty is Dir.
	Out string
	// Tags are build tags.
	Tags []string
}

// Result is a file, and what there is to say about it.
type Result struct {
	Source []byte
	// Packages are the import paths of the packages in it, sorted.
	Packages []string
	// Notes say what plugins will miss, sorted by place.
	Notes Problems
}

// Problem is something at a place.
type Problem struct {
	Pos     token.Position // the zero value is no place
	Message string
}

func (p Problem) String() string {
	if p.Pos.Filename == "" {
		return p.Message
	}
	return p.Pos.String() + ": " + p.Message
}

// Problems are why packages cannot be extracted.
type Problems []Problem

func (p Problems) Error() string {
	lines := make([]string, len(p))
	for i := range p {
		lines[i] = p[i].String()
	}
	return strings.Join(lines, "\n")
}

func (p Problems) sort() {
	slices.SortStableFunc(p, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(a.Pos.Filename, b.Pos.Filename), cmp.Compare(a.Pos.Line, b.Pos.Line),
			cmp.Compare(a.Pos.Column, b.Pos.Column), cmp.Compare(a.Message, b.Message))
	})
}

// Extract makes the file. The error is Problems where packages are at fault, with all that is wrong; the names of their files are
// relative to Config.Dir.
func Extract(ctx context.Context, cfg Config) (*Result, error) {
	if !token.IsIdentifier(cfg.Package) || cfg.Package == "_" {
		return nil, fmt.Errorf("package %q: want the name of a package", cfg.Package)
	}
	if len(cfg.Patterns) == 0 {
		return nil, errors.New("no package")
	}
	cfg.Variable = cmp.Or(cfg.Variable, "Symbols")
	list, std, err := load(ctx, cfg)
	if err != nil {
		return nil, err
	}
	f := newFile(cfg)
	f.std = std
	for _, p := range list {
		f.known[p.PkgPath] = true
		if m := p.Module; m != nil && m.Main {
			f.setModule(m.Path, m.Dir)
		}
	}
	res := &Result{}
	for _, p := range list {
		f.add(p)
		res.Packages = append(res.Packages, p.PkgPath)
	}
	if len(f.problems) > 0 {
		f.problems.sort()
		return nil, f.problems
	}
	f.notes.sort()
	res.Notes = f.notes
	res.Source, err = f.source()
	return res, err
}
