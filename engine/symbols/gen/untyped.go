package main

import (
	"go/constant"
	"go/importer"
	"go/token"
	"go/types"
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
		}
	}
	return nil
}
