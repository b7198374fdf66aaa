package check

import (
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"slices"
	"strings"
)

const (
	// maxBrief bounds what a brief function does: the expressions and statements of it and of all that it calls.
	maxBrief = 400
	// maxConcat bounds how often it may join strings, each of which may double.
	maxConcat = 10
	// maxBriefSize bounds the values that it copies, in bytes.
	maxBriefSize = 4096
)

// briefFuncs are the compiled functions that a brief function may call, by import path: they neither wait nor call back, and
// take no longer than their arguments are long. A method is written Type.Method; * is all functions of a package.
var briefFuncs = map[string]string{
	"errors":  "New",
	"fmt":     "Sprint Sprintf Sprintln Errorf",
	"math":    "*",
	"strconv": "*",
	"strings": "Compare Contains ContainsAny ContainsRune Count Cut CutPrefix CutSuffix EqualFold Fields HasPrefix HasSuffix " +
		"Index IndexAny IndexByte IndexRune LastIndex LastIndexAny LastIndexByte Split SplitN ToLower ToTitle ToUpper ToValidUTF8 " +
		"Trim TrimLeft TrimPrefix TrimRight TrimSpace TrimSuffix",
	"math/bits":    "*",
	"unicode":      "*",
	"unicode/utf8": "*",
	"time": "Now Since Until Unix UnixMilli Date Time.Add Time.Sub Time.After Time.Before Time.Equal Time.IsZero Time.UTC Time.Unix " +
		"Time.UnixMilli Time.Year Time.Month Time.Day Time.Hour Time.Minute Time.Second Time.Weekday Time.YearDay Duration.String " +
		"Duration.Seconds Duration.Minutes Duration.Hours Duration.Milliseconds Duration.Microseconds Duration.Nanoseconds",
	"github.com/scriptd/scriptd/plugin": "Invalid Retryable",
}

// Brief reports whether a call of the function that f names, or is, surely ends by itself and soon, whatever it is given: it
// has no loops, calls no function twice that is not done, waits for nothing, and calls nothing that might do that. It
// decides in doubt that a function is not brief.
func (p *Program) Brief(f ast.Expr) bool {
	b := &brief{p: p, calling: make(map[*types.Func]bool)}
	switch f := ast.Unparen(f).(type) {
	case *ast.FuncLit:
		return b.holds(f.Body)
	case *ast.Ident:
		fn, ok := p.Info.Uses[f].(*types.Func)
		return ok && b.calls(fn)
	}
	return false
}

// BriefMethod is Brief for a method that the program declares.
func (p *Program) BriefMethod(m *types.Func) bool {
	return (&brief{p: p, calling: make(map[*types.Func]bool)}).calls(m)
}

// brief looks through the functions that a call may reach.
type brief struct {
	p       *Program
	calling map[*types.Func]bool
	size    int
	concats int
}

// calls reports whether a function of the program is brief.
func (b *brief) calls(fn *types.Func) bool {
	sig := fn.Signature()
	body := b.p.body(fn)
	if body == nil || b.calling[fn] || sig.TypeParams() != nil || sig.RecvTypeParams() != nil {
		return false
	}
	b.calling[fn] = true
	defer delete(b.calling, fn)
	return b.holds(body)
}

// body returns the body of a function that the program declares.
func (p *Program) body(fn *types.Func) *ast.BlockStmt {
	if p.bodies == nil {
		p.bodies = make(map[*types.Func]*ast.BlockStmt)
		for _, pkg := range p.Packages {
			for _, file := range pkg.Files {
				for _, d := range file.AST.Decls {
					if d, ok := d.(*ast.FuncDecl); ok && d.Body != nil {
						if fn, ok := p.Info.Defs[d.Name].(*types.Func); ok {
							p.bodies[fn] = d.Body
						}
					}
				}
			}
		}
	}
	return p.bodies[fn]
}

// holds looks at everything in a node.
func (b *brief) holds(root ast.Node) bool {
	good := true
	ast.Inspect(root, func(n ast.Node) bool {
		if n == nil || !good {
			return false
		}
		b.size++
		if call, ok := n.(*ast.CallExpr); ok { // what it names is looked at together with what it passes
			good = b.size <= maxBrief && b.call(call)
			return false
		}
		good = b.size <= maxBrief && b.node(n)
		return good
	})
	return good
}

