package lower

import (
	"fmt"
	"go/ast"
	"go/types"
	"strings"
)

// assign converts a value to a type that it is assignable to.
func (f *fn) assign(v val, to types.Type) val {
	if to == nil {
		return v
	}
	if v.isNil {
		return f.nilOf(to)
	}
	if types.IsInterface(to) {
		return f.toInterface(v, to)
	}
	if v.constant != nil {
		return f.constant(v.constant, to)
	}
	fromWrapped, toWrapped := f.l.isWrapped(v.typ), f.l.isWrapped(to)
	switch {
	case fromWrapped && !types.Identical(v.typ, to):
		v.text, v.typ = v.text+".W", v.typ.Underlying()
		return f.assign(v, to)
	case toWrapped && !fromWrapped:
		return val{text: fmt.Sprintf("%s{W: %s}", f.l.typ(to), v.text), typ: to, impure: true} // as literals are
	}
	v.typ = to
	return v
}

// nilOf returns the nil of a type.
func (f *fn) nilOf(t types.Type) val {
	if f.l.isWrapped(t) {
		return val{text: f.l.typ(t) + "{}", typ: t}
	}
	return val{text: "nil", typ: t, simple: true, isNil: true}
}

// toInterface converts a value to an interface type.
func (f *fn) toInterface(v val, to types.Type) val {
	host := f.l.hostInterface(to)
	if types.IsInterface(v.typ) {
		from := f.l.hostInterface(v.typ)
		switch {
		case from && host, !from && !host:
			v.typ = to
		case from:
			v.text, v.typ, v.impure, v.simple = fmt.Sprintf("rt.Unwrap(%s)", v.text), to, true, false
		default:
			v.text, v.typ, v.impure, v.simple = fmt.Sprintf("rt.W%d(%s)", f.l.iface(to), v.text), to, true, false
		}
		return v
	}
	if f.l.logFlag.IsValid() && !host && isLogger(v.typ) && to.Underlying().(*types.Interface).NumMethods() > 0 {
		f.l.refuseIndirect("a *log.Logger in an interface")
	}
	if f.l.isBoxed(v.typ) {
		f.l.box(v.typ)
		text := v.text
		if v.constant != nil {
			text = f.typed(v)
		}
		text = fmt.Sprintf("rt.B(%s, %s)", f.l.descriptor(v.typ), text)
		if host {
			f.refuseUnwrapped(v.typ, to)
			text = fmt.Sprintf("rt.W%d(%s)", f.l.iface(to), text)
		}
		return val{text: text, typ: to, impure: true}
	}
	if _, ok := v.typ.Underlying().(*types.Signature); ok && !host {
		// The interpreter would keep its own form of a function in the interface.
		return val{text: fmt.Sprintf("rt.Any(%s)", v.text), typ: to, impure: true}
	}
	if v.constant != nil {
		v.text, v.constant, v.simple = f.typed(v), nil, false
	}
	if strings.HasPrefix(v.text, "!") {
		v = f.settle(v) // the interpreter would set a bool where the interface is
	}
	v.typ = to
	return v
}

// refuseUnwrapped refuses a value of a type of the program where an interface is wanted that it cannot become one of.
func (f *fn) refuseUnwrapped(from, to types.Type) {
	named, ok := types.Unalias(to).(*types.Named)
	if !ok || f.l.Unwrapped == nil {
		return
	}
	if why := f.l.Unwrapped(named.Obj()); why != "" {
		f.l.note(f.marked, typeName(from)+" as "+typeName(to), reason{why, "pass a value that the host has made"})
	}
}

// exprTo translates an expression that is assigned to type t.
func (f *fn) exprTo(e ast.Expr, t types.Type) val { return f.assign(f.expr(e), t) }

// argument is exprTo for arguments: a nil needs a variable that has its type.
func (f *fn) argument(v val, t types.Type) val {
	v = f.assign(v, t)
	if v.isNil {
		name := f.fresh("n")
		f.emit("var %s %s", name, f.l.typ(t))
		return val{text: name, typ: t, simple: true}
	}
	return v
}

// convert is the conversion T(x).
func (f *fn) convert(v val, to types.Type) val {
	if v.isNil {
		name := f.fresh("n")
		f.emit("var %s %s", name, f.l.typ(to))
		return val{text: name, typ: to, simple: true}
	}
	if types.IsInterface(to) {
		w := f.assign(v, to)
		if !types.IsInterface(v.typ) && w.text == v.text && isName(w.text) {
			// The interpreter has to see that it is an interface from now on.
			name := f.fresh("t")
			f.emit("var %s %s", name, f.l.typ(to))
			f.emit("%s = %s", name, w.text)
			w.text = name
		}
		return w
	}
	if f.l.isWrapped(v.typ) && !types.Identical(v.typ, to) {
		v.text, v.typ = v.text+".W", v.typ.Underlying()
	}
	from, target := v.typ.Underlying(), to.Underlying()
	if f.l.isWrapped(to) {
		if types.Identical(v.typ, to) {
			return v
		}
		inner := f.convert(v, target)
		return val{text: fmt.Sprintf("%s{W: %s}", f.l.typ(to), inner.text), typ: to, impure: true}
	}
	if v.constant != nil && isNumeric(from) && isNumeric(target) {
		return f.constant(v.constant, to) // of a type parameter: otherwise the whole is a constant
	}
	if v.constant != nil {
		v.text, v.constant = f.typed(v), nil
	}
	switch target := target.(type) {
	case *types.Array:
		if _, ok := from.(*types.Slice); ok {
			return f.sliceToArray(v, target, to)
		}
	case *types.Pointer:
		if _, ok := from.(*types.Slice); ok {
			text := fmt.Sprintf("rt.ArrayPointer(%s, %d).(%s)", v.text, target.Elem().Underlying().(*types.Array).Len(), f.l.typ(to))
			return val{text: text, typ: to, impure: true}
		}
	}
	erasedFrom, erasedTo := f.l.typ(v.typ), f.l.typ(to)
	if erasedFrom == erasedTo {
		v.typ = to
		return v
	}
	if s, ok := target.(*types.Struct); ok && s.NumFields() == 0 {
		f.discard(v)
		return val{text: erasedTo + "{}", typ: to}
	}
	if _, ok := target.(*types.Chan); ok {
		v.typ = to
		return val{text: f.temp(to, v.text), typ: to, simple: true}
	}
	if needsParens(erasedTo) {
		erasedTo = "(" + erasedTo + ")"
	}
	return val{text: fmt.Sprintf("%s(%s)", erasedTo, v.text), typ: to, impure: v.impure}
}

func isNumeric(t types.Type) bool {
	b, ok := t.(*types.Basic)
	return ok && b.Info()&types.IsNumeric != 0
}

func needsParens(t string) bool {
	return t[0] == '*' || t[0] == '<' || t[0] == 'f' && len(t) > 4 && t[:4] == "func"
}

// sliceToArray copies: the interpreter has no conversion of slices to arrays.
func (f *fn) sliceToArray(v val, array *types.Array, to types.Type) val {
	s := f.hold(v)
	name := f.fresh("t")
	f.emit("var %s %s", name, f.l.typ(to))
	f.emit("if len(%s) < %d { rt.BadArray(len(%s), %d) }", s.text, array.Len(), s.text, array.Len())
	f.emit("copy(%s[:], %s)", name, s.text)
	return val{text: name, typ: to, simple: true}
}
