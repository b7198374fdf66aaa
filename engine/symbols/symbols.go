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

// table is the symbols of one package.
type table struct {
	*stdlib.Package
	load func() map[string]reflect.Value // nil for Symbols

	loading sync.Once
	loaded  map[string]reflect.Value

	sealing sync.Once
	seals   []reflect.Type
}

// std has the tables of the standard library and of the SDK that were asked for, by import path: a plugin uses few.
var std sync.Map // of *table

// stdTable returns the table of a package of these, nil where there is none. That is not kept: paths come from others.
func stdTable(importPath string) *table {
	if t, ok := std.Load(importPath); ok {
		return t.(*table)
	}
	p, ok := stdlib.Lookup(importPath)
	if !ok {
		return nil
	}
	t, _ := std.LoadOrStore(p.Path, &table{Package: p})
	return t.(*table)
}

// symbols returns the symbols, which are made when they are first asked for.
func (t *table) symbols() map[string]reflect.Value {
	t.loading.Do(func() {
		if t.load == nil {
			t.load = t.Symbols
		}
		t.loaded = t.load()
	})
	return t.loaded
}

// sealed returns the interfaces with methods that are not exported, sorted by name.
func (t *table) sealed() []reflect.Type {
	t.sealing.Do(func() { t.seals = t.findSealed() })
	return t.seals
}

func (t *table) findSealed() []reflect.Type {
	var found []reflect.Type
	if t.IsGenerated() {
		for _, name := range t.Sealed() {
			found = append(found, t.symbols()[name].Type().Elem())
		}
		return found
	}
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
