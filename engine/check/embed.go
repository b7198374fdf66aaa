package check

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"
)

// Embed is a variable with a go:embed directive: a string or a byte slice, which has one file, or an embed.FS.
type Embed struct {
	Var *types.Var
	// Files are the contents by name, relative to the package's folder.
	Files map[string][]byte
}

// directive is one go:embed comment.
type directive struct {
	pos      token.Pos // of what follows the slashes, as the compiler has it
	patterns []pattern
}

type pattern struct {
	pos  token.Pos
	text string
}

// embed finds the variables of a package with go:embed directives, and reads their files. What is wrong with them is in
// c.errs, what is wrong with the tree the error.
func (c *checker) embed(pkg *Package) error {
	for _, f := range pkg.Files {
		directives := c.directives(f)
		if len(directives) == 0 {
			continue
		}
		imported := slices.ContainsFunc(f.AST.Imports, func(spec *ast.ImportSpec) bool { return spec.Path.Value == `"embed"` })
		var specs []*ast.ValueSpec // with directives, in order
		bySpec := make(map[*ast.ValueSpec][]directive)
		for _, d := range directives {
			spec, problem := target(f, d.pos)
			if !imported && spec != nil {
				spec, problem = nil, `go:embed requires import "embed" (or import _ "embed", if package is not used)`
			}
			if problem != "" {
				c.errorf(d.pos, problem)
				continue
			}
			if bySpec[spec] == nil {
				specs = append(specs, spec)
			}
			bySpec[spec] = append(bySpec[spec], d)
		}
		for _, spec := range specs {
			if err := c.embedVar(pkg, spec.Names[0], bySpec[spec]); err != nil {
				return err
			}
		}
	}
	return nil
}

// directives returns the go:embed directives of a file.
func (c *checker) directives(f *File) []directive {
	var found []directive
	for _, group := range f.AST.Comments {
		for _, comment := range group.List {
			rest, ok := strings.CutPrefix(comment.Text, "//go:embed")
			if !ok || rest != "" && rest[0] != ' ' {
				continue
			}
			d := directive{pos: comment.Pos() + token.Pos(len("//"))}
			parsed, _ := ast.ParseDirective(comment.Pos(), comment.Text)
			args, err := parsed.ParseArgs()
			switch {
			case err != nil:
				c.errorf(d.pos, err.Error())
				continue
			case len(args) == 0:
				c.errorf(d.pos, "usage: //go:embed pattern...")
				continue
			}
			for _, arg := range args {
				d.patterns = append(d.patterns, pattern{arg.Pos, arg.Arg})
			}
			found = append(found, d)
		}
	}
	return found
}

// target returns the declaration that a directive belongs to, or what is wrong with its place.
func target(f *File, pos token.Pos) (*ast.ValueSpec, string) {
	const misplaced = "misplaced go:embed directive"
	for _, decl := range f.AST.Decls {
		if decl.End() < pos {
			continue
		}
		group, ok := decl.(*ast.GenDecl)
		if !ok || group.Tok != token.VAR {
			if decl.Pos() < pos && isVarNext(f, pos) {
				return nil, "go:embed cannot apply to var inside func"
			}
			return nil, misplaced
		}
		if group.Lparen.IsValid() && pos < group.Lparen {
			return nil, misplaced
		}
		for _, s := range group.Specs {
			spec, _ := s.(*ast.ValueSpec)
			switch {
			case spec.End() < pos:
			case group.Lparen.IsValid() && spec.Pos() < pos:
				return nil, misplaced
			case len(spec.Names) > 1:
				return nil, "go:embed cannot apply to multiple vars"
			case len(spec.Values) > 0:
				return nil, "go:embed cannot apply to var with initializer"
			default:
				return spec, ""
			}
		}
		if decl.Pos() < pos {
			return nil, misplaced // at the end of a group
		}
	}
	return nil, misplaced
}

// isVarNext reports whether a variable is declared next after a comment.
func isVarNext(f *File, pos token.Pos) bool {
	rest := string(f.Source[pos-f.AST.FileStart:])
	for rest != "" {
		_, rest, _ = strings.Cut(rest, "\n")
		rest = strings.TrimSpace(rest)
		if !strings.HasPrefix(rest, "//") {
			break
		}
	}
	return strings.HasPrefix(rest, "var ")
}

// embedVar adds the Embed of one variable.
func (c *checker) embedVar(pkg *Package, name *ast.Ident, directives []directive) error {
	files := make(map[string][]byte)
	faulty := false
	for _, d := range directives {
		for _, p := range d.patterns {
			names, problem, err := embedded(c.Tree, pkg.Dir, p.text)
			if err != nil {
				return fmt.Errorf("embed %s: %w", p.text, err)
			}
			if problem != "" {
				c.errorf(p.pos, "pattern "+p.text+": "+problem)
				faulty = true
			}
			for _, name := range names {
				files[name] = nil
			}
		}
	}
	v, _ := c.prog.Info.Defs[name].(*types.Var)
	if v == nil || faulty {
		return nil
	}
	switch kind := embedKind(v.Type()); {
	case kind == "":
		c.errorf(name.Pos(), "go:embed cannot apply to var of type "+types.TypeString(v.Type(), types.RelativeTo(pkg.Types)))
		return nil
	case kind != "FS" && len(files) > 1:
		c.errorf(name.Pos(), "invalid go:embed: multiple files for type "+types.TypeString(v.Type(), types.RelativeTo(pkg.Types)))
		return nil
	}
	for _, name := range slices.Sorted(maps.Keys(files)) {
		data, err := fs.ReadFile(c.Tree, path.Join(pkg.Dir, name))
		if err != nil {
			return fmt.Errorf("embed %s: %w", name, err)
		}
		files[name] = data
	}
	pkg.Embeds = append(pkg.Embeds, Embed{Var: v, Files: files})
	return nil
}

// embedKind tells what a type of a variable holds of files: "" for one that cannot.
func embedKind(t types.Type) string {
	if named, ok := types.Unalias(t).(*types.Named); ok && named.Obj().Name() == "FS" && named.Obj().Pkg() != nil && named.Obj().Pkg().Path() == "embed" {
		return "FS"
	}
	switch u := t.Underlying().(type) {
	case *types.Basic:
		if u.Kind() == types.String {
			return "string"
		}
	case *types.Slice:
		if b, ok := u.Elem().Underlying().(*types.Basic); ok && b.Kind() == types.Byte {
			return "bytes"
		}
	}
	return ""
}
