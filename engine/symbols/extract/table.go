package extract

import (
	"fmt"
	"go/constant"
	"go/types"
	"math/big"
	"strings"

	"golang.org/x/tools/go/packages"

	"github.com/scriptd/scriptd/engine/symbols"
)

// table is that of one package.
type table struct {
	file *file
	pkg  *packages.Package

	values, typeNames, wrappers []entry
	leftOut                     []string // comments
}

// entry is a symbol: "name": reflect.ValueOf(text)suffix.
type entry struct{ name, text, suffix string }

// note says what plugins will miss of an object.
func (t *table) note(obj types.Object, format string, args ...any) {
	pos := shortened(t.file.dir, t.pkg.Fset.Position(obj.Pos()))
	t.file.notes = append(t.file.notes, Problem{pos, fmt.Sprintf(format, args...)})
}

// leave leaves an object out.
func (t *table) leave(obj types.Object, why string) {
	t.leftOut = append(t.leftOut, fmt.Sprintf("%s is left out: it is %s", obj.Name(), why))
	t.note(obj, "%s.%s is left out: it is %s", t.pkg.Name, obj.Name(), why)
}

const generic = "generic, and a table holds compiled code"

// isGeneric reports whether a function or a type has type parameters.
func isGeneric(obj types.Object) bool {
	t, ok := obj.Type().(interface{ TypeParams() *types.TypeParamList })
	return ok && t.TypeParams().Len() > 0
}

func (t *table) add(obj types.Object) {
	name := obj.Name()
	full := t.file.qualify(t.pkg.Types) + "." + name
	switch obj := obj.(type) {
	case *types.Const:
		t.constant(obj, full)
	case *types.Var:
		t.values = append(t.values, entry{name, "&" + full, ".Elem()"})
	case *types.Func:
		if isGeneric(obj) {
			t.leave(obj, generic)
			return
		}
		t.values = append(t.values, entry{name, full, ""})
	case *types.TypeName:
		t.typeName(obj, full)
	}
}

func (t *table) typeName(obj *types.TypeName, full string) {
	if isGeneric(obj) {
		t.leave(obj, generic)
		return
	}
	i, isInterface := obj.Type().Underlying().(*types.Interface)
	if isInterface && !i.IsMethodSet() {
		t.leave(obj, "a constraint of type parameters")
		return
	}
	t.typeNames = append(t.typeNames, entry{obj.Name(), "(*" + full + ")(nil)", ""})
	if isInterface && i.NumMethods() > 0 && !obj.IsAlias() { // the wrapper of another's is where it is declared
		t.wrapper(obj, i)
	}
}

// constant adds a constant. The value of an untyped one is exact.
func (t *table) constant(c *types.Const, full string) {
	basic, ok := c.Type().(*types.Basic)
	if !ok || basic.Info()&types.IsUntyped == 0 {
		t.values = append(t.values, entry{c.Name(), full, ""})
		return
	}
	text := full
	switch basic.Kind() {
	case types.UntypedString:
		cons, tok := t.file.constants()
		text = fmt.Sprintf("%s.MakeFromLiteral(%q, %s.STRING, 0)", cons, c.Val().ExactString(), tok)
	case types.UntypedRune:
		t.values = append(t.values, entry{symbols.RuneMark + c.Name(), "true", ""})
		text = t.integer(c.Val().ExactString())
	case types.UntypedInt:
		text = t.integer(c.Val().ExactString())
	case types.UntypedFloat:
		text = t.float(constant.ToFloat(c.Val()))
	}
	t.values = append(t.values, entry{c.Name(), text, ""})
}

func (t *table) integer(digits string) string {
	cons, tok := t.file.constants()
	if rest, negative := strings.CutPrefix(digits, "-"); negative {
		return fmt.Sprintf("%s.UnaryOp(%s.SUB, %s, 0)", cons, tok, t.integer(rest))
	}
	return fmt.Sprintf("%s.MakeFromLiteral(%q, %s.INT, 0)", cons, digits, tok)
}

// float writes a quotient of integers, where that is what the constant is.
func (t *table) float(v constant.Value) string {
	cons, tok := t.file.constants()
	switch exact := constant.Val(v).(type) {
	case *big.Rat:
		if exact.IsInt() {
			return fmt.Sprintf("%s.ToFloat(%s)", cons, t.integer(exact.Num().String()))
		}
		return fmt.Sprintf("%s.BinaryOp(%s, %s.QUO, %s)", cons, t.integer(exact.Num().String()), tok, t.integer(exact.Denom().String()))
	case *big.Float:
		digits := exact.Text('g', int(exact.Prec()))
		if rest, negative := strings.CutPrefix(digits, "-"); negative {
			return fmt.Sprintf("%s.UnaryOp(%s.SUB, %s.MakeFromLiteral(%q, %s.FLOAT, 0), 0)", cons, tok, cons, rest, tok)
		}
		return fmt.Sprintf("%s.MakeFromLiteral(%q, %s.FLOAT, 0)", cons, digits, tok)
	default:
		return fmt.Sprintf("%s.ToFloat(%s)", cons, t.integer(v.ExactString()))
	}
}
