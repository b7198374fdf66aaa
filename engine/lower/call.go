package lower

import (
	"go/ast"
	"go/types"
	"strings"
)

// call translates a call or a conversion. The value of a call with several results has the type of a tuple.
func (f *fn) call(e *ast.CallExpr) val {
	fun := ast.Unparen(e.Fun)
	if tv := f.pkg.Info.Types[fun]; tv.IsType() {
		to := f.sub.typ(tv.Type)
		return f.convert(f.expr(e.Args[0]), to)
	} else if tv.IsBuiltin() {
		return f.builtin(e, identOf(fun).Name)
	}
	t := f.typeOf(e)
	sig := f.typeOf(fun).Underlying().(*types.Signature)
	callee, args := f.callee(fun, sig, e)
	result := val{text: callee.with(args), typ: t, impure: true}
	if tuple, ok := t.(*types.Tuple); ok && tuple.Len() == 0 {
		result.typ = nil
	}
	return result
}

// form is the text of a call without its arguments.
type form struct{ before, after string }

func (c form) with(args []string) string { return c.before + strings.Join(args, ", ") + c.after }

// direct is the form of a call of what a text names.
func direct(text string) form { return form{text + "(", ")"} }

// callee returns the form of a call, and the texts of the arguments.
func (f *fn) callee(fun ast.Expr, sig *types.Signature, e *ast.CallExpr) (form, []string) {
	if sel, ok := fun.(*ast.SelectorExpr); ok && f.pkg.Info.Selections[sel] != nil {
		s := f.selection(sel)
		if s.kind == types.MethodVal {
			return f.methodCall(sel, s, sig, e)
		}
	}
	if obj := f.instantiated(fun); obj != nil {
		if f.l.bodyOf(obj) == nil {
			later := f.delaying
			args := f.hostArguments(obj, sig, e)
			if r := f.l.replacement(obj); r != "" {
				if f.l.isPlaced(obj) {
					args = append([]string{f.logPlace(identOf(fun).Pos(), obj.FullName(), later)}, args...)
				}
				return direct(r), args
			}
			return direct(f.l.symbol(obj.Pkg(), obj.Name())), args
		}
		in := f.l.function(obj, f.instanceArgs(fun))
		args := f.arguments(sig, e, nil)
		if in.recovers {
			args = append([]string{f.l.notRecovering()}, args...)
		}
		return direct(in.name), args
	}
	if lit, ok := fun.(*ast.FuncLit); ok && callsRecover(f.pkg.Info, lit.Body) {
		// Called here and now, and not by a deferred call: it recovers nothing.
		return f.literalCall(lit, e)
	}
	// A value of function type.
	vs, args := f.withArguments(func() val { return f.open(f.expr(fun)) }, sig, e)
	v := vs
	if !v.simple {
		v = f.callable(v)
	}
	return direct(v.text), args
}

// callable puts a function into a variable: the interpreter calls little else.
func (f *fn) callable(v val) val {
	return val{text: f.temp(v.typ, v.text), typ: v.typ, simple: true}
}

// withArguments translates an operand and then the arguments of a call.
func (f *fn) withArguments(first func() val, sig *types.Signature, e *ast.CallExpr) (val, []string) {
	var v val
	args := f.arguments(sig, e, func() val { v = first(); return v })
	if len(args) > 0 {
		v.text = args[0]
	}
	// The operand may have been put into a variable since.
	if v.impure && isName(v.text) {
		v.impure, v.simple = false, true
	}
	return v, args[1:]
}

func isName(text string) bool {
	for i := range len(text) {
		if c := text[i]; c != '_' && (c < '0' || c > '9') && (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') {
			return false
		}
	}
	return true
}

// arguments translates the arguments of a call, after an operand that is evaluated before them, which is then the
// first text. Arguments of a variadic parameter become one slice.
func (f *fn) arguments(sig *types.Signature, e *ast.CallExpr, first func() val) []string {
	var list []func() val
	if first != nil {
		list = append(list, first)
	}
	if f.isSpread(e) {
		return f.passTuple(sig, e, first)
	}
	fixed := sig.Params().Len()
	if sig.Variadic() && !e.Ellipsis.IsValid() {
		fixed--
	}
	for i := range fixed {
		list = append(list, func() val {
			t := sig.Params().At(i).Type()
			return f.floatArgument(f.argument(f.expr(e.Args[i]), t), t)
		})
	}
	if sig.Variadic() && !e.Ellipsis.IsValid() {
		elem := sig.Params().At(fixed).Type().Underlying().(*types.Slice).Elem()
		for i := fixed; i < len(e.Args); i++ {
			list = append(list, func() val { return f.argument(f.expr(e.Args[i]), elem) })
		}
	}
	vs := f.operands(list...)
	return f.argumentTexts(sig, vs, e.Ellipsis.IsValid(), first != nil)
}

