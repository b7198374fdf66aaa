package lower

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"
)

// fn translates one function: a declared one or a literal.
type fn struct {
	l    *lowerer
	pkg  *Package
	sub  *subst
	sig  *types.Signature
	top  *topLevel
	out  *block
	line string // the place that the next line has, as far as was said
	// marked is where the statement stands that is translated.
	marked token.Position

	// results are the variables that hold what is returned; nil where return statements have it.
	results []string
	// leave are the ways in which statements leave the bodies around them, the innermost last.
	frames []*frame
	// deferred is the variable of the deferred calls, "" where there are none.
	deferred string
	// helps: the function is none of the author's.
	helps bool
	// at is where the call stands that is translated.
	at token.Position
	// called is the argument that says where the call stands that is translated, where that is asked for.
	called string
	// delaying: the operands that come next are those of a call that happens later, and are put into variables.
	delaying bool
	// logicals is how many operands of && and || there are around the expression at hand.
	logicals int
	// recovering is the variable that recover asks, "" where the function does not call it.
	recovering string
}

// topLevel is what a declared function shares with the literals in it.
type topLevel struct {
	names map[types.Object]string
	use   *usage
	// bounds are what the loops around the statement at hand say of their variables.
	bounds []bound
}

// block collects lines.
type block struct{ lines []string }

func (b *block) add(line string) { b.lines = append(b.lines, line) }

// text returns the lines of a function's body. Where it has jumps, something comes before each bare return: the interpreter
// may take one that several paths lead to for a step that follows itself.
func (b *block) text() string {
	if !slices.ContainsFunc(b.lines, func(line string) bool { return strings.HasPrefix(line, "goto ") }) {
		return strings.Join(b.lines, "\n")
	}
	lines := make([]string, len(b.lines))
	for i, line := range b.lines {
		if line == "return" {
			line = "_ = 0\nreturn"
		}
		lines[i] = line
	}
	return strings.Join(lines, "\n")
}

func (f *fn) emit(format string, args ...any) {
	if len(args) == 0 {
		f.out.add(format)
		return
	}
	f.out.add(fmt.Sprintf(format, args...))
}

// typeOf returns the type of an expression in this instance.
func (f *fn) typeOf(e ast.Expr) types.Type { return f.sub.typ(f.pkg.Info.TypeOf(e)) }

// position returns where something stands.
func (f *fn) position(pos token.Pos) token.Position { return f.pkg.Fset.Position(pos) }

// refuse gives up on a construct.
func (f *fn) refuse(n ast.Node, format string, args ...any) {
	f.l.refuse(f.position(n.Pos()), format, args...)
}

// mark notes where a statement stands in the author's file.
func (f *fn) mark(pos token.Pos) {
	p := f.position(pos)
	f.marked = p
	text := line(p)
	if text != f.line {
		f.line = text
		f.emit("%s", text)
	}
}

// Base is the last element of all file names in line directives: the interpreter finds imports by that, and the file is one.
const Base = "x"

// line is a directive for what follows.
func line(p token.Position) string {
	return fmt.Sprintf("//line /%s/%s:%d:%d", p.Filename, Base, p.Line, max(p.Column, 1)) // 0 where the author has directives
}

// name returns the name of a local variable.
func (f *fn) name(obj types.Object) string {
	if n, ok := f.top.names[obj]; ok {
		return n
	}
	n := fmt.Sprintf("%s_%d", sanitized(obj.Name()), f.l.number())
	if n[0] == '_' || n[0] >= '0' && n[0] <= '9' {
		n = "v" + n
	}
	f.top.names[obj] = n
	return n
}

// fresh returns a name for something that the author did not name.
func (f *fn) fresh(prefix string) string { return fmt.Sprintf("%s%d", prefix, f.l.number()) }

// temp puts a value into a variable and returns its name.
func (f *fn) temp(t types.Type, text string) string {
	name := f.fresh("t")
	f.declareVar(name, t, text)
	return name
}

// declareVar declares a variable with a value. The interpreter takes one that is declared as an interface for one of the
// type of its value, and makes no new variable where the value is a literal.
func (f *fn) declareVar(name string, t types.Type, text string) {
	typ := f.l.typ(t)
	if types.IsInterface(t) && !isName(text) && !strings.HasPrefix(text, "rt.B(") || strings.HasSuffix(text, "}") {
		f.emit("var %s %s", name, typ)
		f.emit("%s = %s", name, text)
		return
	}
	f.emit("var %s %s = %s", name, typ, text)
}

