package check

import (
	"go/ast"
	"go/token"
	"go/types"
)

// checkAssigned adds an error for each variable of compiled code that a package assigns to, or whose address it takes, though
// it has to leave it as it is: the process has one of it.
func (c *checker) checkAssigned(pkg *Package) {
	if c.Assigned == nil {
		return
	}
	said := make(map[*types.Var]bool)
	changed := func(e ast.Expr) {
		id := c.variable(e)
		if id == nil {
			return
		}
		v := c.prog.Info.Uses[id].(*types.Var)
		missing := c.Assigned(v.Pkg().Path(), v.Name())
		if missing == "" || said[v] {
			return
		}
		said[v] = true
		c.needs(id.Pos(), "changing "+v.Pkg().Path()+"."+v.Name()+", which the process has one of,", missing)
	}
	for _, f := range pkg.Files {
		ast.Inspect(f.AST, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.AssignStmt:
				for _, lhs := range n.Lhs {
					changed(lhs)
				}
			case *ast.IncDecStmt:
				changed(n.X)
			case *ast.RangeStmt:
				changed(n.Key)
				changed(n.Value)
			case *ast.UnaryExpr:
				if n.Op == token.AND {
					changed(n.X)
				}
			case *ast.SliceExpr:
				if _, ok := c.underlying(n.X).(*types.Array); ok {
					changed(n.X)
				}
			case *ast.SelectorExpr:
				if c.takesAddress(n) {
					changed(n.X)
				}
			}
			return true
		})
	}
}

// takesAddress reports whether a selector names a method that is given the address of what it is called on.
func (c *checker) takesAddress(e *ast.SelectorExpr) bool {
	sel := c.prog.Info.Selections[e]
	if sel == nil || sel.Kind() != types.MethodVal {
		return false
	}
	_, byPointer := sel.Obj().(*types.Func).Signature().Recv().Type().(*types.Pointer)
	_, isPointer := sel.Recv().Underlying().(*types.Pointer)
	return byPointer && !isPointer
}

// variable returns the name of the compiled variable that an expression denotes, or a part of which it denotes: a field, or an
// element of an array. It is nil where that is something else.
func (c *checker) variable(e ast.Expr) *ast.Ident {
	switch e := ast.Unparen(e).(type) {
	case *ast.Ident:
		if v, ok := c.prog.Info.Uses[e].(*types.Var); ok && c.isCompiled(v) {
			return e
		}
	case *ast.SelectorExpr:
		sel := c.prog.Info.Selections[e]
		if sel == nil {
			return c.variable(e.Sel)
		}
		if !sel.Indirect() {
			return c.variable(e.X)
		}
	case *ast.IndexExpr:
		if _, ok := c.underlying(e.X).(*types.Array); ok {
			return c.variable(e.X)
		}
	}
	return nil
}

func (c *checker) underlying(e ast.Expr) types.Type {
	t := c.prog.Info.TypeOf(e)
	if t == nil {
		return nil
	}
	return t.Underlying()
}

// isCompiled reports whether a variable is one of a package that is not in the tree. One that is source of this module has a
// position.
func (c *checker) isCompiled(v *types.Var) bool {
	return v.Pkg() != nil && v.Parent() == v.Pkg().Scope() && !v.Pos().IsValid()
}
