package lower

import (
	"fmt"
	"go/types"
)

// isFloating reports whether values of a type are made of floating-point numbers and of nothing else. The interpreter takes
// an argument that equals zero for zero, and so loses the sign of -0, but not that of one in an interface.
func isFloating(t types.Type) bool {
	switch u := t.Underlying().(type) {
	case *types.Basic:
		return u.Info()&(types.IsFloat|types.IsComplex) != 0
	case *types.Array:
		return u.Len() > 0 && isFloating(u.Elem())
	case *types.Struct:
		for f := range u.Fields() {
			if !isFloating(f.Type()) {
				return false
			}
		}
		return u.NumFields() > 0
	}
	return false
}

// declaredParam returns the declaration of a parameter of a declared function.
func (f *fn) declaredParam(v *types.Var, t types.Type, text string) string {
	if !isFloating(t) {
		return f.param(v) + " " + text
	}
	name := f.fresh("a")
	if v.Name() != "" && v.Name() != "_" {
		f.emit("var %s %s = %s.(%s)", f.name(v), text, name, text)
	}
	return name + " any"
}

// floatArgument gives a constant its type, where the parameter may be an interface for the sake of -0.
func (f *fn) floatArgument(v val, t types.Type) val {
	if b, ok := t.Underlying().(*types.Basic); ok && v.constant != nil && isFloating(t) && b.Kind() != types.Float64 && b.Kind() != types.Complex128 {
		v.text = fmt.Sprintf("%s(%s)", f.l.typ(t), v.text)
	}
	return v
}
