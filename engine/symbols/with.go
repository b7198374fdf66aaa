package symbols

import (
	"fmt"
	"maps"
	"path"
	"reflect"
	"slices"
	"strings"

	"github.com/scriptd/scriptd/engine/symbols/generic"
	"github.com/scriptd/scriptd/engine/symbols/stdlib"
)

// RuneMark is how the key of a table begins that says of the constant whose name follows that it is a rune: the values of
// untyped constants do not tell. Tables that scriptd extract writes have it; those of yaegi have integers there.
const RuneMark = "_rune "

// With returns the universe of the standard library, the plugin SDK and the packages of a host, whose tables are as yaegi
// and scriptd extract generate them: symbols by name, as stdlib.Package describes them, by import path and package name:
// "example.com/app/users/users". Without tables it is Std.
//
// An error is one of the tables: a package that is there already, a symbol that is none, an interface without its wrapper.
func With[E ~map[string]map[string]reflect.Value](exports ...E) (*Universe, error) {
	offered := make(map[string]*table)
	for _, e := range exports {
		for _, key := range slices.Sorted(maps.Keys(e)) {
			t, err := newTable(key, e[key])
			if err != nil {
				return nil, fmt.Errorf("symbols: %w", err)
			}
			switch {
			case Std().Has(t.Path), generic.Files(t.Path) != nil:
				return nil, fmt.Errorf("symbols: package %s is there already: it is one of the standard library's or scriptd's own", t.Path)
			case offered[t.Path] != nil:
				return nil, fmt.Errorf("symbols: two tables of package %s", t.Path)
			}
			offered[t.Path] = t
		}
	}
	if len(offered) == 0 {
		return Std(), nil
	}
	return newUniverse(offered), nil
}

// newTable makes a table of a host's package.
func newTable(key string, symbols map[string]reflect.Value) (*table, error) {
	importPath, name := path.Split(key)
	importPath = strings.TrimSuffix(importPath, "/")
	if importPath == "" || !isIdentifier(name) {
		return nil, fmt.Errorf("table %q: want a key that is an import path, a slash and the name of the package", key)
	}
	symbols = maps.Clone(symbols)
	t := &table{
		Package: &stdlib.Package{Path: importPath, Name: name},
		load:    func() map[string]reflect.Value { return symbols },
	}
	for _, name := range slices.Sorted(maps.Keys(symbols)) {
		if err := t.checkSymbol(name, symbols[name]); err != nil {
			return nil, fmt.Errorf("package %s: %w", importPath, err)
		}
	}
	return t, nil
}

// Offered returns the import paths of the packages that a host has added to those of Std, sorted.
func (u *Universe) Offered() []string { return slices.Clone(u.offered) }

// IsOffered reports whether a package is one that a host has added.
func (u *Universe) IsOffered(importPath string) bool {
	_, found := slices.BinarySearch(u.offered, importPath)
	return found
}

// Select returns a universe which, of the packages that a host has added, has only these: u itself where that is all of them.
func (u *Universe) Select(importPaths []string) *Universe {
	selected := slices.DeleteFunc(u.Offered(), func(p string) bool { return !slices.Contains(importPaths, p) })
	switch len(selected) {
	case len(u.offered):
		return u
	case 0:
		return Std()
	}
	offered := make(map[string]*table, len(selected))
	for _, p := range selected {
		offered[p] = u.own[p]
	}
	return newUniverse(offered)
}
