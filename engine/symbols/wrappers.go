package symbols

import (
	"go/types"
	"maps"
	"reflect"
	"slices"
)

// Wrapper is the generated type through which an interpreted value becomes a value of an interface type.
type Wrapper struct {
	// Path is the package of the interface, Name its name with a leading underscore.
	Path, Name string
	Value      reflect.Value
}

// Wrappers returns the wrappers of all interfaces that a package's symbols mention, and what those mention in turn:
// all that an interpreted value may have to become where the package is used. The caller does not change the slice.
func (u *Universe) Wrappers(importPath string) []Wrapper {
	t := u.table(importPath)
	if t == nil {
		return nil
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	if found, ok := u.wrappers[importPath]; ok {
		return found
	}
	m := mentions{seen: make(map[reflect.Type]bool), interfaces: make(map[[2]string]bool)}
	for _, v := range t.symbols() {
		m.walk(v.Type())
	}
	found := []Wrapper{}
	for _, key := range slices.SortedFunc(maps.Keys(m.interfaces), func(a, b [2]string) int { return slices.Compare(a[:], b[:]) }) {
		if owner := u.table(key[0]); owner != nil {
			if v, ok := owner.symbols()["_"+key[1]]; ok {
				found = append(found, Wrapper{Path: key[0], Name: "_" + key[1], Value: v})
			}
		}
	}
	u.wrappers[importPath] = found
	return found
}

// Unwrapped says why an interpreted value cannot become one of an interface, for the interfaces of a host: it is empty where it can,
// and for those of the standard library.
func (u *Universe) Unwrapped(iface *types.TypeName) string {
	if iface.Pkg() == nil || Std().Has(iface.Pkg().Path()) {
		return ""
	}
	importPath, name := iface.Pkg().Path(), iface.Name()
	i, ok := iface.Type().Underlying().(*types.Interface)
	if !ok || !u.IsOffered(importPath) {
		return "the host has no symbols of package " + importPath + ", which it has to extract too"
	}
	for m := range i.Methods() {
		if !m.Exported() {
			return "its method " + m.Name() + " is not exported"
		}
	}
	if _, ok := u.Symbol(importPath, "_"+name); !ok {
		return "the symbols of package " + importPath + " have no wrapper of it"
	}
	return ""
}

// mentions collects the interfaces, by package path and name, that can be reached from types without unexported names.
type mentions struct {
	seen       map[reflect.Type]bool
	interfaces map[[2]string]bool
}

func (m *mentions) walk(t reflect.Type) {
	if m.seen[t] {
		return
	}
	m.seen[t] = true
	switch t.Kind() {
	case reflect.Array, reflect.Slice, reflect.Chan, reflect.Pointer:
		m.walk(t.Elem())
	case reflect.Map:
		m.walk(t.Key())
		m.walk(t.Elem())
	case reflect.Func:
		for in := range t.Ins() {
			m.walk(in)
		}
		for out := range t.Outs() {
			m.walk(out)
		}
	case reflect.Struct:
		for f := range t.Fields() {
			if f.IsExported() {
				m.walk(f.Type)
			}
		}
	case reflect.Interface:
		if t.Name() != "" && t.PkgPath() != "" {
			m.interfaces[[2]string{t.PkgPath(), t.Name()}] = true
		}
	}
	if t.Kind() == reflect.Interface || t.Name() != "" {
		m.methods(t)
	}
	if t.Name() != "" && t.Kind() != reflect.Interface {
		m.methods(reflect.PointerTo(t))
	}
}

func (m *mentions) methods(t reflect.Type) {
	for method := range t.Methods() {
		m.walk(method.Type)
	}
}
