package lower

import (
	"fmt"
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"strings"
)

func (f *fn) binary(e *ast.BinaryExpr) val {
	t := f.typeOf(e)
	switch e.Op {
	case token.LAND, token.LOR:
		return f.logical(e)
	case token.SHL, token.SHR:
		return f.shift(e.Op, t, func() val { return f.exprTo(e.X, t) }, e.Y)
	case token.EQL, token.NEQ:
		return f.equality(e)
	case token.LSS, token.LEQ, token.GTR, token.GEQ:
		vs := f.operands(func() val { return f.expr(e.X) }, func() val { return f.expr(e.Y) })
		return val{text: fmt.Sprintf("(%s %s %s)", vs[0].text, e.Op, vs[1].text), typ: t, impure: vs[0].impure || vs[1].impure}
	}
	vs := f.operands(func() val { return f.exprTo(e.X, t) }, func() val { return f.exprTo(e.Y, t) })
	return f.arithmetic(e.Op, t, vs[0], vs[1])
}

// arithmetic is a op b for operands of type t.
func (f *fn) arithmetic(op token.Token, t types.Type, a, b val) val {
	impure := a.impure || b.impure
	if op == token.AND_NOT {
		// The interpreter has no constants of this operator.
		return val{text: fmt.Sprintf("(%s &^ %s)", a.text, b.text), typ: t, impure: impure}
	}
	if basic, ok := t.Underlying().(*types.Basic); ok {
		if basic.Info()&types.IsComplex != 0 && op == token.QUO {
			return val{text: fmt.Sprintf("rt.DivComplex(%s, %s).(%s)", f.complex(a, t), f.complex(b, t), f.l.typ(t)), typ: t, impure: true}
		}
		if basic.Info()&types.IsFloat != 0 && op == token.QUO && b.constant != nil {
			return val{text: fmt.Sprintf("(%s / %s)", a.text, b.text), typ: t, impure: impure}
		}
	}
	return val{text: fmt.Sprintf("(%s %s %s)", a.text, op, b.text), typ: t, impure: impure}
}

func (f *fn) complex(v val, t types.Type) string {
	if v.constant == nil {
		return v.text
	}
	return fmt.Sprintf("%s(%s)", f.l.typ(t), v.text)
}

// logical is && and ||: what the right operand hoists happens only if it is evaluated.
func (f *fn) logical(e *ast.BinaryExpr) val {
	t := f.typeOf(e)
	f.logicals++
	x := f.expr(e.X)
	outer := f.out
	f.out = &block{}
	y := f.expr(e.Y)
	hoisted := f.out
	f.out = outer
	f.logicals--
	if len(hoisted.lines) == 0 {
		return val{text: fmt.Sprintf("(%s %s %s)", x.text, e.Op, y.text), typ: t, impure: x.impure || y.impure}
	}
	name := f.fresh("t")
	f.emit("var %s bool = %s", name, x.text)
	not := ""
	if e.Op == token.LOR {
		not = "!"
	}
	f.emit("if %s%s {", not, name)
	f.out.lines = append(f.out.lines, hoisted.lines...)
	f.emit("%s = %s", name, y.text)
	f.emit("}")
	return val{text: name, typ: t, simple: true}
}

// shift is x << y and x >> y for x of type t.
func (f *fn) shift(op token.Token, t types.Type, x func() val, count ast.Expr) val {
	vs := f.operands(x, func() val { return f.expr(count) })
	a, n := vs[0], vs[1]
	if a.constant != nil {
		a.text = fmt.Sprintf("%s(%s)", f.l.typ(t), a.text)
		a = val{text: f.temp(t, a.text), typ: t, simple: true}
	}
	if n.constant != nil {
		// A count of the width or more moves everything out.
		by, exact := constant.Uint64Val(constant.ToInt(n.constant))
		if !exact || by > 64 {
			by = 64
		}
		return val{text: fmt.Sprintf("(%s %s %d)", a.text, op, by), typ: t, impure: a.impure}
	}
	n = f.hold(n)
	if !isUnsigned(n.typ) {
		f.emit("if %s < 0 { rt.NegativeShift(%d) }", n.text, f.site(count.Pos()))
	}
	return val{text: fmt.Sprintf("(%s %s uint64(%s))", a.text, op, n.text), typ: t, impure: a.impure}
}

// equality is == and !=.
func (f *fn) equality(e *ast.BinaryExpr) val {
	vs := f.operands(func() val { return f.expr(e.X) }, func() val { return f.expr(e.Y) })
	return f.equal(e.Op, vs[0], vs[1])
}

