package lower

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
)

func (f *fn) stmts(list []ast.Stmt) {
	for _, s := range list {
		f.stmt(s)
	}
}

func (f *fn) stmt(s ast.Stmt) {
	switch s.(type) {
	case *ast.EmptyStmt, *ast.BlockStmt, *ast.LabeledStmt, *ast.DeclStmt:
	default:
		f.mark(s.Pos())
	}
	switch s := s.(type) {
	case *ast.EmptyStmt:
	case *ast.ExprStmt:
		f.exprStmt(s.X)
	case *ast.AssignStmt:
		f.assignStmt(s)
	case *ast.IncDecStmt:
		op := token.ADD
		if s.Tok == token.DEC {
			op = token.SUB
		}
		f.opAssign(s.X, op, nil)
	case *ast.DeclStmt:
		f.declStmt(s)
	case *ast.BlockStmt:
		f.emit("{")
		f.stmts(s.List)
		f.emit("}")
	case *ast.IfStmt:
		f.ifStmt(s)
	case *ast.ForStmt:
		f.forStmt(s, "")
	case *ast.RangeStmt:
		f.rangeStmt(s, "")
	case *ast.SwitchStmt:
		f.switchStmt(s, "")
	case *ast.TypeSwitchStmt:
		f.typeSwitch(s, "")
	case *ast.SelectStmt:
		f.selectStmt(s, "")
	case *ast.LabeledStmt:
		f.labeled(s)
	case *ast.BranchStmt:
		f.branch(s)
	case *ast.ReturnStmt:
		f.returnStmt(s)
	case *ast.SendStmt:
		f.send(s)
	case *ast.GoStmt:
		f.goStmt(s)
	case *ast.DeferStmt:
		f.deferStmt(s)
	default:
		f.refuse(s, "statement %T", s)
	}
}

// exprStmt evaluates an expression for what it does.
func (f *fn) exprStmt(e ast.Expr) {
	if u, ok := ast.Unparen(e).(*ast.UnaryExpr); ok && u.Op == token.ARROW {
		f.receive(u, false)
		return
	}
	v := f.expr(e)
	if !v.impure {
		return
	}
	if call, ok := ast.Unparen(e).(*ast.CallExpr); ok && v.typ != nil {
		if tv := f.pkg.Info.Types[ast.Unparen(call.Fun)]; tv.IsType() {
			f.emit("_ = %s", v.text)
			return
		}
	}
	f.emit("%s", v.text)
}

func (f *fn) declStmt(s *ast.DeclStmt) {
	d, ok := s.Decl.(*ast.GenDecl)
	if !ok || d.Tok != token.VAR {
		return // types and constants are where they are used
	}
	for _, spec := range d.Specs {
		spec := spec.(*ast.ValueSpec)
		f.mark(spec.Pos())
		if len(spec.Values) == 0 {
			for _, name := range spec.Names {
				if name.Name == "_" {
					continue
				}
				v := f.pkg.Info.Defs[name].(*types.Var)
				f.emit("var %s %s", f.name(v), f.l.typ(f.sub.typ(v.Type())))
			}
			continue
		}
		lhs := make([]ast.Expr, len(spec.Names))
		for i, name := range spec.Names {
			lhs[i] = name
		}
		f.define(lhs, spec.Values)
	}
}

// define declares variables, and assigns those of a short declaration that exist.
func (f *fn) define(lhs, rhs []ast.Expr) {
	if len(lhs) == 1 && len(rhs) == 1 {
		f.declareOne(lhs[0], f.assignedTo(lhs[0], func() val { return f.expr(rhs[0]) }))
		return
	}
	values := f.values(lhs, rhs)
	for i, l := range lhs {
		f.declareOne(l, values[i])
	}
}

// assignedTo translates what is assigned to a variable, in the variable's type.
func (f *fn) assignedTo(lhs ast.Expr, rhs func() val) val {
	v := rhs()
	if t := f.lhsType(lhs); t != nil {
		return f.assign(v, t)
	}
	return v
}

// lhsType returns the type of what is assigned to, nil for the blank identifier without one.
func (f *fn) lhsType(e ast.Expr) types.Type {
	if id, ok := ast.Unparen(e).(*ast.Ident); ok {
		if obj := f.object(id); obj != nil {
			return f.sub.typ(obj.Type())
		}
		return nil
	}
	return f.typeOf(e)
}

