package carry

import (
	"reflect"
	"strings"
	"sync"
)

// Table names types and error variables by the symbol tables of their packages, which both sides have. It is safe for concurrent
// use.
type Table struct {
	// Symbols returns the symbols of a package by their names, as yaegi's extract makes them: a type as a nil pointer to it, a variable
	// as a value that can be set. Nil is no such package.
	Symbols func(importPath string) map[string]reflect.Value
	// Packages lists the import paths of all packages.
	Packages func() []string
	// Scan is Symbols for one look at all packages. Nil is Symbols.
	Scan func(importPath string) map[string]reflect.Value

	once   sync.Once
	errors map[error]string
}

// typeName returns the name of a type, with its import path.
func (t *Table) typeName(typ reflect.Type) (string, bool) {
	if t == nil || typ.Name() == "" || typ.PkgPath() == "" {
		return "", false
	}
	v, ok := t.Symbols(typ.PkgPath())[typ.Name()]
	if !ok || !isType(v) || v.Type().Elem() != typ {
		return "", false
	}
	return typ.PkgPath() + "." + typ.Name(), true
}

// isType reports whether a symbol is a type.
func isType(v reflect.Value) bool { return v.Kind() == reflect.Pointer && !v.CanAddr() && v.IsNil() }

// typeOf is the reverse of typeName.
func (t *Table) typeOf(name string) (reflect.Type, bool) {
	v, ok := t.symbol(name)
	if !ok || !isType(v) {
		return nil, false
	}
	return v.Type().Elem(), true
}

func (t *Table) symbol(name string) (reflect.Value, bool) {
	dot := strings.LastIndexByte(name, '.')
	if t == nil || dot < 0 || strings.HasPrefix(name[dot+1:], "_") {
		return reflect.Value{}, false
	}
	v, ok := t.Symbols(name[:dot])[name[dot+1:]]
	return v, ok
}

// errorName returns the name of a variable whose value an error is.
func (t *Table) errorName(err error) (string, bool) {
	if t == nil || !reflect.ValueOf(err).Comparable() {
		return "", false
	}
	t.once.Do(t.findErrors)
	name, ok := t.errors[err]
	return name, ok
}

// findErrors looks at the variables of all packages. Of several with the same value, the first counts.
func (t *Table) findErrors() {
	t.errors = make(map[error]string)
	scan := t.Scan
	if scan == nil {
		scan = t.Symbols
	}
	for _, path := range t.Packages() {
		for name, v := range scan(path) {
			err, ok := errorIn(v)
			if !ok || !reflect.ValueOf(err).Comparable() {
				continue
			}
			full := path + "." + name
			if before, ok := t.errors[err]; !ok || strings.HasPrefix(before, path+".") && full < before {
				t.errors[err] = full
			}
		}
	}
}

// errorIn returns the error that a variable holds.
func errorIn(v reflect.Value) (error, bool) { //nolint:revive // whether there is one comes last
	if !v.CanAddr() || !v.Type().Implements(errorType) {
		return nil, false
	}
	if k := v.Kind(); (k == reflect.Interface || k == reflect.Pointer) && v.IsNil() {
		return nil, false
	}
	err, ok := reflect.TypeAssert[error](v)
	return err, ok
}

// errorOf is the reverse of errorName.
func (t *Table) errorOf(name string) (error, bool) { //nolint:revive // whether there is one comes last
	v, ok := t.symbol(name)
	if !ok {
		return nil, false
	}
	return errorIn(v)
}
