package rt

import (
	"reflect"

	"github.com/scriptd/scriptd/engine/box"
)

// holdsWrappers reports whether values of a type are structs or arrays whose interfaces may hold wrappers, or boxes with such
// structs in them: the language does not compare wrappers.
func (p *Program) holdsWrappers(t reflect.Type) bool {
	if k := t.Kind(); k != reflect.Struct && k != reflect.Array {
		return false
	}
	if known, ok := p.wrapping.Load(t); ok {
		return known.(bool)
	}
	holds := false
	switch {
	case t.Kind() == reflect.Array:
		holds = p.mayWrap(t.Elem())
	case t.PkgPath() == "":
		for f := range t.Fields() {
			holds = holds || p.mayWrap(f.Type)
		}
	}
	p.wrapping.Store(t, holds)
	return holds
}

func (p *Program) mayWrap(t reflect.Type) bool {
	return t.Kind() == reflect.Interface || p.holdsWrappers(t)
}

// equalParts is == of structs and arrays, part by part.
func (p *Program) equalParts(x, y reflect.Value) bool {
	switch {
	case x.Kind() == reflect.Interface:
		return p.equal(box.Unwrap(x.Interface()), box.Unwrap(y.Interface()))
	case x.Kind() == reflect.Array:
		for i := range x.Len() {
			if !p.equalParts(x.Index(i), y.Index(i)) {
				return false
			}
		}
		return true
	case x.Kind() == reflect.Struct && x.Type().PkgPath() == "":
		for i := range x.NumField() {
			if !p.equalParts(x.Field(i), y.Field(i)) {
				return false
			}
		}
		return true
	}
	return x.Interface() == y.Interface()
}
