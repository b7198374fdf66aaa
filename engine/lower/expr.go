package lower

import (
	"fmt"
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"strings"
)

// expr translates an expression. Its value has the expression's own type.
func (f *fn) expr(e ast.Expr) val {
	tv := f.pkg.Info.Types[e]
	if tv.Value != nil {
		return f.constantExpr(tv)
	}
	if tv.IsNil() {
		return val{text: "nil", typ: types.Typ[types.UntypedNil], isNil: true, simple: true}
	}
	switch e := e.(type) {
	case *ast.ParenExpr:
		return f.expr(e.X)
	case *ast.Ident:
		return f.ident(e)
	case *ast.SelectorExpr:
		return f.selector(e)
	case *ast.CallExpr:
		return f.call(e)
	case *ast.BinaryExpr:
		return f.binary(e)
	case *ast.UnaryExpr:
		return f.unary(e)
	case *ast.StarExpr:
		v := f.deref(f.expr(e.X))
		if b, ok := v.typ.Underlying().(*types.Basic); ok && b.Info()&types.IsString != 0 {
			return f.settleDeref(v)
		}
		return v
	case *ast.IndexExpr:
		if fn := f.instantiated(e.X); fn != nil {
			return f.functionValue(e, fn)
		}
		return f.index(e)
	case *ast.IndexListExpr:
		return f.functionValue(e, f.instantiated(e.X))
	case *ast.SliceExpr:
		return f.slice(e)
	case *ast.TypeAssertExpr:
		v, _ := f.assertion(e, false)
		return v
	case *ast.CompositeLit:
		return f.composite(e, f.typeOf(e))
	case *ast.FuncLit:
		return val{text: f.literal(e), typ: f.typeOf(e), impure: true}
	}
	f.refuse(e, "expression %T", e)
	return val{}
}

// constantExpr translates a constant. In an instance it may have become one of another type.
func (f *fn) constantExpr(tv types.TypeAndValue) val {
	t := f.sub.typ(tv.Type)
	if types.IsInterface(t) {
		t = defaultType(tv.Value)
	}
	return f.constant(tv.Value, types.Default(t))
}

func defaultType(c constant.Value) types.Type {
	switch c.Kind() {
	case constant.Bool:
		return types.Typ[types.Bool]
	case constant.String:
		return types.Typ[types.String]
	case constant.Float:
		return types.Typ[types.Float64]
	case constant.Complex:
		return types.Typ[types.Complex128]
	}
	return types.Typ[types.Int]
}

func (f *fn) ident(e *ast.Ident) val {
	switch obj := f.object(e).(type) {
	case *types.Var:
		return val{text: f.variable(obj), typ: f.sub.typ(obj.Type()), simple: true}
	case *types.Func:
		return f.functionValue(e, obj)
	}
	f.refuse(e, "%s", e.Name)
	return val{}
}

func (f *fn) object(e *ast.Ident) types.Object {
	if obj := f.pkg.Info.Uses[e]; obj != nil {
		return obj
	}
	return f.pkg.Info.Defs[e]
}

// variable returns the text of a variable.
func (f *fn) variable(v *types.Var) string {
	if v.Pkg() != nil && v.Parent() == v.Pkg().Scope() {
		if f.l.source(v.Pkg()) != nil && v.Pos().IsValid() {
			return f.l.global(v)
		}
		return f.l.symbol(v.Pkg(), v.Name())
	}
	return f.name(v)
}

// primary makes a text that a selector or an index may follow.
func (f *fn) primary(v val) val {
	if v.constant == nil && (v.simple || isPrimary(v.text)) {
		return v
	}
	if v.constant != nil {
		v.text, v.constant = f.typed(v), nil
	}
	return val{text: f.temp(v.typ, v.text), typ: v.typ, simple: true}
}

func isPrimary(text string) bool {
	c := text[0]
	isWord := c == '(' || c == '_' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
	return isWord && !strings.HasPrefix(text, "func") && !strings.HasSuffix(text, "}")
}

