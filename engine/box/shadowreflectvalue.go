package box

import (
	"fmt"
	"go/types"
	"iter"
	"reflect"
)

// valueFuncs stands in for the methods of reflect.Value that do not change it.
func (p *Program) valueFuncs() map[string]any {
	methods := map[string]any{
		"Bool": get(p, reflect.Value.Bool), "Bytes": get(p, reflect.Value.Bytes), "Cap": get(p, reflect.Value.Cap),
		"CanComplex": get(p, reflect.Value.CanComplex), "CanFloat": get(p, reflect.Value.CanFloat), "CanInt": get(p, reflect.Value.CanInt),
		"CanUint": get(p, reflect.Value.CanUint), "Comparable": get(p, reflect.Value.Comparable), "Complex": get(p, reflect.Value.Complex),
		"Float": get(p, reflect.Value.Float), "Int": get(p, reflect.Value.Int), "IsNil": get(p, reflect.Value.IsNil),
		"Len": get(p, reflect.Value.Len), "Pointer": get(p, reflect.Value.Pointer),
		"Uint": get(p, reflect.Value.Uint), "UnsafePointer": get(p, reflect.Value.UnsafePointer),
		"UnsafeAddr":      get(p, reflect.Value.UnsafeAddr),
		"OverflowComplex": get2(p, reflect.Value.OverflowComplex), "OverflowFloat": get2(p, reflect.Value.OverflowFloat),
		"OverflowInt": get2(p, reflect.Value.OverflowInt), "OverflowUint": get2(p, reflect.Value.OverflowUint),
		"CanAddr": func(v reflect.Value) bool { r := p.reflected(v); return r.v.CanAddr() },
		"CanSet":  func(v reflect.Value) bool { r := p.reflected(v); return r.ro == exportedField && r.v.CanSet() },
		"CanInterface": func(v reflect.Value) bool {
			r := p.reflected(v)
			defer ownPanic()
			return r.ro == exportedField && r.v.CanInterface()
		},
		"IsZero": func(v reflect.Value) bool {
			defer ownPanic()
			r := p.reflected(v)
			if r.t == nil {
				return v.IsZero() // panics
			}
			return isZero(r.t, r.v)
		},
		"CanConvert": p.canConvert,
		"Convert":    p.convert,
		"Interface":  p.interfaceOf,
		"Kind":       func(v reflect.Value) reflect.Kind { return p.reflected(v).kind() },
		"Type": func(v reflect.Value) reflect.Type {
			if r := p.reflected(v); r.t != nil {
				return r.typ()
			}
			defer ownPanic()
			return v.Type() // panics
		},
		"String": func(v reflect.Value) string {
			r := p.reflected(v)
			if r.t == nil || r.kind() == reflect.String {
				return r.now().String()
			}
			return p.valueName(r.t)
		},
		"Equal": func(v, u reflect.Value) bool {
			x, y := p.reflected(v), p.reflected(u)
			if x.t == nil || y.t == nil {
				return x.t == nil && y.t == nil
			}
			return types.Identical(x.t, y.t) && x.now().Equal(y.now())
		},
		"Addr": func(v reflect.Value) reflect.Value {
			r := p.reflected(v)
			return p.value(types.NewPointer(r.t), r.v.Addr(), r.ro)
		},
		"Elem": p.elem, "Field": p.field, "Index": p.index, "MapIndex": p.mapIndex, "MapKeys": p.mapKeys, "MapRange": p.mapRange,
		"NumField": func(v reflect.Value) int {
			r := p.reflected(v)
			if s, ok := r.under().(*types.Struct); ok {
				return s.NumFields()
			}
			return r.now().NumField()
		},
		"FieldByIndex": p.fieldByIndex,
		"FieldByIndexErr": func(v reflect.Value, index []int) (f reflect.Value, err error) {
			defer func() {
				if x := recover(); x != nil {
					err = fmt.Errorf("reflect: %v", x)
				}
			}()
			return p.fieldByIndex(v, index), nil
		},
		"FieldByName": func(v reflect.Value, name string) reflect.Value {
			if f, ok := p.structType(v).FieldByName(name); ok {
				return p.fieldByIndex(v, f.Index)
			}
			return reflect.Value{}
		},
		"FieldByNameFunc": func(v reflect.Value, match func(string) bool) reflect.Value {
			if f, ok := p.structType(v).FieldByNameFunc(match); ok {
				return p.fieldByIndex(v, f.Index)
			}
			return reflect.Value{}
		},
		"Fields":       p.fields,
		"NumMethod":    func(v reflect.Value) int { return p.reflected(v).typ().NumMethod() },
		"MethodByName": p.methodNamed,
		"Method": func(v reflect.Value, i int) reflect.Value {
			return p.methodNamed(v, p.reflected(v).typ().Method(i).Name)
		},
		"Methods": func(v reflect.Value) iter.Seq2[reflect.Method, reflect.Value] {
			return func(yield func(reflect.Method, reflect.Value) bool) {
				for m := range p.reflected(v).typ().Methods() {
					if !yield(m, p.methodNamed(v, m.Name)) {
						return
					}
				}
			}
		},
		"Call":      func(f reflect.Value, args []reflect.Value) []reflect.Value { return p.callValue(f, args, false) },
		"CallSlice": func(f reflect.Value, args []reflect.Value) []reflect.Value { return p.callValue(f, args, true) },
		"Slice": func(v reflect.Value, i, j int) reflect.Value {
			r := p.reflected(v)
			return p.sliced(r, r.now().Slice(i, j))
		},
		"Slice3": func(v reflect.Value, i, j, k int) reflect.Value {
			r := p.reflected(v)
			return p.sliced(r, r.now().Slice3(i, j, k))
		},
		"Recv": func(v reflect.Value) (reflect.Value, bool) {
			r := p.reflected(v)
			_, elem := r.parts()
			x, ok := r.now().Recv()
			return p.value(elem, x, exportedField), ok
		},
		"TryRecv": func(v reflect.Value) (reflect.Value, bool) {
			r := p.reflected(v)
			_, elem := r.parts()
			x, ok := r.now().TryRecv()
			return p.value(elem, x, exportedField), ok
		},
		"Seq":  p.seq,
		"Seq2": p.seq2,
	}
	all := map[string]any{
		"(*reflect.MapIter).Key":   func(i *reflect.MapIter) reflect.Value { return p.opened(i.Key()) },
		"(*reflect.MapIter).Value": func(i *reflect.MapIter) reflect.Value { return p.opened(i.Value()) },
	}
	for name, f := range methods {
		all["(reflect.Value)."+name] = f
	}
	return all
}

