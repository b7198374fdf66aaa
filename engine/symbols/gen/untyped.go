package main

import (
	"fmt"
	"go/constant"
	"go/importer"
	"go/token"
	"go/types"
	"math/big"
	"regexp"
	"sync"
)

// sourceImporter type-checks packages from source, each once.
var sourceImporter = struct {
	sync.Mutex
	types.Importer
}{Importer: importer.ForCompiler(token.NewFileSet(), "source", nil)}

// findUntyped finds the constants of the package whose kind the values in the table do not show.
func (t *table) findUntyped() error {
	sourceImporter.Lock()
	defer sourceImporter.Unlock()
	pkg, err := sourceImporter.Import(t.path)
	if err != nil {
		return err
	}
	scope := pkg.Scope()
	for _, name := range scope.Names() {
		c, ok := scope.Lookup(name).(*types.Const)
		if !ok || !c.Exported() {
			continue
		}
		switch c.Type() {
		case types.Typ[types.UntypedRune]:
			t.runes = append(t.runes, name)
		case types.Typ[types.UntypedFloat]:
			if c.Val().Kind() == constant.Int {
				t.floats = append(t.floats, name)
			}
			if r, ok := constant.Val(constant.ToFloat(c.Val())).(*big.Rat); ok && !r.IsInt() {
				if t.fractions == nil {
					t.fractions = make(map[string]*big.Rat)
				}
				t.fractions[name] = r
			}
		}
	}
	return nil
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