func (f *fn) unary(e *ast.UnaryExpr) val {
	t := f.typeOf(e)
	switch e.Op {
	case token.AND:
		return f.address(e.X, t)
	case token.ARROW:
		v, _ := f.receive(e, false)
		return v
	case token.NOT:
		v := f.expr(e.X)
		return val{text: "!" + parens(v.text), typ: t, impure: v.impure}
	case token.ADD:
		v := f.exprTo(e.X, t)
		v.simple = false
		return v
	case token.SUB, token.XOR:
		v := f.exprTo(e.X, t)
		if b, ok := t.Underlying().(*types.Basic); ok && b.Info()&types.IsUnsigned != 0 && e.Op == token.SUB {
			v = f.hold(v)
			return val{text: fmt.Sprintf("(^%s + 1)", v.text), typ: t, impure: v.impure}
		}
		if b, ok := t.Underlying().(*types.Basic); ok && b.Info()&types.IsComplex != 0 {
			v = f.hold(v)
			return val{text: fmt.Sprintf("rt.Neg(%s).(%s)", v.text, f.l.typ(t)), typ: t, impure: true}
		}
		return val{text: "(" + e.Op.String() + parens(v.text) + ")", typ: t, impure: v.impure}
	}
	f.refuse(e, "operator %s", e.Op)
	return val{}
}

// parens puts what is no operand by itself into parentheses.
func parens(text string) string {
	if isPrimary(text) || text[0] >= '0' && text[0] <= '9' {
		return text
	}
	return "(" + text + ")"
}

// place translates an expression whose address is taken, or that is assigned to.
func (f *fn) place(e ast.Expr) val {
	if v := f.compiledVar(e); v != nil {
		// The interpreter takes compiled variables for constants, but follows pointers to them.
		return val{text: "(*" + f.l.symbol(v.Pkg(), PointerPrefix+v.Name()) + ")", typ: v.Type()}
	}
	switch e := ast.Unparen(e).(type) {
	case *ast.Ident:
		return f.ident(e)
	case *ast.SelectorExpr:
		return f.selector(e)
	case *ast.IndexExpr:
		return f.index(e)
	case *ast.StarExpr:
		return f.deref(f.expr(e.X))
	case *ast.CompositeLit:
		return val{text: f.temp(f.typeOf(e), f.composite(e, f.typeOf(e)).text), typ: f.typeOf(e), simple: true}
	}
	return f.expr(e)
}

// PointerPrefix is what the name of a symbol begins with that is the address of a compiled variable.
const PointerPrefix = "P_"

// compiledVar returns the variable of a compiled package that an expression names, nil where it names none.
func (f *fn) compiledVar(e ast.Expr) *types.Var {
	e = ast.Unparen(e)
	if sel, ok := e.(*ast.SelectorExpr); ok {
		if f.pkg.Info.Selections[sel] != nil {
			return nil
		}
		e = sel.Sel
	}
	id, ok := e.(*ast.Ident)
	if !ok {
		return nil
	}
	v, ok := f.object(id).(*types.Var)
	if !ok || v.Pkg() == nil || v.Pos().IsValid() || v.Parent() != v.Pkg().Scope() {
		return nil
	}
	return v
}

