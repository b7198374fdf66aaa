package symbols

import (
	"errors"
	"fmt"
	"go/constant"
	"go/token"
	"iter"
	"reflect"
	"strings"
)

func isIdentifier(name string) bool { return token.IsIdentifier(name) && name != "_" }

// isRune reports whether the untyped constant of that name is a rune.
func (t *table) isRune(name string) bool {
	_, marked := t.symbols()[RuneMark+name]
	return marked || t.IsRune(name)
}

// checkSymbol looks at what a host's table has under a name.
func (t *table) checkSymbol(name string, v reflect.Value) error {
	if !v.IsValid() {
		return fmt.Errorf("symbol %s has no value", name)
	}
	if strings.HasPrefix(name, RuneMark) {
		return nil
	}
	wrapped, isWrapper := strings.CutPrefix(name, "_")
	if !isIdentifier(name) || !isWrapper && !token.IsExported(name) || isWrapper && !token.IsExported(wrapped) {
		return fmt.Errorf("symbol %q: want an exported name, or that of an interface with a _ before it", name)
	}
	switch {
	case isWrapper && !isTypeSymbol(v):
		return fmt.Errorf("symbol %s: want a type, have a %s", name, v.Kind())
	case isWrapper:
		return nil // its interface is looked at
	case isTypeSymbol(v):
		return t.checkType(name, v.Type().Elem())
	case v.CanAddr(), v.Kind() == reflect.Func && !v.IsNil():
		return nil
	}
	if _, ok := constantOf(v); !ok {
		return fmt.Errorf("symbol %s: want a type, a function, a constant or a variable that can be set, have a %s", name, v.Type())
	}
	return nil
}

// isTypeSymbol reports whether a symbol stands for the type that it would point to.
func isTypeSymbol(v reflect.Value) bool {
	return v.Kind() == reflect.Pointer && v.IsNil() && !v.CanAddr()
}

func (t *table) checkType(name string, typ reflect.Type) error {
	if typ.PkgPath() != t.Path {
		return nil // an alias
	}
	if generic, _, ok := strings.Cut(typ.Name(), "["); ok && generic == name {
		return fmt.Errorf("type %s is generic: there is no compiled form of it that a table could have", name)
	}
	if typ.Name() != name || typ.Kind() != reflect.Interface || typ.NumMethod() == 0 || isSealed(typ) {
		return nil
	}
	wrapper, ok := t.symbols()["_"+name]
	if !ok && isBeyond(typ) {
		return nil
	}
	if !ok {
		return fmt.Errorf("interface %s has no wrapper _%s: generate the table anew with scriptd extract", name, name)
	}
	if err := checkWrapper(wrapper, typ); err != nil {
		return fmt.Errorf("wrapper _%s: %w: generate the table anew with scriptd extract", name, err)
	}
	return nil
}

// isSealed reports whether an interface has methods that are not exported: no plugin has a type that implements it.
func isSealed(i reflect.Type) bool {
	for m := range i.Methods() {
		if !m.IsExported() {
			return true
		}
	}
	return false
}

// isBeyond reports whether the methods of an interface mention what a wrapper may not be able to name: types that are not exported,
// and those of internal packages. Or they have the names of its fields.
func isBeyond(i reflect.Type) bool {
	for m := range i.Methods() {
		_, isField := i.MethodByName(strings.TrimPrefix(m.Name, "W"))
		if m.Name == "IValue" || isField && strings.HasPrefix(m.Name, "W") {
			return true
		}
		if mentionsType(m.Type, func(t reflect.Type) bool {
			return !token.IsExported(t.Name()) || strings.Contains("/"+t.PkgPath()+"/", "/internal/")
		}) {
			return true
		}
	}
	return false
}

// mentionsType reports whether one of the defined types that a type is written with is as asked, or it is written with fields or
// methods that are not exported, as only its package can write them.
func mentionsType(t reflect.Type, asked func(reflect.Type) bool) bool {
	some := func(types iter.Seq[reflect.Type]) bool {
		for t := range types {
			if mentionsType(t, asked) {
				return true
			}
		}
		return false
	}
	if t.Name() != "" {
		return t.PkgPath() != "" && asked(t)
	}
	switch t.Kind() {
	case reflect.Array, reflect.Slice, reflect.Chan, reflect.Pointer:
		return mentionsType(t.Elem(), asked)
	case reflect.Map:
		return mentionsType(t.Key(), asked) || mentionsType(t.Elem(), asked)
	case reflect.Func:
		return some(t.Ins()) || some(t.Outs())
	case reflect.Struct:
		for f := range t.Fields() {
			if !f.IsExported() && !f.Anonymous || mentionsType(f.Type, asked) {
				return true
			}
		}
	case reflect.Interface:
		for m := range t.Methods() {
			if !m.IsExported() || mentionsType(m.Type, asked) {
				return true
			}
		}
	}
	return false
}

// checkWrapper sees to it that a wrapper has what an interpreted value needs to be one of an interface.
func checkWrapper(v reflect.Value, i reflect.Type) error {
	if !isTypeSymbol(v) || v.Type().Elem().Kind() != reflect.Struct {
		return errors.New("want a struct type")
	}
	w := v.Type().Elem()
	if !w.Implements(i) {
		return fmt.Errorf("it does not implement %s", i)
	}
	if w.NumField() == 0 || w.Field(0).Name != "IValue" || w.Field(0).Type != reflect.TypeFor[any]() {
		return errors.New("its first field is not IValue any")
	}
	fields := make(map[string]reflect.Type)
	for k := 1; k < w.NumField(); k++ {
		if f := w.Field(k); !strings.HasPrefix(f.Name, "W") {
			return fmt.Errorf("it has a field %s", f.Name)
		}
		fields[w.Field(k).Name] = w.Field(k).Type
	}
	for m := range i.Methods() {
		if fields["W"+m.Name] != m.Type {
			return fmt.Errorf("it has no field W%s of type %s", m.Name, m.Type)
		}
	}
	return nil
}

// complexOf returns the constant that a complex number is.
func complexOf(c complex128) constant.Value {
	return constant.BinaryOp(constant.MakeFloat64(real(c)), token.ADD, constant.MakeImag(constant.MakeFloat64(imag(c))))
}
