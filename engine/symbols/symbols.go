// Package symbols holds what plugins may use of compiled code: symbol tables for the interpreter, the same symbols as
// a universe of types for the type checker, and for each symbol the permission that it needs.
//
//	universe := symbols.Std()
//	pkg, err := universe.Import("net/http")           // a *types.Package
//	group := symbols.GroupOf("os", "ReadFile")        // symbols.Read
//	value, ok := universe.Symbol("strings", "ToUpper")
package symbols

import (
	"maps"
	"path"
	"reflect"
	"slices"
	"sync"

	"github.com/scriptd/scriptd/engine/symbols/stdlib"
)

//go:generate go run ./gen

// SDK is the import path of the package that plugins register with.
const SDK = "github.com/scriptd/scriptd/plugin"

// table is the symbols of one package, built when they are first needed.
type table struct {
	stdlib.Package
	symbols func() map[string]reflect.Value
	sealed  func() []reflect.Type // the interfaces with methods that are not exported, sorted by name
}

func stdTables() map[string]*table {
	tables := make(map[string]*table)
	for _, p := range stdlib.Paths() {
		pkg, _ := stdlib.Lookup(p)
		t := &table{Package: pkg, symbols: sync.OnceValue(pkg.Symbols)}
		t.sealed = sync.OnceValue(t.findSealed)
		tables[p] = t
	}
	return tables
}

func (t *table) findSealed() []reflect.Type {
	var found []reflect.Type
	symbols := t.symbols()
	for _, name := range slices.Sorted(maps.Keys(symbols)) {
		v := symbols[name]
		if isTypeSymbol(v) && v.Type().Elem().Kind() == reflect.Interface && isSealed(v.Type().Elem()) {
			found = append(found, v.Type().Elem())
		}
	}
	return found
}

// baseName is the package name that an import path suggests.
func baseName(importPath string) string { return path.Base(importPath) }
