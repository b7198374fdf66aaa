package lower

import (
	"fmt"
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"strconv"
	"strings"
)

// switchStmt translates an expression switch into one over the number of the clause.
func (f *fn) switchStmt(s *ast.SwitchStmt, label string) {
	fr := &frame{kind: switchFrame, label: label, end: f.fresh("end")}
	f.emit("{")
	if s.Init != nil {
		f.stmt(s.Init)
	}
	var tag *val
	if s.Tag != nil {
		v := f.expr(s.Tag)
		if v.constant != nil {
			t := v.typ
			v = val{text: f.temp(t, v.text), typ: t, simple: true}
		}
		if v.isNil {
			v = f.argument(v, types.Universe.Lookup("any").Type())
		}
		v = f.settle(v)
		tag = &v
	}
	clauses := clausesOf(s.Body)
	tests, simple := f.tests(clauses, tag)
	if simple && !hasFallthrough(clauses) {
		f.emit("switch {")
		for i, c := range clauses {
			if c.List == nil {
				f.emit("default:")
			} else {
				f.emit("case %s:", tests[i])
			}
			f.clauseBody(fr, c.Body)
		}
		f.emit("}")
	} else {
		f.numbered(fr, clauses, tag)
	}
	if fr.usesEnd {
		f.emit("%s:", fr.end)
	}
	f.emit("}")
}

func clausesOf(b *ast.BlockStmt) []*ast.CaseClause {
	list := make([]*ast.CaseClause, len(b.List))
	for i, c := range b.List {
		list[i] = c.(*ast.CaseClause)
	}
	return list
}

func hasFallthrough(clauses []*ast.CaseClause) bool {
	for _, c := range clauses {
		if n := len(c.Body); n > 0 {
			if b, ok := c.Body[n-1].(*ast.BranchStmt); ok && b.Tok == token.FALLTHROUGH {
				return true
			}
		}
	}
	return false
}

// clauseBody translates the statements of a clause. They are a block of their own, because the interpreter finds labels in
// blocks alone.
func (f *fn) clauseBody(fr *frame, list []ast.Stmt) {
	f.push(fr)
	var last []ast.Stmt
	if n := len(list) - 1; n >= 0 {
		if b, ok := list[n].(*ast.BranchStmt); ok && b.Tok == token.FALLTHROUGH {
			list, last = list[:n], list[n:]
		}
	}
	f.emit("{")
	f.stmts(list)
	f.emit("}")
	f.stmts(last)
	f.pop()
}

// tests translates the conditions of clauses, and reports whether none of them hoists anything.
func (f *fn) tests(clauses []*ast.CaseClause, tag *val) ([]string, bool) {
	tests := make([]string, len(clauses))
	simple := true
	for i, c := range clauses {
		var parts []string
		for _, e := range c.List {
			text, hoisted := f.aside(func() string { return f.test(e, tag) })
			simple = simple && len(hoisted.lines) == 0
			parts = append(parts, text)
		}
		tests[i] = strings.Join(parts, " || ")
	}
	return tests, simple
}

// test is the condition of one expression of a clause.
func (f *fn) test(e ast.Expr, tag *val) string {
	if tag == nil {
		v := f.expr(e)
		if types.IsInterface(v.typ) {
			return f.equal(token.EQL, f.constant(constant.MakeBool(true), types.Typ[types.Bool]), v).text
		}
		return v.text
	}
	y := f.expr(e)
	if y.constant != nil && !types.IsInterface(tag.typ) {
		y = f.constant(y.constant, tag.typ)
	}
	return f.equal(token.EQL, *tag, y).text
}

// numbered finds the number of the clause first, and then goes there.
func (f *fn) numbered(fr *frame, clauses []*ast.CaseClause, tag *val) {
	k := f.fresh("k")
	f.emit("%s := -1", k)
	def := -1
	depth := 0
	for i, c := range clauses {
		if c.List == nil {
			def = i
		}
		for _, e := range c.List {
			text := f.test(e, tag)
			f.emit("if %s { %s = %d } else {", text, k, i)
			depth++
		}
	}
	if def >= 0 {
		f.emit("%s = %d", k, def)
	}
	for range depth {
		f.emit("}")
	}
	f.emit("switch %s {", k)
	for i, c := range clauses {
		f.emit("case %d:", i)
		f.clauseBody(fr, c.Body)
	}
	f.emit("}")
}

// typeSwitch asks the host for the number of the clause.
func (f *fn) typeSwitch(s *ast.TypeSwitchStmt, label string) {
	fr := &frame{kind: switchFrame, label: label, end: f.fresh("end")}
	f.emit("{")
	if s.Init != nil {
		f.stmt(s.Init)
	}
	var bound *ast.Ident
	var assert *ast.TypeAssertExpr
	switch a := s.Assign.(type) {
	case *ast.AssignStmt:
		bound = a.Lhs[0].(*ast.Ident)
		assert = ast.Unparen(a.Rhs[0]).(*ast.TypeAssertExpr)
	case *ast.ExprStmt:
		assert = ast.Unparen(a.X).(*ast.TypeAssertExpr)
	}
	static := f.expr(assert.X)
	if !f.keepsToItself(assert.X) {
		static = f.settle(static)
	}
	x := f.hold(f.assign(static, types.Universe.Lookup("any").Type()))
	var list []types.Type
	clauses := clausesOf(s.Body)
	for _, c := range clauses {
		for _, e := range c.List {
			var t types.Type
			if !f.pkg.Info.Types[e].IsNil() {
				t = f.sub.typ(f.pkg.Info.TypeOf(e))
				if !types.IsInterface(t) && f.l.isBoxed(t) {
					f.l.typeNumber(t)
				}
			}
			list = append(list, t)
		}
	}
	f.emit("switch rt.Case(%d, %s) {", f.l.cases(list), x.text)
	at := 0
	for i, c := range clauses {
		if c.List == nil {
			f.emit("default:")
		} else {
			var parts []string
			for range c.List {
				parts = append(parts, fmt.Sprint(at+1))
				at++
			}
			f.emit("case %s:", strings.Join(parts, ", "))
		}
		if v, ok := f.pkg.Info.Implicits[clauses[i]].(*types.Var); bound != nil && ok {
			f.bindCase(v, c, static, x)
		}
		f.clauseBody(fr, c.Body)
	}
	f.emit("}")
	if fr.usesEnd {
		f.emit("%s:", fr.end)
	}
	f.emit("}")
}

