package lower

import (
	"fmt"
	"go/ast"
	"go/types"
	"slices"
	"strings"
)

// selector translates x.f, where it is not called.
func (f *fn) selector(e *ast.SelectorExpr) val {
	if id, ok := e.X.(*ast.Ident); ok {
		if _, ok := f.pkg.Info.Uses[id].(*types.PkgName); ok {
			return f.ident(e.Sel)
		}
	}
	sel := f.selection(e)
	switch sel.kind {
	case types.FieldVal:
		// (*p).f is p.f, which the interpreter understands everywhere.
		x := e.X
		if star, ok := ast.Unparen(x).(*ast.StarExpr); ok && !isPointer(f.typeOf(x)) {
			x = star.X
		}
		v := f.path(f.operand(x), sel.index)
		v.typ = f.typeOf(e)
		return v
	case types.MethodVal:
		return f.methodValue(e, sel)
	default:
		return f.methodExpr(e, sel)
	}
}

// operand translates what a selector follows.
func (f *fn) operand(e ast.Expr) val {
	if _, ok := ast.Unparen(e).(*ast.CompositeLit); ok {
		return f.place(e)
	}
	return f.expr(e)
}

// selection is what a selector means in this instance.
type selection struct {
	kind  types.SelectionKind
	recv  types.Type
	obj   types.Object
	index []int
}

func (f *fn) selection(e *ast.SelectorExpr) selection {
	s := f.pkg.Info.Selections[e]
	if f.sub == nil || len(f.sub.args) == 0 {
		return selection{s.Kind(), s.Recv(), s.Obj(), s.Index()}
	}
	recv := f.sub.typ(s.Recv())
	obj, index, _ := types.LookupFieldOrMethod(recv, true, s.Obj().Pkg(), s.Obj().Name())
	if obj == nil {
		panic(fmt.Sprintf("lower: %s: no %s in %s", f.position(e.Pos()), s.Obj().Name(), recv))
	}
	return selection{s.Kind(), recv, obj, index}
}

// path follows a list of field indices.
func (f *fn) path(v val, index []int) val {
	for _, i := range index {
		t := v.typ
		if p, ok := t.Underlying().(*types.Pointer); ok {
			if f.l.isWrapped(t) {
				v = f.open(v)
			}
			t = p.Elem()
		}
		s := t.Underlying().(*types.Struct)
		name := FieldName(s, i)
		if f.l.isHostStruct(t) {
			name = s.Field(i).Name()
		}
		v = f.primary(v)
		v = val{text: v.text + "." + name, typ: s.Field(i).Type(), impure: v.impure}
	}
	return v
}

// call of a method, as text: what calls it with these arguments.
func (f *fn) callSelected(recv val, sel *types.Selection, args []string) string {
	return f.callMethod(recv, selection{sel.Kind(), sel.Recv(), sel.Obj(), sel.Index()}, args)
}

// callMethod returns the text of a method call.
func (f *fn) callMethod(recv val, sel selection, args []string) string {
	m := sel.obj.(*types.Func)
	recv = f.path(recv, sel.index[:len(sel.index)-1])
	if types.IsInterface(recv.typ) {
		if f.l.hostInterface(recv.typ) {
			if r := f.l.replacement(m); r != "" {
				return fmt.Sprintf("%s(%s)", r, joinArgs(recv.text, args))
			}
			return fmt.Sprintf("%s.%s(%s)", f.primary(recv).text, m.Name(), strings.Join(args, ", "))
		}
		return fmt.Sprintf("%s(%s)", f.l.dispatcherOf(m, m.Signature()), joinArgs(recv.text, args))
	}
	name, targs := f.receiverOf(recv.typ)
	if f.l.bodyOf(m) == nil {
		return f.callHostMethod(recv, m, args)
	}
	_ = name
	in := f.l.function(m, targs)
	first := f.receiver(recv, m).text
	if in.recovers {
		first = joinArgs(f.notRecovering(), []string{first})
	}
	return fmt.Sprintf("%s(%s)", in.name, joinArgs(first, args))
}

// notRecovering is what a function that calls recover is given where no deferred call calls it.
func (l *lowerer) notRecovering() string { return "rt.NoPanic" }

// notRecovering is the same for a call in this function: one that the author did not write may stand between.
func (f *fn) notRecovering() string {
	if f.helps {
		return "rt.Recovering()"
	}
	return f.l.notRecovering()
}

func joinArgs(first string, rest []string) string {
	return strings.Join(append([]string{first}, rest...), ", ")
}

// bodyOf returns the declaration of a function of the program, nil for a compiled one.
func (l *lowerer) bodyOf(m *types.Func) *body {
	origin := m.Origin()
	l.source(origin.Pkg())
	if b, ok := l.bodies[origin]; ok {
		return &b
	}
	return nil
}

// receiverOf returns the named type of a receiver, and its type arguments.
func (f *fn) receiverOf(t types.Type) (*types.Named, []types.Type) {
	if p, ok := types.Unalias(t).(*types.Pointer); ok {
		t = p.Elem()
	}
	named, ok := types.Unalias(t).(*types.Named)
	if !ok {
		return nil, nil
	}
	return named, slices.Collect(named.TypeArgs().Types())
}

// receiver makes of a value what a method takes: its address, or what it points to.
func (f *fn) receiver(v val, m *types.Func) val {
	_, wantPointer := types.Unalias(m.Signature().Recv().Type()).(*types.Pointer)
	_, isPointer := types.Unalias(v.typ).Underlying().(*types.Pointer)
	if named, ok := types.Unalias(v.typ).(*types.Named); ok && isPointer && !f.l.own(named.Obj()) {
		isPointer = false
	}
	switch {
	case wantPointer && !isPointer:
		if isDeref(v.text) {
			return val{text: v.text[2 : len(v.text)-1], typ: types.NewPointer(v.typ), impure: v.impure}
		}
		return val{text: "&" + v.text, typ: types.NewPointer(v.typ), impure: v.impure}
	case !wantPointer && isPointer:
		return f.deref(v)
	}
	if v.constant != nil {
		v.text, v.constant = f.typed(v), nil
	}
	return v
}

