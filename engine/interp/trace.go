package interp

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"io/fs"
	"slices"
	"strings"
)

// place is one call of a trace.
type place struct {
	pos      token.Position
	function string // as Go names it; empty where the source does not tell
}

func (p place) String() string {
	if p.function == "" {
		return "\t" + p.pos.String()
	}
	return fmt.Sprintf("%s(...)\n\t%s", p.function, p.pos)
}

// stack is a trace as text.
func stack(places []place) string {
	lines := make([]string, len(places))
	for i, p := range places {
		lines[i] = p.String()
	}
	return strings.Join(lines, "\n")
}

// places makes a trace of the lines that the interpreter writes of a panic, the innermost call first. Of each call the
// interpreter knows no more than the function. Where there is only one line in a function on which the panic, or the call
// of the next function, can be, it is that line: the source is read for it, now that there is a panic.
func (in *instance) places(lines []string, message string) []place {
	return in.sources().places(lines, message)
}

func (in *instance) sources() *sources {
	return &sources{tree: in.pkg.Tree, fset: token.NewFileSet(), files: make(map[string]*ast.File)}
}

func (s *sources) places(lines []string, message string) []place {
	var list []place
	var callee string
	var last ast.Node
	for _, line := range lines {
		file, l, c, _, ok := splitPosition(line)
		if !ok || file == "-" {
			continue
		}
		p := place{pos: token.Position{Filename: file, Line: l, Column: c}}
		fn := s.function(p.pos)
		if fn.node == nil || fn.node == last {
			if fn.node == nil && s.declares(p.pos) {
				list = append(list, p)
			}
			continue // what the lowering made of one function, or of a value
		}
		p.function = fn.name
		can := calls(callee)
		if lit, ok := last.(*ast.FuncLit); ok {
			can = takes(lit)
		}
		if len(list) == 0 {
			can = raises(message)
		}
		if at, ok := s.only(fn, can); ok {
			p.pos = at
		}
		list = append(list, p)
		last, callee = fn.node, fn.short
	}
	return list
}

// from makes the trace of a panic that a function raised at a place begin there. What comes before belongs to a panic that
// this one took the place of.
func (s *sources) from(list []place, at token.Position) []place {
	first := place{at, s.function(at).name}
	i := slices.IndexFunc(list, func(p place) bool { return p.function == first.function })
	return append([]place{first}, list[i+1:]...)
}

// sources are files of a tree, parsed when they are asked for.
type sources struct {
	tree  fs.FS
	fset  *token.FileSet
	files map[string]*ast.File
}

func (s *sources) file(name string) *ast.File {
	f, ok := s.files[name]
	if !ok && s.tree != nil {
		if data, err := fs.ReadFile(s.tree, name); err == nil {
			f, _ = parser.ParseFile(s.fset, name, data, parser.SkipObjectResolution)
		}
		s.files[name] = f
	}
	return f
}

// function is a declared function or a literal.
type function struct {
	node ast.Node
	body *ast.BlockStmt
	file *ast.File
	// name is main.(*T).Method or main.f.func1, short the name by which it is called: Method.
	name, short string
}

// function returns the innermost function around a place.
func (s *sources) function(pos token.Position) function {
	file := s.file(pos.Filename)
	if file == nil {
		return function{}
	}
	var found function
	literals := 0
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncDecl:
			if n.Body == nil || !s.contains(n, pos) {
				return false
			}
			found = function{node: n, body: n.Body, file: file, short: n.Name.Name}
			found.name = file.Name.Name + "." + receiver(n) + n.Name.Name
			literals = 0
		case *ast.FuncLit:
			literals++
			if s.contains(n, pos) {
				outer := found.name
				if found.node == nil {
					outer = file.Name.Name + ".init"
				}
				found = function{node: n, body: n.Body, file: file, name: fmt.Sprintf("%s.func%d", outer, literals)}
				literals = 0
			}
		}
		return true
	})
	return found
}

// declares reports whether a place is in a declaration, or in a file that cannot be read.
func (s *sources) declares(pos token.Position) bool {
	file := s.file(pos.Filename)
	return file == nil || slices.ContainsFunc(file.Decls, func(d ast.Decl) bool { return s.contains(d, pos) })
}

// receiver returns what stands before the name of a method in a trace.
func receiver(n *ast.FuncDecl) string {
	if n.Recv == nil || len(n.Recv.List) == 0 {
		return ""
	}
	t := n.Recv.List[0].Type
	star, isPointer := t.(*ast.StarExpr)
	if isPointer {
		t = star.X
	}
	switch x := t.(type) {
	case *ast.IndexExpr:
		t = x.X
	case *ast.IndexListExpr:
		t = x.X
	}
	id, ok := t.(*ast.Ident)
	switch {
	case !ok:
		return ""
	case isPointer:
		return "(*" + id.Name + ")."
	}
	return id.Name + "."
}