// keepsToItself reports whether an expression is a variable that nothing but the statements of this function changes.
func (f *fn) keepsToItself(e ast.Expr) bool {
	id, ok := ast.Unparen(e).(*ast.Ident)
	if !ok {
		return false
	}
	v, ok := f.object(id).(*types.Var)
	return ok && v.Pkg() != nil && v.Parent() != v.Pkg().Scope() && !f.top.use.escapes[v]
}

// bindCase declares the variable of a clause.
func (f *fn) bindCase(v *types.Var, c *ast.CaseClause, static, x val) {
	t := f.sub.typ(v.Type())
	name := f.name(v)
	if len(c.List) != 1 || f.pkg.Info.Types[c.List[0]].IsNil() {
		f.declareVar(name, static.typ, static.text)
		return
	}
	f.declareVar(name, t, f.unboxed(x, t))
}

// unboxed returns the value of type t that an interface is known to hold.
func (f *fn) unboxed(x val, t types.Type) string {
	switch {
	case f.l.hostInterface(t):
		return fmt.Sprintf("rt.W%d(%s)", f.l.iface(t), x.text)
	case types.IsInterface(t):
		return x.text
	case f.l.isBoxed(t):
		return f.l.unpacked(fmt.Sprintf("rt.V(%s)", x.text), t)
	}
	return fmt.Sprintf("%s.(%s)", x.text, f.l.typ(t))
}

// selectStmt asks the host: the interpreter's own select mixes up concurrent executions.
func (f *fn) selectStmt(s *ast.SelectStmt, label string) {
	fr := &frame{kind: switchFrame, label: label, end: f.fresh("end")}
	f.emit("{")
	var ops []string
	hasDefault := false
	type clause struct {
		comm *ast.CommClause
		recv *ast.UnaryExpr
		elem types.Type
		n    int
	}
	var clauses []clause
	for _, c := range s.Body.List {
		c := c.(*ast.CommClause)
		cl := clause{comm: c, n: -1}
		switch comm := c.Comm.(type) {
		case nil:
			hasDefault = true
			clauses = append(clauses, cl)
			continue
		case *ast.SendStmt:
			elem := f.typeOf(comm.Chan).Underlying().(*types.Chan).Elem()
			ch := f.settle(f.open(f.expr(comm.Chan)))
			v := f.temp(elem, f.argument(f.expr(comm.Value), elem).text)
			ops = append(ops, fmt.Sprintf("rt.Send(%s, %s)", ch.text, v))
		case *ast.ExprStmt:
			cl.recv = ast.Unparen(comm.X).(*ast.UnaryExpr)
		case *ast.AssignStmt:
			cl.recv = ast.Unparen(comm.Rhs[0]).(*ast.UnaryExpr)
		}
		if cl.recv != nil {
			ch := f.settle(f.open(f.expr(cl.recv.X)))
			cl.elem = ch.typ.Underlying().(*types.Chan).Elem()
			ops = append(ops, fmt.Sprintf("rt.Receive(%s)", ch.text))
		}
		cl.n = len(ops) - 1
		clauses = append(clauses, cl)
	}
	k, v, ok := f.fresh("k"), f.fresh("v"), f.fresh("ok")
	args := append([]string{strconv.FormatBool(hasDefault)}, ops...)
	f.emit("%s, %s, %s := rt.Select(%s)", k, v, ok, strings.Join(args, ", "))
	f.emit("_, _ = %s, %s", v, ok)
	f.emit("switch %s {", k)
	for _, c := range clauses {
		if c.comm.Comm == nil {
			f.emit("default:")
		} else {
			f.emit("case %d:", c.n)
		}
		if a, isAssign := c.comm.Comm.(*ast.AssignStmt); isAssign {
			f.bindReceived(a, c.elem, v, ok)
		}
		f.clauseBody(fr, c.comm.Body)
	}
	f.emit("}")
	if fr.usesEnd {
		f.emit("%s:", fr.end)
	}
	f.emit("}")
}

// bindReceived assigns what a clause of a select received.
func (f *fn) bindReceived(a *ast.AssignStmt, elem types.Type, v, ok string) {
	if !isBlank(a.Lhs[0]) {
		name := f.fresh("t")
		f.emit("var %s %s", name, f.l.typ(elem))
		if f.l.typ(elem) == "any" {
			f.emit("%s = %s", name, v)
		} else {
			f.emit("if %s != nil { %s = %s }", v, name, f.l.unpacked(v, elem))
		}
		f.bind(a, a.Lhs[0], val{text: name, typ: elem, simple: true})
	}
	if len(a.Lhs) > 1 && !isBlank(a.Lhs[1]) {
		f.bind(a, a.Lhs[1], val{text: ok, typ: types.Typ[types.Bool], simple: true})
	}
}

func (f *fn) bind(a *ast.AssignStmt, lhs ast.Expr, v val) {
	if a.Tok == token.DEFINE {
		f.declareOne(lhs, f.assign(v, f.lhsType(lhs)))
		return
	}
	f.store(f.target(lhs), v)
}
