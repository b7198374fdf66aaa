package guard

import (
	"reflect"
	"slices"
	"sync"
)

// copies are what compiled variables lead to, once for the package: a slice, a map or a struct could be changed through any of
// them.
type copies struct {
	mu   sync.Mutex
	made map[uintptr]reflect.Value // by what the original is
}

// Copy returns a variable for the package with a copy of what a compiled one leads to. It is not valid where there is nothing
// that could be changed, and for a nil Guard.
func (g *Guard) Copy(variable reflect.Value) reflect.Value {
	if g == nil || g.Program || !isData(variable.Type(), nil) || !leads(variable.Type()) {
		return reflect.Value{}
	}
	g.globals.copies.mu.Lock()
	defer g.globals.copies.mu.Unlock()
	own := reflect.New(variable.Type()).Elem()
	own.Set(g.globals.copies.of(variable))
	return own
}

var errorType = reflect.TypeFor[error]()

// isData reports whether values of a type are data, and no more: what is an error is that one, and what has fields that are not
// exported cannot be changed, or is not the same when it is copied.
func isData(t reflect.Type, outer []reflect.Type) bool {
	if slices.Contains(outer, t) {
		return false // which none of the standard library is
	}
	outer = append(outer, t)
	if t.Implements(errorType) {
		return false
	}
	switch t.Kind() {
	case reflect.Slice, reflect.Array:
		return isData(t.Elem(), outer) || t.Elem().Kind() == reflect.Pointer || t.Elem().Kind() == reflect.Interface
	case reflect.Map:
		return isData(t.Key(), outer) && isData(t.Elem(), outer)
	case reflect.Pointer:
		return t.Elem().Kind() == reflect.Struct && isData(t.Elem(), outer)
	case reflect.Struct:
		for f := range t.Fields() {
			if !f.IsExported() || !isData(f.Type, outer) && f.Type.Kind() != reflect.Interface {
				return false
			}
		}
		return true
	case reflect.Interface, reflect.Func, reflect.Chan, reflect.UnsafePointer:
		return false
	}
	return true
}

// leads reports whether a value of a type leads to something that an assignment shares.
func leads(t reflect.Type) bool {
	switch t.Kind() {
	case reflect.Slice, reflect.Map, reflect.Pointer:
		return true
	case reflect.Array:
		return leads(t.Elem())
	case reflect.Struct:
		for f := range t.Fields() {
			if leads(f.Type) {
				return true
			}
		}
	}
	return false
}

// of returns a copy of data. What is reached in two ways is one thing in the copy too.
func (c *copies) of(v reflect.Value) reflect.Value {
	switch v.Kind() {
	case reflect.Slice, reflect.Map, reflect.Pointer:
		if v.IsNil() || v.Kind() == reflect.Pointer && !isData(v.Type(), nil) {
			return v
		}
		known, ok := c.made[v.Pointer()]
		if ok && known.Type() == v.Type() && (v.Kind() == reflect.Pointer || known.Len() == v.Len()) {
			return known
		}
	}
	made := reflect.New(v.Type()).Elem()
	switch v.Kind() {
	case reflect.Slice:
		made.Set(reflect.MakeSlice(v.Type(), v.Len(), v.Len()))
		for i := range v.Len() {
			made.Index(i).Set(c.of(v.Index(i)))
		}
	case reflect.Array:
		for i := range v.Len() {
			made.Index(i).Set(c.of(v.Index(i)))
		}
	case reflect.Map:
		made.Set(reflect.MakeMapWithSize(v.Type(), v.Len()))
		for entry := v.MapRange(); entry.Next(); {
			made.SetMapIndex(entry.Key(), c.of(entry.Value()))
		}
	case reflect.Pointer:
		made.Set(reflect.New(v.Type().Elem()))
		made.Elem().Set(c.of(v.Elem()))
	case reflect.Struct:
		for i := range v.NumField() {
			made.Field(i).Set(c.of(v.Field(i)))
		}
	default:
		return v
	}
	switch v.Kind() {
	case reflect.Slice, reflect.Map, reflect.Pointer:
		if c.made == nil {
			c.made = make(map[uintptr]reflect.Value)
		}
		c.made[v.Pointer()] = made
	}
	return made
}
