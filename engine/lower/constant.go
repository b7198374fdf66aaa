package lower

import (
	"fmt"
	"go/constant"
	"go/types"
	"math"
	"strconv"
	"strings"
)

// constant returns the value of a constant of type t.
func (f *fn) constant(c constant.Value, t types.Type) val {
	return val{text: f.l.bare(c, t), typ: t, simple: true, constant: c}
}

// bare returns the text of a constant where the type of the place is known.
func (l *lowerer) bare(c constant.Value, t types.Type) string {
	b, ok := t.Underlying().(*types.Basic)
	if !ok {
		panic(fmt.Sprintf("lower: constant of type %s", t))
	}
	switch info := b.Info(); {
	case info&types.IsBoolean != 0:
		return strconv.FormatBool(constant.BoolVal(c))
	case info&types.IsString != 0:
		return quote(constant.StringVal(c))
	case info&types.IsInteger != 0:
		return constant.ToInt(c).ExactString()
	case info&types.IsFloat != 0:
		return float(c, b)
	default:
		part := types.Typ[types.Float64]
		if b.Kind() == types.Complex64 {
			part = types.Typ[types.Float32]
		}
		c = constant.ToComplex(c)
		text := fmt.Sprintf("complex(%s, %s)", float(constant.Real(c), part), float(constant.Imag(c), part))
		if b.Kind() == types.Complex64 {
			return "complex64(" + text + ")"
		}
		return text
	}
}

func float(c constant.Value, b *types.Basic) string {
	var text string
	if b.Kind() == types.Float32 {
		v, _ := constant.Float32Val(c)
		text = strconv.FormatFloat(float64(v), 'g', -1, 32)
	} else {
		v, _ := constant.Float64Val(c)
		if math.IsInf(v, 0) {
			return "0.0"
		}
		text = strconv.FormatFloat(v, 'g', -1, 64)
	}
	if !strings.ContainsAny(text, ".e") {
		text += ".0"
	}
	return text
}

// quote returns a string literal that the interpreter reads back as it is.
func quote(s string) string { return strconv.Quote(s) }

// typed returns the text of a value where the place has no type of its own, as an interface has none.
func (f *fn) typed(v val) string {
	if v.constant == nil {
		return v.text
	}
	t := v.typ
	b, _ := t.Underlying().(*types.Basic)
	if named, ok := types.Unalias(t).(*types.Named); ok && !f.l.own(named.Obj()) {
		return fmt.Sprintf("%s(%s)", f.l.typ(t), v.text)
	}
	switch b.Kind() {
	case types.Bool, types.UntypedBool, types.String, types.UntypedString, types.Complex64, types.Complex128, types.UntypedComplex:
		return v.text
	}
	return fmt.Sprintf("%s(%s)", f.l.typ(t), v.text)
}
