package lower

import (
	"go/ast"
	"go/types"
	"strings"
)

// deref is *p.
func (f *fn) deref(p val) val {
	elem := p.typ.Underlying().(*types.Pointer).Elem()
	if f.l.isWrapped(p.typ) {
		p.text += ".W"
	}
	p = f.primary(p)
	return val{text: "(*" + p.text + ")", typ: elem, impure: p.impure}
}

// isDeref reports whether a text is *p.
func isDeref(text string) bool {
	return strings.HasPrefix(text, "(*") && strings.HasSuffix(text, ")") && balanced(text[2:len(text)-1])
}

// settleDeref puts *p into a variable: where p is nil, the interpreter takes it for no value in a few places, and goes on.
func (f *fn) settleDeref(v val) val {
	if isDeref(v.text) {
		return f.settle(v)
	}
	return v
}

// settleElement puts a value into a variable that the interpreter takes for one of a wrong type as an element of a
// composite literal: it reads a * in parentheses as that of a type.
func (f *fn) settleElement(v val) val {
	if strings.HasPrefix(v.text, "(") && strings.Contains(v.text, "(*") {
		return f.settle(v)
	}
	return v
}

// address is &x, which has type t.
func (f *fn) address(x ast.Expr, t types.Type) val {
	x = ast.Unparen(x)
	if lit, ok := x.(*ast.CompositeLit); ok {
		elem := f.typeOf(lit)
		v := f.composite(lit, elem)
		return val{text: "&" + f.temp(elem, v.text), typ: t}
	}
	v := f.place(x)
	if isDeref(v.text) {
		// &*p is p, but that p must not be nil.
		p := val{text: v.text[2 : len(v.text)-1], typ: t, impure: v.impure}
		if _, ok := x.(*ast.StarExpr); ok {
			p = f.hold(p)
			f.emit("if %s == nil { rt.NilDereference(%d) }", p.text, f.site(x.Pos()))
		}
		return p
	}
	return val{text: "&" + v.text, typ: t, impure: v.impure}
}

func balanced(s string) bool {
	depth := 0
	for _, r := range s {
		switch r {
		case '(':
			depth++
		case ')':
			depth--
			if depth < 0 {
				return false
			}
		}
	}
	return depth == 0
}