// values evaluates the right side of an assignment of several values, into variables where one could change another.
func (f *fn) values(lhs, rhs []ast.Expr) []val {
	if len(rhs) == 1 && len(lhs) > 1 {
		values := f.several(rhs[0])
		for i := range values {
			if t := f.lhsType(lhs[i]); t != nil {
				values[i] = f.assign(values[i], t)
			}
		}
		return values
	}
	list := make([]func() val, len(rhs))
	for i, e := range rhs {
		list[i] = func() val { return f.assignedTo(lhs[i], func() val { return f.expr(e) }) }
	}
	values := f.operands(list...)
	for i, v := range values {
		values[i] = f.settle(v)
	}
	return values
}

// several evaluates an expression with more than one result: a call, or a comma-ok form.
func (f *fn) several(e ast.Expr) []val {
	switch e := ast.Unparen(e).(type) {
	case *ast.TypeAssertExpr:
		v, ok := f.assertion(e, true)
		return []val{v, ok}
	case *ast.UnaryExpr:
		v, ok := f.receive(e, true)
		return []val{v, ok}
	case *ast.IndexExpr:
		v := f.index(e)
		name, ok := f.fresh("t"), f.fresh("ok")
		// The interpreter leaves the value as it was where there is none.
		f.emit("var %s %s", name, f.l.typ(v.typ))
		f.emit("var %s bool", ok)
		f.emit("%s, %s = %s", name, ok, v.text)
		return []val{{text: name, typ: v.typ, simple: true}, {text: ok, typ: types.Typ[types.Bool], simple: true}}
	}
	return f.tuple(e)
}

// declareOne declares a variable, or assigns it where it exists.
func (f *fn) declareOne(lhs ast.Expr, v val) {
	id, ok := lhs.(*ast.Ident)
	if !ok {
		f.store(f.target(lhs), v)
		return
	}
	if id.Name == "_" {
		f.discard(v)
		return
	}
	obj, isNew := f.pkg.Info.Defs[id].(*types.Var)
	if !isNew {
		f.store(f.target(lhs), v)
		return
	}
	if v.isNil || v.typ == nil {
		f.emit("var %s %s", f.name(obj), f.l.typ(f.sub.typ(obj.Type())))
		return
	}
	f.declareVar(f.name(obj), f.sub.typ(obj.Type()), v.text)
}

// discard evaluates what is assigned to the blank identifier.
func (f *fn) discard(v val) {
	if v.isNil || v.simple || v.typ == nil {
		return
	}
	if isDeref(v.text) {
		v = f.settle(v) // the interpreter does not look there otherwise
	}
	f.emit("_ = %s", v.text)
}

func (f *fn) assignStmt(s *ast.AssignStmt) {
	switch s.Tok {
	case token.DEFINE:
		f.define(s.Lhs, s.Rhs)
	case token.ASSIGN:
		f.assignment(s.Lhs, s.Rhs)
	default:
		f.opAssign(s.Lhs[0], s.Tok+(token.ADD-token.ADD_ASSIGN), s.Rhs[0])
	}
}

func (f *fn) assignment(lhs, rhs []ast.Expr) {
	if len(lhs) == 1 && len(rhs) == 1 {
		f.assignOne(lhs[0], rhs[0])
		return
	}
	// First phase: operands on the left, and what is on the right.
	targets := make([]target, len(lhs))
	for i, l := range lhs {
		targets[i] = f.settledTarget(l)
	}
	for i, v := range f.values(lhs, rhs) {
		f.store(targets[i], v)
	}
}

func (f *fn) assignOne(lhs, rhs ast.Expr) {
	if id, ok := ast.Unparen(lhs).(*ast.Ident); ok && id.Name == "_" {
		f.discard(f.defaultTyped(f.expr(rhs)))
		return
	}
	to := f.typeOf(lhs)
	if id, ok := ast.Unparen(lhs).(*ast.Ident); ok {
		v := f.exprTo(rhs, to)
		if v.impure && f.isShared(id) {
			v = f.settle(v)
		}
		f.emit("%s = %s", f.place(lhs).text, v.text)
		return
	}
	var v val
	_, hoisted := f.aside(func() string { v = f.exprTo(rhs, to); return "" })
	if !v.impure && len(hoisted.lines) == 0 {
		f.store(f.target(lhs), v)
		return
	}
	// Operands on the left come first, then what is on the right; only then may the place turn out not to be there.
	t := f.settledTarget(lhs)
	f.include(hoisted)
	f.store(t, f.settle(v))
}