// declare translates a declared function.
func (l *lowerer) declare(in *instance) {
	decl := in.body.decl
	sig := in.fn.Signature()
	f := &fn{
		l: l, pkg: in.body.pkg, sub: in.sub, out: &block{},
		top: &topLevel{names: make(map[types.Object]string), use: usageOf(in.body.pkg.Info, decl)},
	}
	f.sig = f.sub.signature(types.NewSignatureType(nil, nil, nil, sig.Params(), sig.Results(), sig.Variadic())).(*types.Signature)
	f.refuseIn(decl)
	var params []string
	if in.recovers {
		f.recovering = f.fresh("p")
		params = append(params, f.recovering+" *rt.P")
	}
	if recv := sig.Recv(); recv != nil {
		t := f.sub.typ(recv.Type())
		params = append(params, f.declaredParam(recv, t, l.typ(t)))
	}
	for i := range sig.Params().Len() {
		params = append(params, f.declaredParam(sig.Params().At(i), f.sig.Params().At(i).Type(), l.paramType(f.sig, i)))
	}
	f.body(sig, decl.Body)
	text := f.out.text()
	p := f.position(decl.Name.Pos())
	fmt.Fprintf(&l.code, "%s\nfunc %s(%s)%s {\n%s\n}\n", line(p), in.name, strings.Join(params, ", "), l.results(f.sig), text)
}

// param returns the name of a parameter.
func (f *fn) param(v *types.Var) string {
	if v.Name() == "" || v.Name() == "_" {
		return f.fresh("b")
	}
	return f.name(v)
}

// params returns the parameters of a function whose variables are those of sig.
func (f *fn) params(sig *types.Signature) []string {
	var params []string
	for i := range sig.Params().Len() {
		params = append(params, f.param(sig.Params().At(i))+" "+f.l.paramType(f.sig, i))
	}
	return params
}

// body translates the body of a function whose named results are those of sig.
func (f *fn) body(sig *types.Signature, b *ast.BlockStmt) {
	deferring := f.deferForm(b)
	named := sig.Results().Len() > 0 && sig.Results().At(0).Name() != ""
	if named || deferring != noDefer && f.sig.Results().Len() > 0 || f.returnsFromIterator(b) {
		for i := range f.sig.Results().Len() {
			v := sig.Results().At(i)
			var name string
			if v.Name() == "" || v.Name() == "_" {
				name = f.fresh("r")
			} else {
				name = f.name(v)
			}
			f.emit("var %s %s", name, f.l.typ(f.sig.Results().At(i).Type()))
			f.results = append(f.results, name)
		}
	}
	if deferring != hostDefer {
		f.stmts(b.List)
		f.fallOff(b)
		return
	}
	f.deferred = f.fresh("d")
	f.emit("rt.Do(func(%s *rt.D) {", f.deferred)
	f.frames = append(f.frames, &frame{kind: deferFrame})
	f.stmts(b.List)
	f.frames = nil
	f.emit("})")
	f.returnResults()
}

// fallOff ends a body whose last statement does not return.
func (f *fn) fallOff(b *ast.BlockStmt) {
	if f.results == nil {
		if f.sig.Results().Len() == 0 {
			return
		}
		// It ends in a panic or an endless loop, which the interpreter does not see.
		if n := len(b.List); n > 0 {
			if _, ok := b.List[n-1].(*ast.ReturnStmt); ok {
				return
			}
		}
		var zeros []string
		for v := range f.sig.Results().Variables() {
			name := f.fresh("z")
			f.emit("var %s %s", name, f.l.typ(v.Type()))
			zeros = append(zeros, name)
		}
		f.emit("return %s", strings.Join(zeros, ", "))
		return
	}
	f.returnResults()
}

func (f *fn) returnResults() {
	if len(f.results) > 0 {
		f.emit("return %s", strings.Join(f.results, ", "))
	}
}

// literal translates a function literal into the text of an expression.
//
// The interpreter puts an older value of a literal back into its place after each call: the function around it has a
// frame of its own, where that harms nobody.
func (f *fn) literal(lit *ast.FuncLit) string {
	sig := f.pkg.Info.TypeOf(lit).(*types.Signature)
	in := f.inner(f.sub.typ(sig).(*types.Signature))
	params := in.params(sig)
	if callsRecover(f.pkg.Info, lit.Body) {
		// Called by other means than a defer statement that names it, it recovers what is being recovered just now.
		in.recovering = in.fresh("p")
		in.emit("%s := rt.Recovering()", in.recovering)
		f.l.recovers = append(f.l.recovers, f.position(lit.Pos()))
	}
	in.body(sig, lit.Body)
	return in.closure(params)
}

// inner returns a translator for a function in this one.
func (f *fn) inner(sig *types.Signature) *fn {
	return &fn{l: f.l, pkg: f.pkg, sub: f.sub, top: f.top, sig: sig, out: &block{}}
}

// closure returns the text of the function that was translated as an expression.
func (f *fn) closure(params []string) string {
	results := f.l.results(f.sig)
	return fmt.Sprintf("func() func(%s)%s { return func(%s)%s {\n%s\n} }()",
		strings.Join(params, ", "), results, strings.Join(params, ", "), results, f.out.text())
}

// callsRecover reports whether a body calls recover itself, not in a literal.
func callsRecover(info *types.Info, body *ast.BlockStmt) bool {
	found := false
	ast.Inspect(body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.CallExpr:
			if id, ok := ast.Unparen(n.Fun).(*ast.Ident); ok {
				if b, ok := info.Uses[id].(*types.Builtin); ok && b.Name() == "recover" {
					found = true
				}
			}
		}
		return !found
	})
	return found
}
