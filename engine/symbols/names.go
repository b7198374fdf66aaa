package symbols

import (
	"reflect"
	"slices"

	"github.com/scriptd/scriptd/engine/symbols/stdlib"
)

// Paths returns the import paths of all packages that have a table, sorted.
func (u *Universe) Paths() []string {
	paths := append(stdlib.Paths(), u.offered...)
	slices.Sort(paths)
	return paths
}

// Symbols returns the table of a package, as stdlib.Package describes it; nil where there is none. The caller does not change it.
func (u *Universe) Symbols(importPath string) map[string]reflect.Value {
	t := u.table(importPath)
	if t == nil || importPath == Host {
		return nil
	}
	return t.symbols()
}

// Scan is Symbols for those who look at many tables once: it does not keep what was not there before.
func (u *Universe) Scan(importPath string) map[string]reflect.Value {
	if pkg, ok := stdlib.Lookup(importPath); ok {
		return pkg.Symbols()
	}
	return u.Symbols(importPath)
}