// equal compares two values, of which one is assignable to the type of the other.
func (f *fn) equal(op token.Token, x, y val) val {
	result := val{typ: types.Typ[types.Bool], impure: x.impure || y.impure}
	if x.isNil {
		x, y = y, x
	}
	if y.isNil {
		if x.isNil {
			result.text = fmt.Sprint(op == token.EQL)
			return result
		}
		if types.IsInterface(y.typ) && !types.IsInterface(x.typ) {
			f.discard(x)
			result.text = fmt.Sprint(op == token.NEQ) // an interface that holds x is not nil
			return result
		}
		x = f.open(x)
		result.text = fmt.Sprintf("(%s %s nil)", x.text, op)
		return result
	}
	xi, yi := types.IsInterface(x.typ), types.IsInterface(y.typ)
	switch {
	case xi || yi:
		result.text = f.equalInterfaces(op, x, y)
		result.impure = true
		return result
	case isComposite(x.typ):
		a, b := x.text, y.text
		result.text, result.impure = fmt.Sprintf("rt.Equal(%s, %s)", a, b), true
		if op == token.NEQ {
			result.text = "!" + result.text
		}
		return result
	}
	x, y = f.open(x), f.open(y)
	if c, ok := x.typ.Underlying().(*types.Chan); ok && f.l.typ(x.typ) != f.l.typ(y.typ) {
		// The interpreter compares channels of one direction only.
		to := types.NewChan(types.RecvOnly, c.Elem())
		if c.Dir() == types.SendOnly || y.typ.Underlying().(*types.Chan).Dir() == types.SendOnly {
			to = types.NewChan(types.SendOnly, c.Elem())
		}
		x, y = f.convert(x, to), f.convert(y, to)
	}
	result.text = fmt.Sprintf("(%s %s %s)", x.text, op, y.text)
	return result
}

// isComposite reports whether values of a type are compared part by part.
func isComposite(t types.Type) bool {
	switch t.Underlying().(type) {
	case *types.Struct, *types.Array:
		return true
	}
	return false
}

func (f *fn) equalInterfaces(op token.Token, x, y val) string {
	if isError(x.typ) && isError(y.typ) {
		return fmt.Sprintf("(%s %s %s)", x.text, op, y.text)
	}
	empty := types.Universe.Lookup("any").Type()
	x, y = f.assign(x, empty), f.assign(y, empty)
	not := ""
	if op == token.NEQ {
		not = "!"
	}
	return fmt.Sprintf("%srt.Equal(%s, %s)", not, x.text, y.text)
}

func isError(t types.Type) bool {
	named, ok := types.Unalias(t).(*types.Named)
	return ok && named.Obj().Pkg() == nil && named.Obj().Name() == "error"
}

// receive is <-ch. The interpreter needs it to be a statement of its own.
func (f *fn) receive(e *ast.UnaryExpr, commaOK bool) (v, ok val) {
	ch := f.open(f.expr(e.X))
	elem := ch.typ.Underlying().(*types.Chan).Elem()
	ch = f.primary(ch)
	name := f.fresh("t")
	if commaOK {
		okName := f.fresh("ok")
		f.emit("%s, %s := <-%s", name, okName, ch.text)
		return val{text: name, typ: elem, simple: true}, val{text: okName, typ: types.Typ[types.Bool], simple: true}
	}
	f.emit("%s := <-%s", name, ch.text)
	return val{text: name, typ: elem, simple: true}, val{}
}

// assertion is x.(T), with its second result where commaOK.
func (f *fn) assertion(e *ast.TypeAssertExpr, commaOK bool) (v, ok val) {
	to := f.sub.typ(f.pkg.Info.TypeOf(e.Type))
	x := f.assign(f.expr(e.X), types.Universe.Lookup("any").Type())
	x = f.hold(x)
	okName := f.fresh("ok")
	name := f.fresh("t")
	switch {
	case f.l.hostInterface(to):
		f.emit("%s, %s := rt.A%d(%s)", name, okName, f.l.iface(to), x.text)
	case types.IsInterface(to):
		f.l.needMethodsOf(to)
		f.emit("var %s any", name)
		f.emit("%s := rt.Implements(%s, %s)", okName, f.l.descriptor(to), x.text)
		f.emit("if %s { %s = %s }", okName, name, x.text)
	case f.l.isBoxed(to):
		f.l.box(to)
		f.emit("var %s %s", name, f.l.typ(to))
		b := f.fresh("b")
		f.emit("%s, %s := %s.(rt.Box)", b, okName, x.text)
		f.emit("if %s {", okName)
		f.emit("%s = %s.ID == %d", okName, b, f.l.typeNumber(to))
		f.emit("if %s { %s = %s }", okName, name, f.l.unpacked(b+".V", to))
		f.emit("}")
	default:
		// The interpreter leaves the value as it was where it is of another type.
		f.emit("var %s %s", name, f.l.typ(to))
		f.emit("var %s bool", okName)
		f.emit("%s, %s = %s.(%s)", name, okName, x.text, f.l.typ(to))
	}
	v = val{text: name, typ: to, simple: true}
	ok = val{text: okName, typ: types.Typ[types.Bool], simple: true}
	if !commaOK {
		static := f.l.descriptor(f.typeOf(e.X))
		f.emit("if !%s { rt.BadAssertion(%d, %s, %s, %s) }", okName, f.site(e.Pos()), x.text, static, f.l.descriptor(to))
	}
	return v, ok
}

