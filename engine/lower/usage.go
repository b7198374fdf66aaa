package lower

import (
	"go/ast"
	"go/token"
	"go/types"
)

// usage is how a function's variables are used.
type usage struct {
	// escapes are the variables that a literal captures, or whose address is taken.
	escapes map[types.Object]bool
	// assigned are those that something other than their declaration assigns.
	assigned map[types.Object]bool
	// gotos are the labels that goto leads to.
	gotos map[types.Object]bool
	info  *types.Info
}

// usageOf looks through a declaration.
func usageOf(info *types.Info, n ast.Node) *usage {
	u := &usage{escapes: make(map[types.Object]bool), assigned: make(map[types.Object]bool), gotos: make(map[types.Object]bool), info: info}
	u.walk(n, make(map[types.Object]bool))
	return u
}

// walk looks at what is in a function: outer are the variables of those around it.
func (u *usage) walk(n ast.Node, outer map[types.Object]bool) {
	here := make(map[types.Object]bool)
	ast.Inspect(n, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			inner := make(map[types.Object]bool, len(outer)+len(here))
			for v := range outer {
				inner[v] = true
			}
			for v := range here {
				inner[v] = true
			}
			u.walk(n.Type, map[types.Object]bool{})
			u.walk(n.Body, inner)
			return false
		case *ast.Ident:
			if v, ok := u.info.Defs[n].(*types.Var); ok {
				here[v] = true
			}
			if v, ok := u.info.Uses[n].(*types.Var); ok && outer[v] && !here[v] {
				u.escapes[v] = true
			}
		case *ast.UnaryExpr:
			if n.Op == token.AND {
				u.address(n.X)
			}
		case *ast.SliceExpr:
			u.address(n.X)
		case *ast.SelectorExpr:
			u.selector(n)
		case *ast.AssignStmt:
			if n.Tok != token.DEFINE {
				for _, lhs := range n.Lhs {
					u.assign(lhs)
				}
			} else {
				for _, lhs := range n.Lhs {
					if id, ok := lhs.(*ast.Ident); ok && u.info.Defs[id] == nil {
						u.assign(lhs)
					}
				}
			}
		case *ast.BranchStmt:
			if n.Tok == token.GOTO {
				u.gotos[u.info.Uses[n.Label]] = true
			}
		case *ast.IncDecStmt:
			u.assign(n.X)
		case *ast.RangeStmt:
			if n.Tok == token.ASSIGN {
				u.assign(n.Key)
				u.assign(n.Value)
			}
		case *ast.CaseClause:
			if v := u.info.Implicits[n]; v != nil {
				here[v] = true
			}
		}
		return true
	})
}

func (u *usage) selector(n *ast.SelectorExpr) {
	sel := u.info.Selections[n]
	if sel == nil || sel.Kind() != types.MethodVal {
		return
	}
	fn, ok := sel.Obj().(*types.Func)
	if !ok || fn.Signature().Recv() == nil {
		return
	}
	if _, pointer := types.Unalias(fn.Signature().Recv().Type()).(*types.Pointer); pointer {
		u.address(n.X)
	}
	if _, param := types.Unalias(sel.Recv()).(*types.TypeParam); param {
		u.address(n.X)
	}
}

// root returns the variable that an operand is a part of.
func (u *usage) root(e ast.Expr) types.Object {
	for {
		switch x := ast.Unparen(e).(type) {
		case *ast.Ident:
			if v, ok := u.info.Uses[x].(*types.Var); ok {
				return v
			}
			return nil
		case *ast.SelectorExpr:
			if t := u.info.TypeOf(x.X); t != nil {
				if _, pointer := t.Underlying().(*types.Pointer); pointer {
					return nil
				}
			}
			e = x.X
		case *ast.IndexExpr:
			t := u.info.TypeOf(x.X)
			if t == nil {
				return nil
			}
			if _, array := t.Underlying().(*types.Array); !array {
				if _, param := t.(*types.TypeParam); !param {
					return nil
				}
			}
			e = x.X
		default:
			return nil
		}
	}
}

func (u *usage) address(e ast.Expr) {
	if v := u.root(e); v != nil {
		u.escapes[v] = true
	}
}

func (u *usage) assign(e ast.Expr) {
	if e == nil {
		return
	}
	if v := u.root(e); v != nil {
		u.assigned[v] = true
	}
}
