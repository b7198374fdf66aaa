package box

import (
	"fmt"
	"go/types"
	"reflect"
)

// reflected is what a reflect.Value of the program holds where its type is one of the program, or where it was got through
// a field that is not exported: a value and its type. Compiled code sees such a reflect.Value as one of this struct.
type reflected struct {
	prog *Program
	t    types.Type
	v    reflect.Value
	ro   fieldAccess
}

// fieldAccess is how a value was got: what was got through fields that are not exported can be read only.
type fieldAccess int

const (
	exportedField fieldAccess = iota
	embeddedField             // an embedded field that is not exported: its exported fields are open again
	hiddenField
)

var reflectedType = reflect.TypeFor[reflected]()

// value returns a reflect.Value for a value of type t.
func (p *Program) value(t types.Type, v reflect.Value, ro fieldAccess) reflect.Value {
	if !v.IsValid() {
		return v
	}
	p.noteKept(t, v)
	if ro == exportedField && !odd(t, v.Type()) && !p.boxes(t) {
		return v
	}
	return reflect.ValueOf(reflected{p, t, v, ro})
}

// reflected returns what a reflect.Value of the program is. The type is nil for the zero Value.
func (p *Program) reflected(v reflect.Value) reflected {
	if !v.IsValid() {
		return reflected{}
	}
	if v.Type() == reflectedType {
		r, _ := reflect.TypeAssert[reflected](v)
		return r
	}
	return reflected{prog: p, t: p.universe.TypeOf(v.Type()), v: v}
}

// now returns the value in its erased form.
func (r reflected) now() reflect.Value {
	if r.t == nil {
		return reflect.Value{}
	}
	if v := even(r.t, r.v); v.IsValid() {
		return v
	}
	if rt := r.prog.erase(r.t); rt != nil {
		return reflect.Zero(rt)
	}
	return reflect.Value{}
}

// typ returns the type as Value.Type does.
func (r reflected) typ() reflect.Type {
	if v := even(r.t, r.v); v.IsValid() {
		return r.prog.reflectType(r.t, v.Type())
	}
	return r.prog.reflectType(r.t, nil)
}

func (r reflected) kind() reflect.Kind {
	if r.t == nil {
		return reflect.Invalid
	}
	return kindOf(r.t)
}

// valueOf is reflect.ValueOf.
func (p *Program) valueOf(x any) reflect.Value {
	t, v := p.dynamicOf(x)
	if t == nil {
		return reflect.Value{}
	}
	return p.value(t, v, exportedField)
}

// held returns the value as an any holds it.
func (r reflected) held() any {
	if r.kind() == reflect.Interface {
		if r.v.IsNil() {
			return nil
		}
		return Unwrap(r.v.Interface())
	}
	if v := r.now(); !r.prog.boxes(r.t) {
		return v.Interface()
	}
	return r.prog.Type(r.t).Box(r.prog.stored(r.t, r.now()).Interface())
}

// interfaceOf is Value.Interface.
func (p *Program) interfaceOf(v reflect.Value) any {
	r := p.reflected(v)
	if r.t == nil {
		return v.Interface() // panics
	}
	if r.ro != exportedField {
		panic("reflect.Value.Interface: cannot return value obtained from unexported field or method")
	}
	return r.held()
}

// Format implements fmt.Formatter: fmt prints what a reflect.Value holds.
func (r reflected) Format(s fmt.State, verb rune) {
	x := r.held()
	if f, ok := x.(fmt.Formatter); ok {
		f.Format(s, verb)
		return
	}
	fmt.Fprintf(s, fmt.FormatString(s, verb), x)
}

// assign returns a value, in the erased form, as one of type t with reflect type rt. What says where it goes.
func (p *Program) assign(what string, t types.Type, rt reflect.Type, x reflect.Value) reflect.Value {
	r := p.reflected(x)
	if r.t == nil {
		return reflect.Zero(rt).Convert(rt)
	}
	if r.ro != exportedField {
		panic("reflect: " + what + " using value obtained using unexported field")
	}
	if !types.AssignableTo(r.t, t) {
		panic(what + ": value of type " + p.name(r.t) + " is not assignable to type " + p.name(t))
	}
	if isInterface(t) {
		return p.inInterface(r, rt)
	}
	v := r.now()
	if odd(t, rt) {
		return p.stored(t, v)
	}
	if v.Type() != rt && v.CanConvert(rt) {
		v = v.Convert(rt)
	}
	return v
}

