package lower

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"strings"
)

// fresh copies: a variable that nothing captures and whose address nobody takes may be one for the whole loop.
func (f *fn) needsCopies(vars []*types.Var) bool {
	for _, v := range vars {
		if f.top.use.escapes[v] {
			return true
		}
	}
	return false
}

func (f *fn) forStmt(s *ast.ForStmt, label string) {
	fr := f.push(&frame{kind: loopFrame, label: label, next: f.fresh("next"), end: f.fresh("end")})
	vars := f.loopVars(s)
	if s.Init != nil {
		f.emit("{")
		f.stmt(s.Init)
	}
	if len(vars) > 0 && f.needsCopies(vars) && f.perIteration(s.Pos()) {
		f.copyingLoop(s, fr, vars)
	} else {
		f.plainLoop(s, fr)
	}
	if s.Init != nil {
		if fr.usesEnd {
			f.emit("%s:", fr.end)
			fr.usesEnd = false
		}
		f.emit("}")
	}
	f.pop()
	f.endLabel(fr)
}

// perIteration reports whether the language version of the file at hand has loop variables per iteration.
func (f *fn) perIteration(pos token.Pos) bool {
	for file := range f.pkg.SharedLoopVars {
		if file.FileStart <= pos && pos < file.FileEnd {
			return false
		}
	}
	return true
}

// loopVars returns the variables that the init statement of a loop declares.
func (f *fn) loopVars(s *ast.ForStmt) []*types.Var {
	init, ok := s.Init.(*ast.AssignStmt)
	if !ok || init.Tok != token.DEFINE {
		return nil
	}
	var vars []*types.Var
	for _, lhs := range init.Lhs {
		if v, ok := f.pkg.Info.Defs[lhs.(*ast.Ident)].(*types.Var); ok && v.Name() != "_" {
			vars = append(vars, v)
		}
	}
	return vars
}

// plainLoop is a loop whose variables are the same in all iterations.
func (f *fn) plainLoop(s *ast.ForStmt, fr *frame) {
	cond, hoisted := "", &block{}
	if s.Cond != nil {
		cond, hoisted = f.aside(func() string { return f.expr(s.Cond).text })
	}
	var post *block
	if s.Post != nil {
		_, post = f.aside(func() string { f.stmt(s.Post); return "" })
	}
	if len(hoisted.lines) == 0 && cond != "" && post == nil {
		fr.plainContinue = true
		f.emit("for %s {", cond)
		f.loopEnd(s, fr)
		return
	}
	if len(hoisted.lines) == 0 && post != nil && cond != "" {
		if text, ok := f.simplePost(s.Post, post); ok {
			fr.plainContinue = true
			f.emit("for ; %s; %s {", cond, text)
			f.loopEnd(s, fr)
			return
		}
	}
	fr.plainContinue = post == nil
	f.emit("for {")
	f.include(hoisted)
	if cond != "" {
		f.emit("if !%s { break }", parens(cond))
	}
	f.stmts(s.Body.List)
	if fr.usesNext {
		f.emit("%s:", fr.next)
	}
	if post != nil {
		f.include(post)
	}
	f.emit("}")
}

// loopEnd translates the body of a loop whose head is written.
func (f *fn) loopEnd(s *ast.ForStmt, fr *frame) {
	f.withBound(s, func() { f.stmts(s.Body.List) })
	if fr.usesNext {
		f.emit("%s:", fr.next)
	}
	f.emit("}")
}

// simplePost returns the post statement as text where it is one line.
func (f *fn) simplePost(s ast.Stmt, b *block) (string, bool) {
	lines := b.lines
	if len(lines) > 0 && len(lines[0]) > 2 && lines[0][:2] == "//" {
		lines = lines[1:]
	}
	switch s.(type) {
	case *ast.IncDecStmt, *ast.AssignStmt:
		if len(lines) == 1 {
			return lines[0], true
		}
	}
	return "", false
}

// copyingLoop gives each iteration variables of its own: they start with what those of the one before ended with, to which
// the post statement is applied.
func (f *fn) copyingLoop(s *ast.ForStmt, fr *frame, vars []*types.Var) {
	carried := make([]string, len(vars))
	for i, v := range vars {
		carried[i] = f.temp(f.sub.typ(v.Type()), f.name(v))
	}
	first := ""
	if s.Post != nil {
		first = f.fresh("first")
		f.emit("%s := true", first)
	}
	f.emit("for {")
	for i, v := range vars {
		name := f.fresh(sanitized(v.Name()) + "_")
		f.top.names[v] = name
		f.emit("var %s %s = %s", name, f.l.typ(f.sub.typ(v.Type())), carried[i])
	}
	if s.Post != nil {
		f.emit("if !%s {", first)
		f.stmt(s.Post)
		f.emit("}")
		f.emit("%s = false", first)
	}
	if s.Cond != nil {
		f.emit("if !%s { break }", parens(f.expr(s.Cond).text))
	}
	f.stmts(s.Body.List)
	if fr.usesNext {
		f.emit("%s:", fr.next)
	}
	for i, v := range vars {
		f.emit("%s = %s", carried[i], f.name(v))
	}
	f.emit("}")
}

// aside translates into a block of its own.
func (f *fn) aside(translate func() string) (string, *block) {
	outer := f.out
	f.out = &block{}
	text := translate()
	b := f.out
	f.out = outer
	return text, b
}

// include adds the lines of a block.
func (f *fn) include(b *block) { f.out.lines = append(f.out.lines, b.lines...) }

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
	f.emit("for %s := %s; %s < %s; %s++ {", counter, start, counter, n.text, counter)
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
	if isBlank(s.Value) {
		f.emit("for %s := range %s {", key, x.text)
	} else {
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

// rangeFunc is a loop over a function: its body is a function, and how that was left is noted in a variable.
func (f *fn) rangeFunc(s *ast.RangeStmt, label string, sig *types.Signature) {
	seq := f.settle(f.open(f.expr(s.X)))
	yield := sig.Params().At(0).Type().Underlying().(*types.Signature)
	fr := &frame{kind: iteratorFrame, label: label, code: f.fresh("code"), from: s.Pos(), to: s.End()}
	fr.state = f.fresh("s")
	f.emit("var %s, %s int", fr.code, fr.state)
	f.push(fr)
	outer := f.out
	f.out = &block{}
	var params []string
	exprs := []ast.Expr{s.Key, s.Value}
	// A body must not be called while it runs, after it ended the loop, or after the loop.
	f.emit("if %s != 0 { rt.BadYield(%d, %s) }", fr.state, f.site(s.For), fr.state)
	f.emit("%s = 1", fr.state)
	for i := range yield.Params().Len() {
		name := f.fresh("a")
		t := yield.Params().At(i).Type()
		params = append(params, name+" "+f.l.typ(t))
		f.bindRange(s, exprs[i], val{text: name, typ: t})
	}
	f.stmts(s.Body.List)
	f.emit("%s = 0", fr.state)
	f.emit("return true")
	body := f.out
	f.out = outer
	f.pop()
	head := fmt.Sprintf("func(%s) bool", strings.Join(params, ", "))
	name := f.fresh("body")
	f.emit("%s := func() %s { return %s {", name, head, head)
	f.include(body)
	f.emit("} }()")
	f.emit("%s(%s)", seq.text, name)
	f.emit("if %s == 1 { rt.BadYield(%d, 4) }", fr.state, f.site(s.For))
	f.emit("%s = 3", fr.state)
	for _, x := range fr.exits {
		if x.leave == nil {
			continue
		}
		f.emit("if %s == %d {", fr.code, x.code)
		x.leave()
		f.emit("}")
	}
}