func (s *sources) contains(n ast.Node, pos token.Position) bool {
	from, to := s.fset.Position(n.Pos()), s.fset.Position(n.End())
	return from.Filename == pos.Filename && !before(pos, from) && !before(to, pos)
}

func before(a, b token.Position) bool {
	return a.Line < b.Line || a.Line == b.Line && a.Column < b.Column
}

// only returns the one line of a function, literals in it left out, on which something is that can be it.
func (s *sources) only(fn function, can func(*ast.File, ast.Node) token.Pos) (token.Position, bool) {
	var at token.Position
	lines := make(map[int]bool)
	ast.Inspect(fn.body, func(n ast.Node) bool {
		if _, ok := n.(*ast.FuncLit); ok || n == nil {
			return false
		}
		if pos := can(fn.file, n); pos.IsValid() {
			p := s.fset.Position(pos)
			if !lines[p.Line] {
				at = p
			}
			lines[p.Line] = true
		}
		return true
	})
	return at, len(lines) == 1
}

// calls finds the calls of a function by its name.
func calls(name string) func(*ast.File, ast.Node) token.Pos {
	return func(_ *ast.File, n ast.Node) token.Pos {
		call, ok := n.(*ast.CallExpr)
		if !ok || name == "" {
			return token.NoPos
		}
		switch fun := ast.Unparen(call.Fun).(type) {
		case *ast.Ident:
			if fun.Name == name {
				return call.Pos()
			}
		case *ast.SelectorExpr:
			if fun.Sel.Name == name {
				return call.Pos()
			}
		}
		return token.NoPos
	}
}

// takes finds the call that a literal is written in, as the function or as an argument.
func takes(lit *ast.FuncLit) func(*ast.File, ast.Node) token.Pos {
	return func(_ *ast.File, n ast.Node) token.Pos {
		call, ok := n.(*ast.CallExpr)
		if ok && (ast.Unparen(call.Fun) == lit || slices.Contains(call.Args, ast.Expr(lit))) {
			return call.Pos()
		}
		return token.NoPos
	}
}

// raises finds what can end in a panic with that message.
func raises(message string) func(*ast.File, ast.Node) token.Pos {
	switch {
	case strings.Contains(message, "nil pointer dereference"):
		return dereferences
	case strings.Contains(message, "nil map"):
		return assignsElement
	case strings.Contains(message, "divide by zero"):
		return divides
	}
	return callsOut
}

func dereferences(file *ast.File, n ast.Node) token.Pos {
	switch n := n.(type) {
	case *ast.StarExpr:
		return n.Pos()
	case *ast.IndexExpr:
		return n.Pos()
	case *ast.CallExpr:
		return n.Pos()
	case *ast.SelectorExpr:
		if !isPackage(file, n.X) {
			return n.Pos()
		}
	}
	return token.NoPos
}

func assignsElement(_ *ast.File, n ast.Node) token.Pos {
	var places []ast.Expr
	switch n := n.(type) {
	case *ast.AssignStmt:
		places = n.Lhs
	case *ast.IncDecStmt:
		places = []ast.Expr{n.X}
	}
	for _, e := range places {
		if _, ok := ast.Unparen(e).(*ast.IndexExpr); ok {
			return e.Pos()
		}
	}
	return token.NoPos
}

func divides(_ *ast.File, n ast.Node) token.Pos {
	switch n := n.(type) {
	case *ast.BinaryExpr:
		if n.Op == token.QUO || n.Op == token.REM {
			return n.Pos()
		}
	case *ast.AssignStmt:
		if n.Tok == token.QUO_ASSIGN || n.Tok == token.REM_ASSIGN {
			return n.Pos()
		}
	}
	return token.NoPos
}

// callsOut finds what compiled code does: calls, and operations of channels.
func callsOut(_ *ast.File, n ast.Node) token.Pos {
	switch n := n.(type) {
	case *ast.CallExpr:
		if id, ok := n.Fun.(*ast.Ident); ok && id.Name != "close" && types.Universe.Lookup(id.Name) != nil {
			return token.NoPos
		}
		return n.Pos()
	case *ast.SendStmt:
		return n.Pos()
	}
	return token.NoPos
}

// isPackage reports whether an expression may name an imported package.
func isPackage(file *ast.File, e ast.Expr) bool {
	id, ok := e.(*ast.Ident)
	if !ok {
		return false
	}
	for _, spec := range file.Imports {
		path := strings.Trim(spec.Path.Value, "`\"")
		if spec.Name != nil && spec.Name.Name == id.Name || spec.Name == nil && path[strings.LastIndex(path, "/")+1:] == id.Name {
			return true
		}
	}
	return false
}
