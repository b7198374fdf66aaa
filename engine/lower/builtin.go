package lower

import (
	"fmt"
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"strings"
)

// builtin translates a call of a predeclared function whose value is not constant.
func (f *fn) builtin(e *ast.CallExpr, name string) val {
	t := f.typeOf(e)
	switch name {
	case "len", "cap":
		return f.length(e, name)
	case "append":
		return f.append(e, t)
	case "copy":
		args := f.argumentsOf(e)
		vs := f.operands(func() val { return f.open(args[0]()) }, func() val { return f.open(args[1]()) })
		return val{text: fmt.Sprintf("copy(%s, %s)", vs[0].text, vs[1].text), typ: t, impure: true}
	case "delete":
		args := f.argumentsOf(e)
		var m *types.Map
		vs := f.operands(func() val {
			v := args[0]()
			m = v.typ.Underlying().(*types.Map)
			return f.open(v)
		}, func() val { return f.argument(args[1](), m.Key()) })
		return val{text: fmt.Sprintf("delete(%s, %s)", vs[0].text, f.key(vs[1], m.Key())), impure: true}
	case "clear":
		v := f.operands(func() val { return f.open(f.expr(e.Args[0])) })[0]
		return val{text: fmt.Sprintf("rt.Clear(%s)", v.text), impure: true}
	case "close":
		v := f.operands(func() val { return f.open(f.expr(e.Args[0])) })[0]
		return val{text: fmt.Sprintf("close(%s)", v.text), impure: true}
	case "panic":
		v := f.operands(func() val { return f.argument(f.expr(e.Args[0]), types.Universe.Lookup("any").Type()) })[0]
		return val{text: fmt.Sprintf("rt.Panic(%d, %s)", f.site(e.Pos()), v.text), impure: true}
	case "recover":
		return val{text: fmt.Sprintf("rt.Recover(%s)", f.recovering), typ: t, impure: true}
	case "print", "println":
		return f.print(e, name)
	case "new":
		return f.new(e, t)
	case "make":
		return f.make(e, t)
	case "min", "max":
		return f.extreme(e, name, t)
	case "complex":
		return f.makeComplex(e, t)
	case "real", "imag":
		v := f.expr(e.Args[0])
		text := fmt.Sprintf("%s(%s)", name, f.typed(v))
		if b := t.Underlying().(*types.Basic); b.Kind() == types.Float32 {
			text = fmt.Sprintf("float32(rt.%sPart(%s))", strings.ToUpper(name[:1])+name[1:], f.typed(v))
		}
		return val{text: text, typ: t, impure: v.impure}
	}
	f.refuse(e, "%s (it has to do with memory, which interpreted values have no part in; work with the values)", name)
	return val{}
}

// argumentsOf translates the arguments of a predeclared function: those that are there, or the results of a call.
func (f *fn) argumentsOf(e *ast.CallExpr) []func() val {
	var list []func() val
	if values, ok := f.spread(e); ok {
		for _, v := range values {
			list = append(list, func() val { return v })
		}
		return list
	}
	for _, arg := range e.Args {
		list = append(list, func() val { return f.expr(arg) })
	}
	return list
}

func (f *fn) length(e *ast.CallExpr, name string) val {
	v := f.open(f.expr(e.Args[0]))
	if p, ok := v.typ.Underlying().(*types.Pointer); ok {
		n := p.Elem().Underlying().(*types.Array).Len()
		if v.impure {
			f.temp(v.typ, v.text)
		}
		return val{text: fmt.Sprint(n), typ: types.Typ[types.Int], simple: true}
	}
	if a, ok := v.typ.Underlying().(*types.Array); ok {
		if v.impure {
			f.temp(v.typ, v.text)
		}
		return val{text: fmt.Sprint(a.Len()), typ: types.Typ[types.Int], simple: true}
	}
	if v.constant != nil {
		v.text = f.typed(v)
	}
	return val{text: fmt.Sprintf("%s(%s)", name, v.text), typ: types.Typ[types.Int], impure: v.impure}
}

func (f *fn) append(e *ast.CallExpr, t types.Type) val {
	slice := t.Underlying().(*types.Slice)
	args := f.argumentsOf(e)
	list := []func() val{func() val { return f.open(f.argument(args[0](), t)) }}
	for i, arg := range args[1:] {
		list = append(list, func() val {
			if e.Ellipsis.IsValid() && i == len(e.Args)-2 {
				v := f.open(arg())
				if v.isNil {
					return f.argument(v, t.Underlying())
				}
				return v
			}
			return f.argument(arg(), slice.Elem())
		})
	}
	vs := f.operands(list...)
	if len(vs) == 1 {
		return vs[0]
	}
	if len(vs) > 2 {
		// The interpreter reads the elements one by one, when those before have their places.
		for i, v := range vs[1:] {
			if strings.ContainsAny(v.text, "[*") {
				vs[i+1] = f.settle(v)
			}
		}
	}
	var texts []string
	for _, v := range vs {
		texts = append(texts, v.text)
	}
	text := fmt.Sprintf("append(%s)", strings.Join(texts, ", "))
	if e.Ellipsis.IsValid() {
		last := vs[len(vs)-1]
		if b, ok := last.typ.Underlying().(*types.Basic); ok && b.Info()&types.IsString != 0 {
			texts[len(texts)-1] = fmt.Sprintf("[]byte(%s)", last.text)
		}
		text = fmt.Sprintf("append(%s...)", strings.Join(texts, ", "))
	}
	if f.l.isWrapped(t) {
		text = fmt.Sprintf("%s{W: %s}", f.l.typ(t), text)
	}
	return val{text: text, typ: t, impure: true}
}