// callHostMethod calls a method of a compiled type.
func (f *fn) callHostMethod(recv val, m *types.Func, args []string) string {
	if r := f.l.replacement(m); r != "" {
		first := f.receiver(recv, m).text
		if f.l.Sited != nil && f.l.Sited(m.Origin().FullName()) {
			first = joinArgs(fmt.Sprint(f.l.site(f.at)), []string{first})
		}
		if f.l.isPlaced(m) {
			if f.called == "" {
				f.l.refuseIndirect("a method of log.Logger that is a value, or is called through an interface")
			}
			first, f.called = joinArgs(f.called, []string{first}), ""
		}
		return fmt.Sprintf("%s(%s)", r, joinArgs(first, args))
	}
	return fmt.Sprintf("%s.%s(%s)", f.primary(recv).text, m.Name(), strings.Join(args, ", "))
}

// methodValue is x.M as a value: x is evaluated now.
func (f *fn) methodValue(e *ast.SelectorExpr, sel selection) val {
	recv := f.path(f.operand(e.X), sel.index[:len(sel.index)-1])
	m := sel.obj.(*types.Func)
	if types.IsInterface(recv.typ) {
		recv = f.settle(recv)
		f.emit("if %s == nil { rt.NilDereference(%d) }", recv.text, f.site(e.Pos()))
	} else {
		recv = f.settle(f.receiver(recv, m))
	}
	sig := f.typeOf(e).(*types.Signature)
	return f.wrap(sig, func(in *fn, args []string) string {
		in.at = f.position(e.Pos())
		return in.callMethod(recv, selection{sel.kind, recv.typ, m, sel.index[len(sel.index)-1:]}, args)
	})
}

// methodExpr is T.M.
func (f *fn) methodExpr(e *ast.SelectorExpr, sel selection) val {
	sig := f.typeOf(e).(*types.Signature)
	return f.wrap(sig, func(in *fn, args []string) string {
		in.at = f.position(e.Pos())
		recv := val{text: strings.TrimSuffix(args[0], "..."), typ: sig.Params().At(0).Type(), simple: true}
		return in.callMethod(recv, sel, args[1:])
	})
}

// wrap makes a function value of type sig that makes a call.
func (f *fn) wrap(sig *types.Signature, call func(in *fn, args []string) string) val {
	in := f.inner(sig)
	var params, args []string
	for i := range sig.Params().Len() {
		name := f.fresh("a")
		params = append(params, name+" "+f.l.paramType(sig, i))
		if sig.Variadic() && i == sig.Params().Len()-1 {
			name += "..."
		}
		args = append(args, name)
	}
	text := call(in, args)
	if sig.Results().Len() > 0 {
		text = "return " + text
	}
	in.emit("%s", text)
	return val{text: in.closure(params), typ: sig, impure: true}
}

// functionValue is a function that is named without being called.
func (f *fn) functionValue(e ast.Expr, obj *types.Func) val {
	t := f.typeOf(e)
	sig := t.Underlying().(*types.Signature)
	if f.l.bodyOf(obj) == nil {
		if r := f.l.replacement(obj); r != "" {
			if f.l.isPlaced(obj) {
				f.l.note(f.position(e.Pos()), fmt.Sprintf("with log.Lshortfile, %s as a value", shortName(obj.FullName())), logPlaces)
			}
			return val{text: r, typ: t, simple: true}
		}
		return val{text: f.l.symbol(obj.Pkg(), obj.Name()), typ: t, simple: true}
	}
	in := f.l.function(obj, f.instanceArgs(e))
	if in.recovers {
		f.l.recovers = append(f.l.recovers, f.position(e.Pos()))
	}
	v := f.wrap(sig, func(inner *fn, args []string) string {
		if in.recovers {
			args = append([]string{"rt.Recovering()"}, args...)
		}
		return fmt.Sprintf("%s(%s)", in.name, strings.Join(args, ", "))
	})
	v.typ = t
	return v
}

// instantiated returns the generic function that an expression names, nil where it names none.
func (f *fn) instantiated(e ast.Expr) *types.Func {
	if sel, ok := ast.Unparen(e).(*ast.SelectorExpr); ok && f.pkg.Info.Selections[sel] != nil {
		return nil // a method
	}
	id := identOf(e)
	if id == nil {
		return nil
	}
	fn, _ := f.object(id).(*types.Func)
	return fn
}

// identOf returns the identifier at the end of a name, which may be qualified and instantiated.
func identOf(e ast.Expr) *ast.Ident {
	switch e := ast.Unparen(e).(type) {
	case *ast.Ident:
		return e
	case *ast.SelectorExpr:
		return e.Sel
	case *ast.IndexExpr:
		return identOf(e.X)
	case *ast.IndexListExpr:
		return identOf(e.X)
	}
	return nil
}

// instanceArgs returns the type arguments with which a generic function is used.
func (f *fn) instanceArgs(e ast.Expr) []types.Type {
	inst, ok := f.pkg.Info.Instances[identOf(e)]
	if !ok {
		return nil
	}
	args := make([]types.Type, inst.TypeArgs.Len())
	for i := range args {
		args[i] = f.sub.typ(inst.TypeArgs.At(i))
	}
	return args
}

func isPointer(t types.Type) bool {
	_, ok := t.Underlying().(*types.Pointer)
	return ok
}