func (f *fn) index(e *ast.IndexExpr) val {
	t := f.typeOf(e)
	if f.pkg.Info.Types[e].IsValue() {
		if tuple, ok := t.(*types.Tuple); ok {
			t = tuple.At(0).Type()
		}
	}
	container := f.typeOf(e.X)
	if m, ok := container.Underlying().(*types.Map); ok {
		vs := f.operands(
			func() val { return f.open(f.expr(e.X)) },
			func() val { return f.argument(f.expr(e.Index), m.Key()) },
		)
		x := f.primary(vs[0])
		return val{text: fmt.Sprintf("%s[%s]", x.text, f.key(vs[1], m.Key())), typ: m.Elem(), impure: x.impure || vs[1].impure}
	}
	if f.isArrayPlace(e.X) && f.hasCalls(e) {
		return f.settledPlace(e)
	}
	vs := f.operands(
		func() val { return f.indexable(e.X) },
		func() val { return f.expr(e.Index) },
	)
	x, i := vs[0], vs[1]
	if i.constant == nil || !isArray(container) {
		x, i = f.checkIndex(e, x, i)
	}
	text := fmt.Sprintf("%s[%s]", x.text, i.text)
	if b, ok := container.Underlying().(*types.Basic); ok && b.Info()&types.IsString != 0 {
		return val{text: text, typ: types.Typ[types.Uint8], impure: x.impure || i.impure}
	}
	return val{text: text, typ: t, impure: x.impure || i.impure}
}

func isArray(t types.Type) bool {
	_, ok := t.Underlying().(*types.Array)
	return ok
}

// key returns the text of a map key, typed where the key is held in an interface.
func (f *fn) key(v val, t types.Type) string {
	if types.IsInterface(t) && !f.l.hostInterface(t) && v.constant == nil {
		return fmt.Sprintf("rt.Key(%s)", v.text)
	}
	if v.constant != nil {
		if _, ok := t.Underlying().(*types.Basic); ok {
			return v.text
		}
		return f.typed(v)
	}
	return v.text
}

// indexable translates what is indexed or sliced; a pointer to an array is followed.
func (f *fn) indexable(e ast.Expr) val {
	v := f.open(f.expr(e))
	if p, ok := v.typ.Underlying().(*types.Pointer); ok {
		v = f.primary(v)
		return val{text: "(*" + v.text + ")", typ: p.Elem(), impure: v.impure}
	}
	return f.primary(v)
}

// open returns what a wrapped value of a recursive type is made of.
func (f *fn) open(v val) val {
	if v.typ != nil && !v.isNil && v.constant == nil && f.l.isWrapped(v.typ) {
		v = f.primary(v)
		return val{text: v.text + ".W", typ: v.typ.Underlying(), impure: v.impure}
	}
	return v
}

// checkIndex panics as compiled code does, with the numbers.
func (f *fn) checkIndex(e *ast.IndexExpr, x, i val) (val, val) {
	if f.inRange(e) {
		return x, i
	}
	x = f.holdPlace(e.X, x)
	i = f.hold(i)
	n := fmt.Sprintf("len(%s)", x.text)
	if a, ok := x.typ.Underlying().(*types.Array); ok {
		n = fmt.Sprint(a.Len())
	}
	switch {
	case i.constant != nil:
		f.emit("if %s >= %s { rt.Index(%d, %s, %s) }", i.text, n, f.site(e.Pos()), i.text, n)
	case isUnsigned(i.typ):
		f.emit("if uint64(%s) >= uint64(%s) { rt.UIndex(%d, uint64(%s), %s) }", i.text, n, f.site(e.Pos()), i.text, n)
	default:
		f.emit("if %s < 0 || int(%s) >= %s { rt.Index(%d, int(%s), %s) }", i.text, i.text, n, f.site(e.Pos()), i.text, n)
	}
	return x, i
}

// holdPlace makes an operand that may be repeated and still is the same place.
func (f *fn) holdPlace(e ast.Expr, x val) val {
	if !x.impure {
		return x
	}
	if isArray(x.typ) && f.pkg.Info.Types[ast.Unparen(e)].Addressable() {
		p := f.fresh("t")
		f.emit("%s := &%s", p, x.text)
		return val{text: "(*" + p + ")", typ: x.typ}
	}
	return f.hold(x)
}

func isUnsigned(t types.Type) bool {
	b, ok := t.Underlying().(*types.Basic)
	return ok && b.Info()&types.IsUnsigned != 0
}

func (f *fn) site(pos token.Pos) int { return f.l.site(f.position(pos)) }
