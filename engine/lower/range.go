package lower

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
)

func (f *fn) rangeStmt(s *ast.RangeStmt, label string) {
	x := f.typeOf(s.X)
	switch u := x.Underlying().(type) {
	case *types.Signature:
		f.rangeFunc(s, label, u)
		return
	case *types.Basic:
		fr := f.push(&frame{kind: loopFrame, label: label, next: f.fresh("next"), end: f.fresh("end")})
		if u.Info()&types.IsString != 0 {
			f.rangeString(s, fr)
		} else {
			f.rangeInt(s, fr, x)
		}
		f.pop()
		f.endLabel(fr)
		return
	}
	fr := f.push(&frame{kind: loopFrame, label: label, next: f.fresh("next"), end: f.fresh("end")})
	switch u := x.Underlying().(type) {
	case *types.Slice:
		f.rangeList(s, fr, u.Elem())
	case *types.Array:
		f.rangeList(s, fr, u.Elem())
	case *types.Pointer:
		f.rangeList(s, fr, u.Elem().Underlying().(*types.Array).Elem())
	case *types.Map:
		f.rangeMap(s, fr, u)
	case *types.Chan:
		f.rangeChan(s, fr, u)
	default:
		f.refuse(s, "range over %s", x)
	}
	f.pop()
	f.endLabel(fr)
}

// rangeVar returns the variable that a range clause declares, nil where it declares none.
func (f *fn) rangeVar(s *ast.RangeStmt, e ast.Expr) *types.Var {
	if e == nil || s.Tok != token.DEFINE {
		return nil
	}
	v, _ := f.pkg.Info.Defs[e.(*ast.Ident)].(*types.Var)
	if v != nil && v.Name() == "_" {
		return nil
	}
	return v
}

// isBlank reports whether a range clause leaves a value out.
func isBlank(e ast.Expr) bool {
	if e == nil {
		return true
	}
	id, ok := e.(*ast.Ident)
	return ok && id.Name == "_"
}

// bindRange declares or assigns an iteration's value.
func (f *fn) bindRange(s *ast.RangeStmt, e ast.Expr, v val) {
	if isBlank(e) {
		return
	}
	if decl := f.rangeVar(s, e); decl != nil {
		f.declareVar(f.name(decl), f.sub.typ(decl.Type()), v.text)
		return
	}
	f.store(f.target(e), v)
}

// bindBoth is bindRange for both values: where they are assigned, that is one assignment.
func (f *fn) bindBoth(s *ast.RangeStmt, key, value val) {
	if s.Tok == token.ASSIGN && !isBlank(s.Key) && !isBlank(s.Value) {
		k, v := f.settledTarget(s.Key), f.settledTarget(s.Value)
		f.store(k, key)
		f.store(v, value)
		return
	}
	f.bindRange(s, s.Key, key)
	f.bindRange(s, s.Value, value)
}

// ownVar returns the name of the author's variable, and whether the interpreter's loop may use the author's variable itself.
func (f *fn) ownVar(s *ast.RangeStmt, e ast.Expr) (string, bool) {
	v := f.rangeVar(s, e)
	if v == nil || f.top.use.escapes[v] || f.top.use.assigned[v] {
		return "", false
	}
	return f.name(v), true
}

// loopBody translates a loop's body.
func (f *fn) loopBody(s *ast.RangeStmt, fr *frame) {
	f.withBound(s, func() { f.stmts(s.Body.List) })
	if fr.usesNext {
		f.emit("%s:", fr.next)
	}
}

func (f *fn) rangeInt(s *ast.RangeStmt, fr *frame, x types.Type) {
	fr.plainContinue = true
	if b, ok := x.(*types.Basic); ok && b.Info()&types.IsUntyped != 0 && s.Key != nil && !isBlank(s.Key) {
		x = f.lhsType(s.Key)
	}
	n := f.exprTo(s.X, x)
	if n.constant == nil {
		n = f.settle(n)
	}
	counter, own := f.ownVar(s, s.Key)
	if !own {
		counter = f.fresh("i")
	}
	typ := f.l.typ(x)
	start := "0"
	if typ != "int" {
		start = typ + "(0)"
	}
	f.emit("for %s := %s; %s < %s; %s {", counter, start, counter, n.text, step(counter, token.ADD, x))
	if !own {
		f.bindRange(s, s.Key, val{text: counter, typ: x})
	}
	f.loopBody(s, fr)
	f.emit("}")
}

