package lower

import (
	"go/ast"
	"go/token"
	"go/types"
)

// bound is an index variable that is known to be in range of a list, because a loop counts it so.
type bound struct{ index, list types.Object }

// inRange reports whether an index needs no check.
func (f *fn) inRange(e *ast.IndexExpr) bool {
	id, ok := ast.Unparen(e.Index).(*ast.Ident)
	l := f.stable(e.X)
	if !ok || l == nil {
		return false
	}
	i := f.object(id)
	for _, b := range f.top.bounds {
		if b.index == i && b.list == l {
			return true
		}
	}
	return false
}

// stable returns the local variable that an expression names, if nothing but its declaration assigns it.
func (f *fn) stable(e ast.Expr) types.Object {
	id, ok := ast.Unparen(e).(*ast.Ident)
	if !ok {
		return nil
	}
	v, ok := f.object(id).(*types.Var)
	if !ok || f.top.use == nil || f.top.use.escapes[v] || f.top.use.assigned[v] || v.Pkg() != nil && v.Parent() == v.Pkg().Scope() {
		return nil
	}
	return v
}

// boundOf returns what a loop says of its variable: for i := range list, and for i := 0; i < len(list); i++.
func (f *fn) boundOf(s ast.Stmt) (bound, bool) {
	switch s := s.(type) {
	case *ast.RangeStmt:
		if s.Tok != token.DEFINE || s.Key == nil {
			return bound{}, false
		}
		if _, isMap := f.typeOf(s.X).Underlying().(*types.Map); isMap {
			return bound{}, false
		}
		b := bound{f.stable(s.Key), f.stable(s.X)}
		return b, b.index != nil && b.list != nil
	case *ast.ForStmt:
		init, ok := s.Init.(*ast.AssignStmt)
		cond, isBinary := s.Cond.(*ast.BinaryExpr)
		post, isInc := s.Post.(*ast.IncDecStmt)
		if !ok || !isBinary || !isInc || init.Tok != token.DEFINE || len(init.Lhs) != 1 || cond.Op != token.LSS || post.Tok != token.INC {
			return bound{}, false
		}
		start := f.pkg.Info.Types[init.Rhs[0]].Value
		call, isCall := ast.Unparen(cond.Y).(*ast.CallExpr)
		if start == nil || start.ExactString() != "0" || !isCall || len(call.Args) != 1 || !f.isLen(call) {
			return bound{}, false
		}
		v, ok := f.pkg.Info.Defs[init.Lhs[0].(*ast.Ident)].(*types.Var)
		left, isIdent := ast.Unparen(cond.X).(*ast.Ident)
		counted, isCounted := ast.Unparen(post.X).(*ast.Ident)
		if !ok || !isIdent || !isCounted || f.object(left) != v || f.object(counted) != v || f.top.use.escapes[v] || assignedIn(f, s.Body, v) {
			return bound{}, false
		}
		b := bound{v, f.stable(call.Args[0])}
		return b, b.list != nil
	}
	return bound{}, false
}

func (f *fn) isLen(call *ast.CallExpr) bool {
	id, ok := ast.Unparen(call.Fun).(*ast.Ident)
	if !ok {
		return false
	}
	b, ok := f.object(id).(*types.Builtin)
	return ok && b.Name() == "len"
}

// assignedIn reports whether a statement assigns a variable.
func assignedIn(f *fn, n ast.Node, v types.Object) bool {
	u := usageOf(f.pkg.Info, n)
	return u.assigned[v]
}

// withBound runs a translation of a loop's body with what the loop says of its variable.
func (f *fn) withBound(s ast.Stmt, translate func()) {
	b, ok := f.boundOf(s)
	if !ok {
		translate()
		return
	}
	f.top.bounds = append(f.top.bounds, b)
	translate()
	f.top.bounds = f.top.bounds[:len(f.top.bounds)-1]
}
