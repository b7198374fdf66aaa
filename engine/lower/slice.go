package lower

import (
	"fmt"
	"go/ast"
	"go/types"
	"strings"
)

func (f *fn) slice(e *ast.SliceExpr) val {
	t := f.typeOf(e)
	list := []func() val{func() val {
		if f.isArrayPlace(e.X) && f.hasCalls(e) {
			return f.primary(f.open(f.settledPlace(e.X)))
		}
		return f.indexable(e.X)
	}}
	given := []ast.Expr{e.Low, e.High, e.Max}
	for _, bound := range given {
		if bound != nil {
			list = append(list, func() val { return f.expr(bound) })
		}
	}
	vs := f.operands(list...)
	x, next := vs[0], vs[1:]
	var bounds [3]val
	for i, bound := range given {
		if bound != nil {
			bounds[i], next = next[0], next[1:]
		}
	}
	impure := false
	for _, v := range vs {
		impure = impure || v.impure
	}
	if e.Low != nil || e.High != nil {
		x = f.holdPlace(e.X, x)
		bounds = f.checkSlice(e, x, bounds)
	}
	text := fmt.Sprintf("%s[%s:%s]", x.text, bounds[0].text, bounds[1].text)
	if e.Slice3 {
		text = fmt.Sprintf("%s[%s:%s:%s]", x.text, bounds[0].text, bounds[1].text, bounds[2].text)
	}
	if f.l.isWrapped(t) {
		text, impure = fmt.Sprintf("%s{W: %s}", f.l.typ(t), text), true
	}
	return val{text: text, typ: t, impure: impure}
}

// What rt.CheckSlice has to know besides the numbers: bit i says that bound i is given, bit i+unsignedBound that it is of an
// unsigned type.
const (
	unsignedBound = 3
	// noCapacity: what is sliced is a string or an array.
	noCapacity = 1 << 6
)

// checkSlice asks the host to check the bounds.
func (f *fn) checkSlice(e *ast.SliceExpr, x val, bounds [3]val) [3]val {
	what := 0
	args := make([]string, len(bounds))
	for i, b := range bounds {
		args[i] = "-1"
		if b.text == "" {
			continue
		}
		what |= 1 << i
		if isUnsigned(b.typ) {
			what |= 1 << (i + unsignedBound)
		}
		name := f.fresh("t")
		f.emit("var %s int = int(%s)", name, b.text)
		bounds[i], args[i] = val{text: name, typ: types.Typ[types.Int], simple: true}, name
	}
	size := fmt.Sprintf("len(%s), cap(%s)", x.text, x.text)
	if b, ok := x.typ.Underlying().(*types.Basic); isArray(x.typ) || ok && b.Info()&types.IsString != 0 {
		what |= noCapacity
		size = fmt.Sprintf("len(%s), len(%s)", x.text, x.text)
	}
	f.emit("rt.CheckSlice(%d, %d, %s, %s)", f.site(e.Pos()), what, strings.Join(args, ", "), size)
	return bounds
}