// argumentTexts returns the texts of arguments.
func (f *fn) argumentTexts(sig *types.Signature, vs []val, ellipsis, hasFirst bool) []string {
	n := sig.Params().Len()
	if sig.Variadic() && !ellipsis {
		// What becomes a slice is hoisted, and what comes before with it.
		before := n - 1
		if hasFirst {
			before++
		}
		if len(vs) > before {
			for i, v := range vs[:before] {
				if v.impure && v.typ != nil {
					vs[i] = f.settle(v)
				}
			}
		}
	}
	var texts []string
	if hasFirst {
		texts = append(texts, vs[0].text)
		vs = vs[1:]
	}
	for i, v := range vs {
		if sig.Variadic() && i == n-1 && !ellipsis {
			break
		}
		texts = append(texts, v.text)
	}
	switch {
	case !sig.Variadic():
	case ellipsis:
		texts[len(texts)-1] += "..."
	case len(vs) >= n:
		slice := sig.Params().At(n - 1).Type()
		var parts []string
		for _, v := range vs[n-1:] {
			parts = append(parts, f.settleElement(v).text)
		}
		name := f.fresh("t")
		f.declareVar(name, slice, f.l.typ(slice)+"{"+strings.Join(parts, ", ")+"}")
		texts = append(texts, name+"...")
	}
	return texts
}

// isSpread reports whether a call is f(g()) where g has several results.
func (f *fn) isSpread(e *ast.CallExpr) bool {
	if len(e.Args) != 1 {
		return false
	}
	tuple, ok := f.typeOf(e.Args[0]).(*types.Tuple)
	return ok && tuple.Len() >= 2
}

// spread evaluates the arguments of f(g()) where g has several results.
func (f *fn) spread(e *ast.CallExpr) ([]val, bool) {
	if !f.isSpread(e) {
		return nil, false
	}
	return f.tuple(e.Args[0]), true
}

// tuple puts the results of a call into variables.
func (f *fn) tuple(e ast.Expr) []val {
	v := f.expr(e)
	t := v.typ.(*types.Tuple)
	names := make([]string, t.Len())
	values := make([]val, t.Len())
	for i := range names {
		names[i] = f.fresh("t")
		values[i] = val{text: names[i], typ: t.At(i).Type(), simple: true}
	}
	f.emit("%s := %s", strings.Join(names, ", "), v.text)
	return values
}

// passTuple passes the results of a call on as arguments.
func (f *fn) passTuple(sig *types.Signature, e *ast.CallExpr, first func() val) []string {
	var vs []val
	if first != nil {
		v := first()
		if f.delaying || v.impure {
			v = f.settle(v)
		}
		vs = append(vs, v)
	}
	f.delaying = false
	values := f.tuple(e.Args[0])
	for i, v := range values {
		var t types.Type
		if sig.Variadic() && i >= sig.Params().Len()-1 {
			t = sig.Params().At(sig.Params().Len() - 1).Type().Underlying().(*types.Slice).Elem()
		} else {
			t = sig.Params().At(i).Type()
		}
		vs = append(vs, f.argument(v, t))
	}
	return f.argumentTexts(sig, vs, false, first != nil)
}

// hostArguments translates the arguments of a compiled function: variadic ones stay single.
func (f *fn) hostArguments(fn *types.Func, sig *types.Signature, e *ast.CallExpr) []string {
	raw := fn != nil && fn.Pkg() != nil && fn.Pkg().Path() == HelperPath
	if values, ok := f.spread(e); ok {
		var texts []string
		for i, v := range values {
			texts = append(texts, f.argument(v, paramAt(sig, i)).text)
		}
		return texts
	}
	list := make([]func() val, len(e.Args))
	for i, arg := range e.Args {
		t := paramAt(sig, i)
		if e.Ellipsis.IsValid() && i == len(e.Args)-1 {
			t = sig.Params().At(sig.Params().Len() - 1).Type()
		}
		list[i] = func() val {
			v := f.expr(arg)
			if raw && types.IsInterface(t) && !v.isNil && !types.IsInterface(v.typ) {
				v.text, v.constant = f.typed(v), nil
				return v
			}
			return f.argument(v, t)
		}
	}
	var texts []string
	for i, v := range f.operands(list...) {
		text := v.text
		if e.Ellipsis.IsValid() && i == len(e.Args)-1 {
			text += "..."
		}
		texts = append(texts, text)
	}
	return texts
}