func (b *brief) node(n ast.Node) bool {
	switch n := n.(type) {
	case *ast.ForStmt, *ast.RangeStmt, *ast.GoStmt, *ast.DeferStmt, *ast.SelectStmt, *ast.SendStmt, *ast.CommClause, *ast.FuncLit:
		return false
	case *ast.BranchStmt:
		return n.Label == nil && n.Tok != token.GOTO && n.Tok != token.CONTINUE
	case *ast.UnaryExpr:
		return n.Op != token.ARROW && b.value(n)
	case *ast.BinaryExpr:
		return (n.Op != token.ADD || b.concat(n)) && b.value(n)
	case *ast.AssignStmt:
		return n.Tok != token.ADD_ASSIGN || b.concat(n.Lhs[0])
	case *ast.Ident:
		return b.named(n) && b.value(n)
	case ast.Expr:
		return b.value(n)
	}
	return true
}

// value looks at the type of an expression: large values take their time.
func (b *brief) value(e ast.Expr) bool {
	tv, ok := b.p.Info.Types[e]
	if !ok || tv.IsType() || tv.Type == nil {
		return true
	}
	return small(tv.Type)
}

var sizes = types.SizesFor("gc", "amd64")

func small(t types.Type) bool {
	switch t := t.Underlying().(type) {
	case *types.Basic:
		return true
	case *types.Tuple:
		for v := range t.Variables() {
			if !small(v.Type()) {
				return false
			}
		}
		return true
	}
	return sizes.Sizeof(t) <= maxBriefSize
}

// concat counts the additions of strings.
func (b *brief) concat(e ast.Expr) bool {
	if basic, ok := b.p.Info.TypeOf(e).Underlying().(*types.Basic); !ok || basic.Info()&types.IsString == 0 || b.p.Info.Types[e].Value != nil {
		return true
	}
	b.concats++
	return b.concats <= maxConcat
}

// named looks at what a name stands for where it is not called: a function as a value would be called by who knows whom.
func (b *brief) named(id *ast.Ident) bool {
	switch obj := b.p.Info.ObjectOf(id).(type) {
	case *types.Var:
		return small(obj.Type())
	case *types.Func:
		return false
	}
	return true
}

func (b *brief) call(call *ast.CallExpr) bool {
	for _, arg := range call.Args {
		if !b.holds(arg) {
			return false
		}
	}
	fun := ast.Unparen(call.Fun)
	switch tv := b.p.Info.Types[fun]; {
	case tv.IsType():
		return b.value(call)
	case tv.IsBuiltin():
		return b.builtin(call, fun.(*ast.Ident).Name) && b.value(call)
	default:
		return b.function(call, fun) && b.value(call)
	}
}

// function looks at what is called, which is no conversion and nothing predeclared.
func (b *brief) function(call *ast.CallExpr, fun ast.Expr) bool {
	var id *ast.Ident
	switch fun := fun.(type) {
	case *ast.Ident:
		id = fun
	case *ast.SelectorExpr:
		id = fun.Sel
		if s := b.p.Info.Selections[fun]; s != nil && (s.Kind() != types.MethodVal || types.IsInterface(s.Recv()) || !b.holds(fun.X)) {
			return false
		}
	default:
		return false
	}
	fn, ok := b.p.Info.Uses[id].(*types.Func)
	if !ok || fn.Pkg() == nil {
		return false
	}
	if recv := fn.Signature().Recv(); recv != nil && types.IsInterface(recv.Type()) {
		return false // of an interface that is embedded
	}
	if b.p.body(fn) != nil {
		return b.calls(fn)
	}
	return b.compiled(call, fn)
}

func (b *brief) builtin(call *ast.CallExpr, name string) bool {
	switch name {
	case "len", "cap", "min", "max", "append", "delete", "new", "panic", "complex", "real", "imag":
		return true
	case "make":
		for _, size := range call.Args[1:] {
			if n, exact := constant.Int64Val(constant.ToInt(b.p.Info.Types[size].Value)); !exact || n > maxBrief {
				return false
			}
		}
		return true
	}
	return false
}

// compiled looks at a call of a compiled function.
func (b *brief) compiled(call *ast.CallExpr, fn *types.Func) bool {
	name := fn.Name()
	if recv := fn.Signature().Recv(); recv != nil {
		t := recv.Type()
		if p, ok := t.(*types.Pointer); ok {
			t = p.Elem()
		}
		named, ok := t.(*types.Named)
		if !ok {
			return false
		}
		name = named.Obj().Name() + "." + name
	}
	list := briefFuncs[fn.Pkg().Path()]
	if list != "*" && !slices.Contains(strings.Fields(list), name) {
		return false
	}
	return !fn.Signature().Variadic() || b.formats(call, fn.Signature().Params().Len() == 2)
}

// formats looks at a call that formats: its format is known, and nothing in it has a method that would be called.
func (b *brief) formats(call *ast.CallExpr, format bool) bool {
	for i, arg := range call.Args {
		tv := b.p.Info.Types[arg]
		if _, basic := tv.Type.(*types.Basic); !basic || i == 0 && format && tv.Value == nil {
			return false
		}
	}
	return call.Ellipsis == token.NoPos
}
