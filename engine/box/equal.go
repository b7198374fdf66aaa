package box

import (
	"go/types"
	"reflect"
)

// equalFuncs stands in for reflect.DeepEqual.
func (p *Program) equalFuncs() map[string]any {
	return map[string]any{"reflect.DeepEqual": p.DeepEqual}
}

// DeepEqual is reflect.DeepEqual over values as interfaces of the program hold them.
func (p *Program) DeepEqual(x, y any) bool {
	tx, vx := p.dynamicOf(x)
	ty, vy := p.dynamicOf(y)
	if tx == nil || ty == nil {
		return tx == nil && ty == nil
	}
	e := equality{prog: p}
	return types.Identical(tx, ty) && e.equal(tx, vx, vy)
}

// equality compares two values.
type equality struct {
	prog *Program
	seen map[equalPair]bool
}

// equalPair is two values that are being compared, or were: where they are met again, they are equal as far as that goes.
type equalPair struct {
	t    *Type
	x, y uintptr
}

func (e *equality) equal(t types.Type, x, y reflect.Value) bool {
	x, y = even(t, x), even(t, y)
	if !x.IsValid() || !y.IsValid() {
		return isNil(x) && isNil(y)
	}
	if isHost(x.Type()) && x.Kind() != reflect.Interface {
		return reflect.DeepEqual(x.Interface(), y.Interface())
	}
	switch x.Kind() {
	case reflect.Pointer, reflect.Map, reflect.Slice:
		return e.references(t, x, y)
	case reflect.Interface:
		tx, vx := e.prog.dynamic(x)
		ty, vy := e.prog.dynamic(y)
		if tx == nil || ty == nil {
			return tx == nil && ty == nil
		}
		return types.Identical(tx, ty) && e.equal(tx, vx, vy)
	case reflect.Struct:
		s := t.Underlying().(*types.Struct)
		for i := range s.NumFields() {
			if !e.equal(s.Field(i).Type(), x.Field(i), y.Field(i)) {
				return false
			}
		}
		return true
	case reflect.Array:
		return e.elements(t.Underlying().(*types.Array).Elem(), x, y)
	case reflect.Func:
		return x.IsNil() && y.IsNil()
	default:
		return x.Equal(y)
	}
}

// isNil reports whether a value is nil, or was never set.
func isNil(v reflect.Value) bool {
	switch v.Kind() {
	case reflect.Invalid:
		return true
	case reflect.Pointer, reflect.Map, reflect.Slice, reflect.Interface, reflect.Func, reflect.Chan:
		return v.IsNil()
	}
	return false
}

// references compares what pointers, maps and slices lead to.
func (e *equality) references(t types.Type, x, y reflect.Value) bool {
	if x.IsNil() || y.IsNil() {
		return x.IsNil() == y.IsNil()
	}
	if x.Kind() != reflect.Pointer && x.Len() != y.Len() {
		return false
	}
	if x.Pointer() == y.Pointer() {
		return true
	}
	pair := equalPair{e.prog.Type(t), x.Pointer(), y.Pointer()}
	if e.seen[pair] {
		return true
	}
	if e.seen == nil {
		e.seen = make(map[equalPair]bool)
	}
	e.seen[pair] = true
	switch u := t.Underlying().(type) {
	case *types.Pointer:
		return e.equal(u.Elem(), x.Elem(), y.Elem())
	case *types.Slice:
		return e.elements(u.Elem(), x, y)
	case *types.Map:
		for of := x.MapRange(); of.Next(); {
			other := y.MapIndex(of.Key())
			if !other.IsValid() || !e.equal(u.Elem(), of.Value(), other) {
				return false
			}
		}
	}
	return true
}

func (e *equality) elements(elem types.Type, x, y reflect.Value) bool {
	for i := range x.Len() {
		if !e.equal(elem, x.Index(i), y.Index(i)) {
			return false
		}
	}
	return true
}
