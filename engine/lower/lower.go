// Package lower rewrites checked Go into the Go that the interpreter executes correctly. It leaves every statement on
// its line, so that positions stay those of the author.
//
// What is rewritten:
//   - Imports are named, because the interpreter does not know the names of packages whose tables it is given in part,
//     and those of the program's own packages lead to paths of one element, because the interpreter's idea of which
//     folder a path means is not the go command's.
//   - Parameters without a name get the blank one, because the interpreter has no place for them and shifts the others.
//   - A value that the host has to know the static type of, as the handler given to Registrar.Add, is tagged with a
//     number that leads to its type.
//   - A call of panic goes through the host, which notes where it is.
//   - What looks like a build constraint to the interpreter does so no more: the files are chosen.
package lower

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"path"
	"slices"
	"strings"
)

// Input is a checked program.
type Input struct {
	Fset     *token.FileSet
	Info     *types.Info
	Packages []Package
	// Tags says which argument of which method is tagged, by the method's full name as types.Func.FullName gives it.
	Tags map[string]int
}

// Package is a package of the program. The last one is the program itself.
type Package struct {
	Types *types.Package
	Files []File
}

// File is a file of a package. Name is its path in the tree.
type File struct {
	Name   string
	Source []byte
	AST    *ast.File
}

// Output is a rewritten program.
type Output struct {
	// Main is the import path of the last package.
	Main string
	// Files are the sources by package and file, PATH/NAME.go, both of the lowerer's own. The author's file names stand
	// in line directives, with a leading slash: relative ones would be joined to a folder.
	Files map[string][]byte
	// Sites are the places that the rewritten program names by number.
	Sites []Site
}

// Site is a place in the source that the running program can name.
type Site struct {
	Pos token.Position
	// Type is the static type of a tagged value; nil for a call of panic.
	Type types.Type
}

// The host package that rewritten files import, and its functions: Tag(site int, v any) any and Panic(site int, v any).
const (
	HostPath = "scriptd"
	HostName = "scriptd_"
	TagFunc  = "Tag"
	PanicFun = "Panic"
)

// Lower rewrites a program.
func Lower(in Input) *Output {
	l := &lowerer{Input: in, out: &Output{Files: make(map[string][]byte)}, paths: make(map[*types.Package]string)}
	for i, pkg := range in.Packages {
		l.out.Main = fmt.Sprintf("scriptd.%d", i)
		l.paths[pkg.Types] = l.out.Main
	}
	for _, pkg := range in.Packages {
		for i, f := range pkg.Files {
			l.out.Files[path.Join(l.paths[pkg.Types], fmt.Sprintf("%04d.go", i))] = l.file(f)
		}
	}
	return l.out
}

type lowerer struct {
	Input
	out   *Output
	paths map[*types.Package]string // of the program's packages: what they are imported as
	edits []edit                    // of the file at hand
}

// edit replaces the source from one offset to another.
type edit struct {
	from, to int
	text     string
}

var byteOrderMark = []byte("\ufeff")

func (l *lowerer) file(f File) []byte {
	start := edit{text: fmt.Sprintf("//line /%s:1:1\n", f.Name)}
	if bytes.HasPrefix(f.Source, byteOrderMark) {
		start.to = len(byteOrderMark)
	}
	l.edits = []edit{start}
	l.hideConstraints(f.Source[:l.offset(f.AST.Package)])
	l.imports(f.AST)
	before := len(l.out.Sites)
	ast.Inspect(f.AST, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.CallExpr:
			l.call(n)
		case *ast.FuncDecl:
			l.nameParams(n.Type)
		case *ast.FuncLit:
			l.nameParams(n.Type)
		}
		return true
	})
	if len(l.out.Sites) > before {
		l.insert(f.AST.Name.End(), fmt.Sprintf("; import %s %q", HostName, HostPath))
	}
	return l.apply(f.Source)
}

// hideConstraints takes what the interpreter acts upon out of the comments before the package clause.
func (l *lowerer) hideConstraints(head []byte) {
	for _, mark := range []string{"+build ", "yaegi:tags "} {
		for from := 0; ; {
			at := bytes.Index(head[from:], []byte(mark))
			if at < 0 {
				break
			}
			from += at + len(mark)
			l.edits = append(l.edits, edit{from - 1, from, "_"})
		}
	}
}

// imports writes the name of each package into its import, and leads to the program's own packages.
func (l *lowerer) imports(f *ast.File) {
	for _, spec := range f.Imports {
		pkg := l.Info.PkgNameOf(spec)
		if pkg == nil {
			continue
		}
		if spec.Name == nil {
			l.insert(spec.Path.Pos(), pkg.Name()+" ")
		}
		if own := l.paths[pkg.Imported()]; own != "" {
			l.replace(spec.Path.Pos(), spec.Path.End(), fmt.Sprintf("%q", own))
		}
	}
}

func (l *lowerer) nameParams(f *ast.FuncType) {
	for _, field := range f.Params.List {
		if len(field.Names) == 0 {
			l.insert(field.Type.Pos(), "_ ")
		}
	}
}

func (l *lowerer) call(call *ast.CallExpr) {
	switch fun := ast.Unparen(call.Fun).(type) {
	case *ast.Ident:
		if b, ok := l.Info.Uses[fun].(*types.Builtin); ok && b.Name() == "panic" && len(call.Args) == 1 {
			l.replace(fun.Pos(), fun.End(), HostName+"."+PanicFun)
			l.insert(call.Lparen+1, fmt.Sprintf("%d, ", l.site(call.Pos(), nil)))
		}
	case *ast.SelectorExpr:
		fn, ok := l.Info.Uses[fun.Sel].(*types.Func)
		if !ok {
			return
		}
		index, tagged := l.Tags[fn.FullName()]
		if !tagged || index >= len(call.Args) {
			return
		}
		arg := call.Args[index]
		site := l.site(arg.Pos(), l.Info.TypeOf(arg))
		l.insert(arg.Pos(), fmt.Sprintf("%s.%s(%d, ", HostName, TagFunc, site))
		l.insert(arg.End(), ")")
	}
}

// site numbers a place.
func (l *lowerer) site(pos token.Pos, t types.Type) int {
	l.out.Sites = append(l.out.Sites, Site{Pos: l.Fset.Position(pos), Type: t})
	return len(l.out.Sites) - 1
}

func (l *lowerer) insert(at token.Pos, text string) { l.replace(at, at, text) }

func (l *lowerer) replace(from, to token.Pos, text string) {
	l.edits = append(l.edits, edit{l.offset(from), l.offset(to), text})
}

// offset returns where in its file a position is.
func (l *lowerer) offset(pos token.Pos) int { return l.Fset.PositionFor(pos, false).Offset }

// apply makes the edits. Those at one offset stay in the order in which they were asked for.
func (l *lowerer) apply(source []byte) []byte {
	slices.SortStableFunc(l.edits, func(a, b edit) int { return a.from - b.from })
	var b strings.Builder
	last := 0
	for _, e := range l.edits {
		b.Write(source[last:e.from])
		b.WriteString(e.text)
		last = e.to
	}
	b.Write(source[last:])
	return []byte(b.String())
}