// composite translates a composite literal of type t.
func (f *fn) composite(e *ast.CompositeLit, t types.Type) val {
	if p, ok := t.Underlying().(*types.Pointer); ok { // an elided &T
		v := f.composite(e, p.Elem())
		return val{text: "&" + f.temp(p.Elem(), v.text), typ: t}
	}
	var text string
	switch u := t.Underlying().(type) {
	case *types.Struct:
		text = f.structLit(e, t, u)
	case *types.Slice:
		text = f.listLit(e, t, u.Elem())
	case *types.Array:
		text = f.listLit(e, t, u.Elem())
	case *types.Map:
		text = f.mapLit(e, t, u)
	default:
		f.refuse(e, "literal of type %s", t)
	}
	v := val{text: text, typ: t, impure: true}
	if f.logicals > 0 && len(e.Elts) > 0 {
		// The interpreter takes a key or a value of the literal for the operand of && or ||.
		return f.settle(v)
	}
	return v
}

func (f *fn) structLit(e *ast.CompositeLit, t types.Type, s *types.Struct) string {
	host := f.l.isHostStruct(t)
	var list []func() val
	var names []string
	for i, elt := range e.Elts {
		at := i
		if kv, ok := elt.(*ast.KeyValueExpr); ok {
			elt = kv.Value
			for k := range s.NumFields() {
				if s.Field(k).Name() == kv.Key.(*ast.Ident).Name {
					at = k
				}
			}
		}
		if s.Field(at).Name() == "_" {
			continue
		}
		name := FieldName(s, at)
		if host {
			name = s.Field(at).Name()
		}
		names = append(names, name)
		list = append(list, func() val { return f.element(elt, s.Field(at).Type()) })
	}
	parts := make([]string, len(list))
	for i, v := range f.operands(list...) {
		parts[i] = names[i] + ": " + v.text
	}
	return fmt.Sprintf("%s{%s}", f.l.typ(t), strings.Join(parts, ", "))
}

// isHostStruct reports whether a struct type is one of compiled code.
func (l *lowerer) isHostStruct(t types.Type) bool {
	named, ok := types.Unalias(t).(*types.Named)
	return ok && !l.own(named.Obj())
}

// element translates an element of a composite literal, whose type may be left out.
func (f *fn) element(e ast.Expr, t types.Type) val {
	if lit, ok := e.(*ast.CompositeLit); ok && lit.Type == nil {
		return f.composite(lit, t)
	}
	v := f.exprTo(e, t)
	if v.isNil && types.IsInterface(t) {
		return f.argument(v, t)
	}
	return f.settleElement(v)
}

func (f *fn) listLit(e *ast.CompositeLit, t, elem types.Type) string {
	var list []func() val
	keys := make([]string, len(e.Elts))
	for i, elt := range e.Elts {
		if kv, ok := elt.(*ast.KeyValueExpr); ok {
			keys[i] = f.pkg.Info.Types[kv.Key].Value.ExactString() + ": "
			elt = kv.Value
		}
		list = append(list, func() val { return f.element(elt, elem) })
	}
	parts := make([]string, len(list))
	for i, v := range f.operands(list...) {
		parts[i] = keys[i] + v.text
	}
	return f.madeOf(t, fmt.Sprintf("{%s}", strings.Join(parts, ", ")))
}

// madeOf returns a literal of a type: body is what follows the type.
func (f *fn) madeOf(t types.Type, body string) string {
	if f.l.isWrapped(t) {
		return fmt.Sprintf("%s{W: %s%s}", f.l.typ(t), f.l.typ(t.Underlying()), body)
	}
	return f.l.typ(t) + body
}

func (f *fn) mapLit(e *ast.CompositeLit, t types.Type, m *types.Map) string {
	var list []func() val
	for _, elt := range e.Elts {
		kv := elt.(*ast.KeyValueExpr)
		list = append(list,
			func() val { return f.element(kv.Key, m.Key()) },
			func() val { return f.settleDeref(f.element(kv.Value, m.Elem())) })
	}
	vs := f.operands(list...)
	var parts []string
	for i := 0; i < len(vs); i += 2 {
		parts = append(parts, f.key(vs[i], m.Key())+": "+vs[i+1].text)
	}
	return f.madeOf(t, fmt.Sprintf("{%s}", strings.Join(parts, ", ")))
}
