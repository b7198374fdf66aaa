package main

import (
	"cmp"
	"fmt"
	"go/constant"
	"go/importer"
	"go/token"
	"go/types"
	"math/big"
	"regexp"
	"slices"
	"strings"
	"sync"
)

// sourceImporter type-checks packages from source, each once.
var sourceImporter = struct {
	sync.Mutex
	types.Importer
}{Importer: importer.ForCompiler(token.NewFileSet(), "source", nil)}

// inspect finds what the values in the table do not show, or not at once.
func (t *table) inspect() error {
	sourceImporter.Lock()
	defer sourceImporter.Unlock()
	pkg, err := sourceImporter.Import(t.path)
	if err != nil {
		return err
	}
	scope := pkg.Scope()
	for _, name := range scope.Names() {
		switch obj := scope.Lookup(name).(type) {
		case *types.Const:
			if obj.Exported() {
				t.addUntyped(obj)
			}
		case *types.TypeName:
			t.addMethods(obj)
		}
	}
	return nil
}

// addUntyped notes a constant whose kind its value does not show.
func (t *table) addUntyped(c *types.Const) {
	switch c.Type() {
	case types.Typ[types.UntypedRune]:
		t.runes = append(t.runes, c.Name())
	case types.Typ[types.UntypedFloat]:
		if c.Val().Kind() == constant.Int {
			t.floats = append(t.floats, c.Name())
		}
		if r, ok := constant.Val(constant.ToFloat(c.Val())).(*big.Rat); ok && !r.IsInt() {
			if t.fractions == nil {
				t.fractions = make(map[string]*big.Rat)
			}
			t.fractions[c.Name()] = r
		}
	}
}

// addMethods notes the methods of a type.
func (t *table) addMethods(name *types.TypeName) {
	named, ok := name.Type().(*types.Named)
	if !ok || name.IsAlias() || named.TypeParams() != nil {
		return
	}
	if i, ok := named.Underlying().(*types.Interface); ok {
		if name.Exported() && slices.ContainsFunc(slices.Collect(i.Methods()), func(m *types.Func) bool { return !m.Exported() }) {
			t.sealed = append(t.sealed, name.Name())
		}
		return
	}
	byValue, list := types.NewMethodSet(named), []string{name.Name()}
	for m := range types.NewMethodSet(types.NewPointer(named)).Methods() {
		switch {
		case !m.Obj().Exported():
		case byValue.Lookup(nil, m.Obj().Name()) == nil:
			list = append(list, "*"+m.Obj().Name())
		default:
			list = append(list, m.Obj().Name())
		}
	}
	if len(list) > 1 {
		slices.SortFunc(list[1:], func(a, b string) int { return cmp.Compare(strings.TrimPrefix(a, "*"), strings.TrimPrefix(b, "*")) })
		t.methods = append(t.methods, strings.Join(list, " "))
	}
}

var floatLine = regexp.MustCompile(`(?m)^(\s+"(\w+)":\s+reflect\.ValueOf\()constant\.MakeFromLiteral\("[^"]+", token\.FLOAT, 0\)(\),)$`)

// exactFloats puts in the exact values of untyped float constants: extract writes them with some 200 bits.
func (t *table) exactFloats(text string) string {
	return floatLine.ReplaceAllStringFunc(text, func(line string) string {
		m := floatLine.FindStringSubmatch(line)
		r := t.fractions[m[2]]
		if r == nil {
			return line
		}
		literal := func(n *big.Int) string { return fmt.Sprintf("constant.MakeFromLiteral(%q, token.INT, 0)", n.String()) }
		return m[1] + "constant.BinaryOp(" + literal(r.Num()) + ", token.QUO, " + literal(r.Denom()) + ")" + m[3]
	})
}