func (f *fn) print(e *ast.CallExpr, name string) val {
	empty := types.Universe.Lookup("any").Type()
	list := f.argumentsOf(e)
	for i, arg := range list {
		list[i] = func() val {
			v := arg()
			printed := f.argument(v, empty)
			if types.IsInterface(v.typ) {
				printed = val{text: fmt.Sprintf("rt.Words(%s)", printed.text), typ: empty, impure: true}
			}
			return printed
		}
	}
	var texts []string
	for _, v := range f.operands(list...) {
		texts = append(texts, v.text)
	}
	return val{text: fmt.Sprintf("rt.P%s(%s)", name, strings.Join(texts, ", ")), impure: true}
}

// new is new(T) and new(x).
func (f *fn) new(e *ast.CallExpr, t types.Type) val {
	elem := t.Underlying().(*types.Pointer).Elem()
	if f.pkg.Info.Types[e.Args[0]].IsType() {
		name := f.fresh("t")
		f.emit("var %s %s", name, f.l.typ(elem))
		return val{text: "&" + name, typ: t}
	}
	v := f.exprTo(e.Args[0], elem)
	return val{text: "&" + f.temp(elem, v.text), typ: t}
}

func (f *fn) make(e *ast.CallExpr, t types.Type) val {
	u := t.Underlying()
	text := f.l.typ(u)
	if c, ok := u.(*types.Chan); ok {
		text = f.l.typ(types.NewChan(types.SendRecv, c.Elem()))
	}
	var list []func() val
	for _, arg := range e.Args[1:] {
		list = append(list, func() val {
			v := f.expr(arg)
			if v.constant != nil {
				return f.constant(v.constant, types.Typ[types.Int])
			}
			v.text, v.typ = fmt.Sprintf("int(%s)", v.text), types.Typ[types.Int]
			return v
		})
	}
	vs := f.operands(list...)
	f.limitEmpty(e, u, vs)
	impure := false
	checked := false
	for i, v := range vs {
		impure = impure || v.impure
		if v.constant == nil {
			vs[i], checked = f.hold(v), true
		}
		text += ", " + vs[i].text
	}
	if checked {
		args := make([]string, len(vs))
		for i, v := range vs {
			args[i] = v.text
		}
		kind := map[bool]string{true: "Chan", false: "Slice"}[isChan(u)]
		if _, ok := u.(*types.Map); !ok {
			f.emit("rt.CheckMake%s(%d, %s)", kind, f.site(e.Pos()), strings.Join(args, ", "))
		}
	}
	if _, ok := u.(*types.Map); ok && len(vs) > 0 {
		text = f.l.typ(u)
	}
	text = fmt.Sprintf("make(%s)", text)
	if f.l.isWrapped(t) {
		text = fmt.Sprintf("%s{W: %s}", f.l.typ(t), text)
	}
	v := val{text: text, typ: t, impure: true}
	if isChan(u) && u.(*types.Chan).Dir() != types.SendRecv {
		v = val{text: f.temp(t, text), typ: t, simple: true}
	}
	return v
}

// limitEmpty refuses to make a slice whose elements have no size of such a length that only these fit into memory.
func (f *fn) limitEmpty(e *ast.CallExpr, u types.Type, sizes []val) {
	slice, ok := u.(*types.Slice)
	if !ok {
		return
	}
	if s, ok := slice.Elem().Underlying().(*types.Struct); !ok || s.NumFields() > 0 {
		return
	}
	const most = 1 << 32
	for _, v := range sizes {
		if v.constant == nil {
			continue
		}
		if n, exact := constant.Int64Val(constant.ToInt(v.constant)); exact && n > most {
			f.refuse(e, "a slice of %d elements without size (each takes a byte in the interpreter; count instead)", n)
		}
	}
}

func isChan(t types.Type) bool {
	_, ok := t.(*types.Chan)
	return ok
}

// extreme is min and max.
func (f *fn) extreme(e *ast.CallExpr, name string, t types.Type) val {
	list := f.argumentsOf(e)
	for i, arg := range list {
		list[i] = func() val { return f.assign(arg(), t) }
	}
	vs := f.operands(list...)
	b := t.Underlying().(*types.Basic)
	if b.Info()&types.IsFloat != 0 {
		text := fmt.Sprintf("float64(%s)", vs[0].text)
		for _, v := range vs[1:] {
			text = fmt.Sprintf("rt.%s(%s, float64(%s))", strings.ToUpper(name[:1])+name[1:], text, v.text)
		}
		return val{text: fmt.Sprintf("%s(%s)", f.l.typ(t), text), typ: t, impure: true}
	}
	// All are evaluated before any is compared.
	for i, v := range vs {
		if v.constant == nil {
			vs[i] = f.settle(v)
		}
	}
	best := f.temp(t, vs[0].text)
	op := map[string]token.Token{"min": token.LSS, "max": token.GTR}[name]
	for _, v := range vs[1:] {
		f.emit("if %s %s %s { %s = %s }", v.text, op, best, best, v.text)
	}
	return val{text: best, typ: t, simple: true}
}

func (f *fn) makeComplex(e *ast.CallExpr, t types.Type) val {
	part := types.Typ[types.Float64]
	single := t.Underlying().(*types.Basic).Kind() == types.Complex64
	if single {
		part = types.Typ[types.Float32]
	}
	args := f.argumentsOf(e)
	vs := f.operands(
		func() val { return f.assign(args[0](), part) },
		func() val { return f.assign(args[1](), part) },
	)
	text := fmt.Sprintf("complex(float64(%s), float64(%s))", vs[0].text, vs[1].text)
	if single {
		text = fmt.Sprintf("complex64(%s)", text)
	}
	return val{text: text, typ: t, impure: vs[0].impure || vs[1].impure}
}