func (f *fn) rangeString(s *ast.RangeStmt, fr *frame) {
	text := f.settleString(f.exprTo(s.X, types.Typ[types.String]))
	offset, width, r := f.fresh("o"), f.fresh("w"), f.fresh("r")
	f.emit("var %s, %s int", offset, width)
	f.emit("var %s int32", r)
	f.emit("for ; %s < len(%s); %s += %s {", offset, text, offset, width)
	f.emit("%s = int32(%s[%s])", r, text, offset)
	f.emit("%s = 1", width)
	f.emit("if %s >= 128 { %s, %s = rt.Rune(%s, %s) }", r, r, width, text, offset)
	fr.plainContinue = true
	f.bindBoth(s, val{text: offset, typ: types.Typ[types.Int]}, val{text: r, typ: types.Typ[types.Int32]})
	f.loopBody(s, fr)
	f.emit("}")
}

func (f *fn) settleString(v val) string { return f.temp(types.Typ[types.String], v.text) }

func (f *fn) rangeList(s *ast.RangeStmt, fr *frame, elem types.Type) {
	fr.plainContinue = true
	x, n := f.rangedList(s)
	counter, own := f.ownVar(s, s.Key)
	if !own {
		counter = f.fresh("i")
	}
	// The interpreter goes through a slice of channels as if it were one.
	if _, isSlice := x.typ.Underlying().(*types.Slice); isSlice && !isBlank(s.Value) && !isChan(elem.Underlying()) {
		if value, ownValue := f.ownVar(s, s.Value); ownValue {
			f.emit("for %s, %s := range %s {", counter, value, x.text)
			if own || isBlank(s.Key) {
				f.loopBody(s, fr)
			} else {
				f.bindRange(s, s.Key, val{text: counter, typ: types.Typ[types.Int]})
				f.loopBody(s, fr)
			}
			f.emit("}")
			return
		}
	}
	f.emit("for %s := 0; %s < %s; %s++ {", counter, counter, n, counter)
	key, value := val{text: counter, typ: types.Typ[types.Int]}, val{text: fmt.Sprintf("%s[%s]", x.text, counter), typ: elem}
	if own {
		f.bindRange(s, s.Value, value)
	} else {
		f.bindBoth(s, key, value)
	}
	f.loopBody(s, fr)
	f.emit("}")
}

// rangedList evaluates what a loop goes through, once, and its length.
func (f *fn) rangedList(s *ast.RangeStmt) (x val, n string) {
	x = f.open(f.expr(s.X))
	switch u := x.typ.Underlying().(type) {
	case *types.Pointer:
		x = f.settle(x)
		n = fmt.Sprint(u.Elem().Underlying().(*types.Array).Len())
		return val{text: "(*" + x.text + ")", typ: u.Elem()}, n
	case *types.Array:
		if !isBlank(s.Value) || x.impure {
			x = f.settle(x)
		}
		return x, fmt.Sprint(u.Len())
	}
	x = f.settle(x)
	n = f.fresh("n")
	f.emit("%s := len(%s)", n, x.text)
	return x, n
}

func (f *fn) rangeMap(s *ast.RangeStmt, fr *frame, m *types.Map) {
	fr.plainContinue = true
	x := f.settle(f.open(f.expr(s.X)))
	key, ownKey := f.ownVar(s, s.Key)
	value, ownValue := f.ownVar(s, s.Value)
	if !ownKey {
		key = f.fresh("k")
	}
	if !ownValue {
		value = f.fresh("e")
	}
	switch {
	case isBlank(s.Value):
		f.emit("for %s := range %s {", key, x.text)
	case isChan(m.Elem().Underlying()): // which the interpreter would go through in the place of the map
		there := f.fresh("ok")
		f.emit("for %s := range %s {", key, x.text)
		f.emit("%s, %s := %s[%s]", value, there, x.text, key)
		f.emit("if !%s { rt.NaNKey() }", there)
	default:
		f.emit("for %s, %s := range %s {", key, value, x.text)
	}
	switch k, v := (val{text: key, typ: m.Key()}), (val{text: value, typ: m.Elem()}); {
	case !ownKey && !ownValue:
		f.bindBoth(s, k, v)
	case !ownKey:
		f.bindRange(s, s.Key, k)
	case !ownValue:
		f.bindRange(s, s.Value, v)
	}
	f.loopBody(s, fr)
	f.emit("}")
}

func (f *fn) rangeChan(s *ast.RangeStmt, fr *frame, c *types.Chan) {
	fr.plainContinue = true
	x := f.settle(f.open(f.expr(s.X)))
	v, ok := f.fresh("t"), f.fresh("ok")
	f.emit("for {")
	f.emit("%s, %s := <-%s", v, ok, x.text)
	f.emit("if !%s { break }", ok)
	f.bindRange(s, s.Key, val{text: v, typ: c.Elem()})
	f.loopBody(s, fr)
	f.emit("}")
}