// isShared reports whether more than the function itself has hold of a variable. Where the interpreter makes a value right
// in the place of the variable, it makes another variable of it.
func (f *fn) isShared(id *ast.Ident) bool {
	v, ok := f.object(id).(*types.Var)
	return ok && (f.top.use.escapes[v] || v.Pkg() != nil && v.Parent() == v.Pkg().Scope())
}

func (f *fn) defaultTyped(v val) val {
	if v.constant != nil {
		v.text = f.typed(v)
	}
	return v
}

// opAssign is x op= y; a nil y is 1.
func (f *fn) opAssign(lhs ast.Expr, op token.Token, y ast.Expr) {
	t := f.typeOf(lhs)
	place := f.placeOf(lhs, y)
	check := func() {
		if place.check != nil {
			place.check()
		}
	}
	current := val{text: place.text, typ: t}
	var v val
	switch {
	case y == nil:
		check()
		if isPlainNumber(t) {
			f.emit("%s", step(place.text, op, t))
			return
		}
		v = f.arithmetic(op, t, current, val{text: "1", typ: t})
	case op == token.SHL || op == token.SHR:
		v = f.shift(op, t, func() val { return current }, y)
		check()
	default:
		operand := f.exprTo(y, t)
		if place.check != nil && operand.impure {
			operand = f.settle(operand)
		}
		check()
		if op != token.QUO && op != token.AND_NOT && !isMapIndex(f, lhs) && isPlainNumber(t) {
			f.emit("%s %s= %s", place.text, op, operand.text)
			return
		}
		v = f.arithmetic(op, t, current, operand)
	}
	f.emit("%s = %s", place.text, v.text)
}

// step is x++ or x--, which the interpreter ends a function at where x is a uintptr.
func step(x string, op token.Token, t types.Type) string {
	if b, ok := t.Underlying().(*types.Basic); ok && b.Kind() == types.Uintptr {
		return fmt.Sprintf("%s %s= 1", x, op)
	}
	return x + op.String() + op.String()
}

// isPlainNumber reports whether the interpreter has assignment operators for a type that can be trusted.
func isPlainNumber(t types.Type) bool {
	b, ok := t.Underlying().(*types.Basic)
	return ok && (b.Info()&(types.IsInteger|types.IsString) != 0 || b.Kind() == types.Float64)
}

func isMapIndex(f *fn, e ast.Expr) bool {
	i, ok := ast.Unparen(e).(*ast.IndexExpr)
	if !ok {
		return false
	}
	_, ok = f.typeOf(i.X).Underlying().(*types.Map)
	return ok
}

func (f *fn) ifStmt(s *ast.IfStmt) {
	if s.Init != nil {
		f.emit("{")
		f.stmt(s.Init)
	}
	cond := f.expr(s.Cond)
	f.emit("if %s {", cond.text)
	f.stmts(s.Body.List)
	switch e := s.Else.(type) {
	case nil:
		f.emit("}")
	case *ast.BlockStmt:
		f.emit("} else {")
		f.stmts(e.List)
		f.emit("}")
	default:
		f.emit("} else {")
		f.stmt(e)
		f.emit("}")
	}
	if s.Init != nil {
		f.emit("}")
	}
}

func (f *fn) send(s *ast.SendStmt) {
	elem := f.typeOf(s.Chan).Underlying().(*types.Chan).Elem()
	vs := f.operands(
		func() val { return f.open(f.expr(s.Chan)) },
		func() val { return f.argument(f.expr(s.Value), elem) },
	)
	// The interpreter sends to what has a type of the text: a field of a struct that the host made has none.
	ch, v := val{text: f.temp(f.typeOf(s.Chan).Underlying(), vs[0].text)}, vs[1]
	if v.constant != nil || v.impure {
		v = val{text: f.temp(elem, v.text), typ: elem}
	}
	f.emit("%s <- %s", ch.text, v.text)
}