// HelperPath is the import path of the compiled helpers that generic source of the standard library calls. They get values
// as they are, not in boxes.
const HelperPath = "scriptd/host"

// paramAt returns the type of argument i.
func paramAt(sig *types.Signature, i int) types.Type {
	n := sig.Params().Len()
	if sig.Variadic() && i >= n-1 {
		t := sig.Params().At(n - 1).Type().Underlying()
		if s, ok := t.(*types.Slice); ok {
			return s.Elem()
		}
		return types.Typ[types.Uint8] // append([]byte, string...)
	}
	return sig.Params().At(i).Type()
}

// methodCall translates x.M(…).
func (f *fn) methodCall(e *ast.SelectorExpr, s selection, sig *types.Signature, call *ast.CallExpr) (form, []string) {
	m := s.obj.(*types.Func)
	host := f.l.bodyOf(m) == nil && !types.IsInterface(m.Signature().Recv().Type())
	if types.IsInterface(m.Signature().Recv().Type()) {
		host = f.l.hostInterface(f.ownerOf(s))
	}
	var recv val
	delaying := f.delaying
	operand := func() val {
		recv = f.path(f.operand(e.X), s.index[:len(s.index)-1])
		if types.IsInterface(recv.typ) && delaying {
			recv = f.hold(recv)
			f.emit("if %s == nil { rt.NilDereference(%d) }", recv.text, f.site(e.Pos()))
		}
		if !types.IsInterface(recv.typ) && (delaying || f.l.bodyOf(m) != nil) {
			recv = f.receiver(recv, m)
		}
		return recv
	}
	var texts []string
	if host {
		texts = f.hostMethodArguments(m, sig, call, operand)
	} else {
		texts = f.arguments(sig, call, operand)
	}
	if texts[0] != recv.text {
		recv = val{text: texts[0], typ: recv.typ, simple: true}
	}
	if f.l.isPlaced(m) {
		f.called = f.logPlace(e.Sel.Pos(), m.FullName(), delaying)
	}
	f.at = f.position(call.Pos())
	if len(call.Args) > 0 {
		f.at = f.position(call.Args[len(call.Args)-1].Pos())
	}
	const hole = "\x00"
	text := f.callMethod(recv, selection{s.kind, recv.typ, m, s.index[len(s.index)-1:]}, []string{hole})
	before, after, _ := strings.Cut(text, hole)
	if len(texts) == 1 {
		before = strings.TrimSuffix(before, ", ")
	}
	return form{before, after}, texts[1:]
}

// ownerOf returns the type in which a selection finds its method.
func (f *fn) ownerOf(s selection) types.Type {
	t := s.recv
	for _, i := range s.index[:len(s.index)-1] {
		if p, ok := t.Underlying().(*types.Pointer); ok {
			t = p.Elem()
		}
		t = t.Underlying().(*types.Struct).Field(i).Type()
	}
	return t
}

// hostMethodArguments is hostArguments with the receiver before them.
func (f *fn) hostMethodArguments(m *types.Func, sig *types.Signature, e *ast.CallExpr, operand func() val) []string {
	if _, ok := f.spread(e); ok || len(e.Args) == 0 {
		recv := operand()
		if len(e.Args) > 0 || f.delaying {
			recv = f.settle(recv)
		}
		f.delaying = false
		return append([]string{recv.text}, f.hostArguments(m, sig, e)...)
	}
	list := []func() val{operand}
	for i, arg := range e.Args {
		t := paramAt(sig, i)
		if e.Ellipsis.IsValid() && i == len(e.Args)-1 {
			t = sig.Params().At(sig.Params().Len() - 1).Type()
		}
		list = append(list, func() val { return f.argument(f.expr(arg), t) })
	}
	var texts []string
	vs := f.operands(list...)
	for i, v := range vs {
		text := v.text
		if e.Ellipsis.IsValid() && i == len(vs)-1 {
			text += "..."
		}
		texts = append(texts, text)
	}
	return texts
}

// literalCall is a call of a literal that calls recover, where it is not deferred.
func (f *fn) literalCall(lit *ast.FuncLit, e *ast.CallExpr) (form, []string) {
	sig := f.pkg.Info.TypeOf(lit).(*types.Signature)
	in := f.inner(f.sub.typ(sig).(*types.Signature))
	in.recovering = f.l.notRecovering()
	params := in.params(sig)
	in.body(sig, lit.Body)
	name := f.fresh("t")
	f.emit("%s := %s", name, in.closure(params))
	return direct(name), f.arguments(in.sig, e, nil)
}