func (r reflected) under() types.Type {
	if r.t == nil {
		return nil
	}
	return r.t.Underlying()
}

func (p *Program) structType(v reflect.Value) reflect.Type {
	if r := p.reflected(v); r.kind() == reflect.Struct {
		return r.typ()
	}
	return p.reflected(v).now().Type() // panics where there is no value, as what comes next does where it is no struct
}

func (p *Program) fieldByIndex(v reflect.Value, index []int) reflect.Value {
	for n, i := range index {
		if n > 0 && p.reflected(v).kind() == reflect.Pointer {
			if p.reflected(v).now().IsNil() {
				panic("reflect: indirection through nil pointer to embedded struct")
			}
			v = p.elem(v)
		}
		v = p.field(v, i)
	}
	return v
}

func (p *Program) fields(v reflect.Value) iter.Seq2[reflect.StructField, reflect.Value] {
	return func(yield func(reflect.StructField, reflect.Value) bool) {
		t := p.structType(v)
		for i := range t.NumField() {
			if !yield(t.Field(i), p.field(v, i)) {
				return
			}
		}
	}
}

// sliced returns a part of a string, slice or array.
func (p *Program) sliced(r reflected, part reflect.Value) reflect.Value {
	if a, ok := r.under().(*types.Array); ok {
		return p.value(types.NewSlice(a.Elem()), part, r.ro)
	}
	return p.value(r.t, part, r.ro)
}

func (p *Program) seq(v reflect.Value) iter.Seq[reflect.Value] {
	r := p.reflected(v)
	key, elem := r.parts()
	t := key
	if r.kind() == reflect.Chan {
		t = elem
	}
	return func(yield func(reflect.Value) bool) {
		for x := range r.now().Seq() {
			switch r.kind() {
			case reflect.Map, reflect.Chan:
				x = p.value(t, x, exportedField)
			}
			if !yield(x) {
				return
			}
		}
	}
}

func (p *Program) seq2(v reflect.Value) iter.Seq2[reflect.Value, reflect.Value] {
	r := p.reflected(v)
	key, elem := r.parts()
	return func(yield func(x, y reflect.Value) bool) {
		for x, y := range r.now().Seq2() {
			switch r.kind() {
			case reflect.Map:
				x, y = p.value(key, x, exportedField), p.value(elem, y, exportedField)
			case reflect.Slice, reflect.Array:
				y = p.value(elem, y, exportedField)
			}
			if !yield(x, y) {
				return
			}
		}
	}
}
