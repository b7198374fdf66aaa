package lower

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
)

// target is a place that is assigned to, with its operands evaluated.
type target struct {
	blank bool
	val
	// check is what is to be checked before it is assigned to.
	check func()
}

func (f *fn) target(e ast.Expr) target {
	e = ast.Unparen(e)
	if id, ok := e.(*ast.Ident); ok && id.Name == "_" {
		return target{blank: true}
	}
	v := f.place(e)
	v.simple = false
	return target{val: v}
}

// store assigns to a place.
func (f *fn) store(t target, v val) {
	if t.blank {
		f.discard(v)
		return
	}
	v = f.settleDeref(f.assign(v, t.typ))
	if t.check != nil {
		t.check()
	}
	f.emit("%s = %s", t.text, v.text)
}

// settledTarget evaluates the operands of a place into variables.
func (f *fn) settledTarget(e ast.Expr) target {
	switch e := ast.Unparen(e).(type) {
	case *ast.IndexExpr:
		if m, ok := f.typeOf(e.X).Underlying().(*types.Map); ok {
			x := f.settle(f.open(f.expr(e.X)))
			k := f.settle(f.argument(f.expr(e.Index), m.Key()))
			return target{val: val{text: fmt.Sprintf("%s[%s]", x.text, f.key(k, m.Key())), typ: m.Elem()}}
		}
		x, i := f.settledIndex(e)
		return target{
			val:   val{text: fmt.Sprintf("%s[%s]", x.text, i.text), typ: f.typeOf(e)},
			check: func() { f.checkIndex(e, x, i) },
		}
	case *ast.StarExpr, *ast.SelectorExpr:
		return target{val: f.settledPlace(e)}
	}
	return f.target(e)
}

// settledPlace translates a variable, or a part of one, that is the same when the operands that led there have changed.
func (f *fn) settledPlace(e ast.Expr) val {
	switch e := ast.Unparen(e).(type) {
	case *ast.IndexExpr:
		if _, ok := f.typeOf(e.X).Underlying().(*types.Map); ok {
			break
		}
		x, i := f.settledIndex(e)
		f.checkIndex(e, x, i)
		return val{text: fmt.Sprintf("%s[%s]", x.text, i.text), typ: f.typeOf(e)}
	case *ast.StarExpr:
		return f.deref(f.settle(f.expr(e.X)))
	case *ast.SelectorExpr:
		if f.pkg.Info.Selections[e] == nil {
			break
		}
		v := f.settledPlace(e.X)
		for _, i := range f.selection(e).index {
			if _, ok := v.typ.Underlying().(*types.Pointer); ok {
				v = f.settle(v)
			}
			v = f.path(v, []int{i})
		}
		v.typ = f.typeOf(e)
		return v
	}
	return f.place(e)
}

// isArrayPlace reports whether an expression is a variable of an array type: it must not be put into another variable.
func (f *fn) isArrayPlace(e ast.Expr) bool {
	return isArray(f.typeOf(e)) && f.pkg.Info.Types[ast.Unparen(e)].Addressable()
}

// settledIndex evaluates the operands of an index expression, of no map.
func (f *fn) settledIndex(e *ast.IndexExpr) (x, i val) {
	if isArray(f.typeOf(e.X)) {
		x = f.settledPlace(e.X)
		x = f.primary(f.open(x))
	} else {
		x = f.indexable(e.X)
		if isArray(x.typ) { // behind a pointer
			x = f.deref(f.settle(val{text: x.text[2 : len(x.text)-1], typ: types.NewPointer(x.typ)}))
		} else {
			x = f.settle(x)
		}
	}
	return x, f.settle(f.expr(e.Index))
}

// placeOf translates the left side of x op= y: its operands are evaluated once, and before what y calls. Whether the place
// is there is to be checked after that.
func (f *fn) placeOf(lhs, y ast.Expr) target {
	if i, ok := ast.Unparen(lhs).(*ast.IndexExpr); ok && isMapIndex(f, lhs) {
		m := f.typeOf(i.X).Underlying().(*types.Map)
		hold := f.hold
		if y != nil && f.hasCalls(y) {
			hold = f.settle
		}
		x := hold(f.open(f.expr(i.X)))
		k := hold(f.argument(f.expr(i.Index), m.Key()))
		return target{val: val{text: fmt.Sprintf("%s[%s]", x.text, f.key(k, m.Key()))}}
	}
	if _, ok := ast.Unparen(lhs).(*ast.Ident); ok {
		return target{val: f.place(lhs)}
	}
	var place val
	_, hoisted := f.aside(func() string { place = f.place(lhs); return "" })
	if !place.impure && (y == nil || !f.hasCalls(y)) {
		f.include(hoisted)
		return target{val: place}
	}
	return f.settledTarget(lhs)
}

// hasCalls reports whether something happens in an expression that may change variables.
func (f *fn) hasCalls(e ast.Expr) bool {
	found := false
	ast.Inspect(e, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.UnaryExpr:
			found = found || n.Op == token.ARROW
		case *ast.CallExpr:
			tv := f.pkg.Info.Types[ast.Unparen(n.Fun)]
			found = found || !tv.IsType() && !tv.IsBuiltin()
		}
		return !found
	})
	return found
}
