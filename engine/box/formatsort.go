package box

import (
	"cmp"
	"reflect"
	"slices"
)

type entry struct{ key, value reflect.Value }

// sorted returns the entries of a map in the order in which fmt prints them. key is the type of the keys where it is one
// of the program.
func (p *printer) sorted(key *Type, v reflect.Value) []entry {
	entries := make([]entry, 0, v.Len())
	for it := v.MapRange(); it.Next(); {
		entries = append(entries, entry{it.Key(), it.Value()})
	}
	slices.SortStableFunc(entries, func(x, y entry) int { return p.compare(key, x.key, y.key) })
	return entries
}

// compare orders two keys of one type: nil first, numbers and strings as < does, false before true, addresses, the
// parts of structs and arrays in turn, and values of interfaces by their types first.
func (p *printer) compare(t *Type, x, y reflect.Value) int {
	if t != nil {
		x, y = shaped(t, x), shaped(t, y)
		t = natural(t, x)
	}
	if !x.IsValid() || !y.IsValid() {
		return compareBool(x.IsValid(), y.IsValid())
	}
	switch x.Kind() {
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return cmp.Compare(x.Int(), y.Int())
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		return cmp.Compare(x.Uint(), y.Uint())
	case reflect.String:
		return cmp.Compare(x.String(), y.String())
	case reflect.Float32, reflect.Float64:
		return cmp.Compare(x.Float(), y.Float())
	case reflect.Complex64, reflect.Complex128:
		i, j := x.Complex(), y.Complex()
		return cmp.Or(cmp.Compare(real(i), real(j)), cmp.Compare(imag(i), imag(j)))
	case reflect.Bool:
		return compareBool(x.Bool(), y.Bool())
	case reflect.Pointer, reflect.UnsafePointer, reflect.Chan:
		return cmp.Compare(x.Pointer(), y.Pointer())
	case reflect.Struct:
		return p.compareFields(t, x, y)
	case reflect.Array:
		var elem *Type
		if t != nil {
			elem = t.form().elem
		}
		for i := range x.Len() {
			if c := p.compare(elem, x.Index(i), y.Index(i)); c != 0 {
				return c
			}
		}
	case reflect.Interface:
		return p.compareDynamic(x, y)
	}
	return 0
}

func compareBool(x, y bool) int {
	switch {
	case x == y:
		return 0
	case x:
		return 1
	default:
		return -1
	}
}

func (p *printer) compareFields(t *Type, x, y reflect.Value) int {
	n := x.NumField()
	if t != nil {
		n = len(t.form().fields)
	}
	for i := range n {
		f := fieldOf(t, x, i)
		if c := p.compare(f.typ, x.Field(i), y.Field(i)); c != 0 {
			return c
		}
	}
	return 0
}

func (p *printer) compareDynamic(x, y reflect.Value) int {
	if x.IsNil() || y.IsNil() {
		return compareBool(!x.IsNil(), !y.IsNil())
	}
	xt, x := p.dynamic(x)
	yt, y := p.dynamic(y)
	switch {
	case xt != yt:
		return cmp.Compare(idOf(xt), idOf(yt))
	case xt == nil && x.Type() != y.Type():
		return cmp.Compare(reflect.ValueOf(x.Type()).Pointer(), reflect.ValueOf(y.Type()).Pointer())
	}
	return p.compare(xt, x, y)
}

func idOf(t *Type) int {
	if t == nil {
		return 0
	}
	return t.ID
}