// inInterface returns a value as one of an interface type holds it.
func (p *Program) inInterface(r reflected, rt reflect.Type) reflect.Value {
	to := reflect.New(rt).Elem()
	x := r.held()
	if x == nil {
		return to
	}
	if v := reflect.ValueOf(x); v.Type().AssignableTo(rt) && (rt.NumMethod() == 0 || v.Type() != reflect.TypeFor[Box]()) {
		to.Set(v)
		return to
	}
	b, ok := x.(Box)
	switch {
	case !ok:
	case rt == reflect.TypeFor[error]():
		if err, ok := p.Error(b); ok {
			to.Set(reflect.ValueOf(err))
		}
	case p.Wrap != nil:
		to.Set(p.Wrap(b, rt))
	}
	return to
}

// target returns a value that a method is about to change.
func (r reflected) target(method string) reflect.Value {
	if r.ro != exportedField {
		panic("reflect: reflect.Value." + method + " using value obtained using unexported field")
	}
	if r.t != nil && odd(r.t, r.v.Type()) && r.v.Kind() == reflect.Struct {
		return r.v.Field(0)
	}
	return r.v
}

// field is Value.Field.
func (p *Program) field(v reflect.Value, i int) reflect.Value {
	defer ownPanic()
	r := p.reflected(v)
	raw := r.now()
	s, ok := types.Type(nil), false
	if r.t != nil {
		s, ok = r.t.Underlying(), raw.Kind() == reflect.Struct
	}
	if !ok || isHost(raw.Type()) {
		return raw.Field(i)
	}
	if i < 0 || i >= s.(*types.Struct).NumFields() {
		panic("reflect: Field index out of range")
	}
	f := s.(*types.Struct).Field(i)
	ro := r.ro
	if ro == embeddedField {
		ro = exportedField
	}
	if !f.Exported() && ro != hiddenField {
		ro = hiddenField
		if f.Embedded() {
			ro = embeddedField
		}
	}
	return p.value(f.Type(), raw.Field(i), ro)
}

// elem is Value.Elem.
func (p *Program) elem(v reflect.Value) reflect.Value {
	defer ownPanic()
	r := p.reflected(v)
	switch r.kind() {
	case reflect.Interface:
		t, held := p.dynamic(r.v)
		if t == nil {
			return reflect.Value{}
		}
		return p.value(t, held, r.ro)
	case reflect.Pointer:
		raw := r.now()
		return p.value(r.t.Underlying().(*types.Pointer).Elem(), raw.Elem(), r.ro)
	}
	return r.now().Elem()
}

// parts returns the types of keys and elements.
func (r reflected) parts() (key, elem types.Type) {
	if r.t == nil {
		return nil, nil
	}
	if m, ok := r.t.Underlying().(*types.Map); ok {
		return m.Key(), m.Elem()
	}
	if e, ok := r.t.Underlying().(interface{ Elem() types.Type }); ok {
		return types.Typ[types.Int], e.Elem()
	}
	return types.Typ[types.Int], types.Typ[types.Uint8]
}

// index is Value.Index.
func (p *Program) index(v reflect.Value, i int) reflect.Value {
	r := p.reflected(v)
	_, elem := r.parts()
	defer ownPanic()
	return p.value(elem, r.now().Index(i), r.ro)
}

func (p *Program) mapIndex(v, key reflect.Value) reflect.Value {
	defer ownPanic()
	r := p.reflected(v)
	kt, elem := r.parts()
	raw := r.now()
	if raw.Kind() != reflect.Map {
		return raw.MapIndex(key)
	}
	return p.value(elem, raw.MapIndex(p.assign("reflect.Value.MapIndex", kt, raw.Type().Key(), key)), r.ro)
}

func (p *Program) mapKeys(v reflect.Value) []reflect.Value {
	defer ownPanic()
	r := p.reflected(v)
	kt, _ := r.parts()
	keys := r.now().MapKeys()
	for i, k := range keys {
		keys[i] = p.value(kt, k, r.ro)
	}
	return keys
}

// mapRange is Value.MapRange. The iterator of a map of the program goes through a copy whose keys and elements are
// reflected.
func (p *Program) mapRange(v reflect.Value) *reflect.MapIter {
	defer ownPanic()
	r := p.reflected(v)
	kt, elem := r.parts()
	raw := r.now()
	if raw.Kind() != reflect.Map || !p.boxes(r.t) && r.ro == exportedField {
		return raw.MapRange()
	}
	copied := make(map[reflected]reflected, raw.Len())
	for of := raw.MapRange(); of.Next(); {
		copied[reflected{p, kt, of.Key(), r.ro}] = reflected{p, elem, of.Value(), r.ro}
	}
	return reflect.ValueOf(copied).MapRange()
}

// opened returns a Value from an iterator, as the program is to have it.
func (p *Program) opened(v reflect.Value) reflect.Value {
	r := p.reflected(v)
	return p.value(r.t, r.v, r.ro)
}
