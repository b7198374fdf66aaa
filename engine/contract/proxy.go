package contract

import (
	"fmt"
	"reflect"
)

// Wrapper is the type through which functions become a value of an interface: a struct with a field IValue of type any, and
// one named W and the name of each method, which calls it. The interpreter's generator makes one for each interface.
type Wrapper struct {
	typ reflect.Type
	// fields are those of the methods, by their number.
	fields []int
}

// NewWrapper looks at the type that was generated for the interface t.
func NewWrapper(t, generated reflect.Type) (*Wrapper, error) {
	if generated.Kind() != reflect.Struct || !generated.Implements(t) {
		return nil, fmt.Errorf("the wrapper of %s does not implement it: generate its symbols anew", t)
	}
	w := &Wrapper{typ: generated}
	for m := range t.Methods() {
		f, ok := generated.FieldByName("W" + m.Name)
		if !ok || f.Type != m.Type || len(f.Index) != 1 {
			return nil, fmt.Errorf("the wrapper of %s has no function for %s: generate its symbols anew", t, m.Name)
		}
		w.fields = append(w.fields, f.Index[0])
	}
	return w, nil
}

// Make returns a value of the interface whose methods are call, with the number of the method and its arguments, those of a
// variadic parameter as a slice. What it returns are the results. Meaning is for Meaning to find. The value is a variable.
func (w *Wrapper) Make(meaning any, call func(method int, args []reflect.Value) []reflect.Value) reflect.Value {
	v := reflect.New(w.typ).Elem()
	v.FieldByName("IValue").Set(reflect.ValueOf(&meaning).Elem())
	for i, field := range w.fields {
		f := v.Field(field)
		f.Set(reflect.MakeFunc(f.Type(), func(args []reflect.Value) []reflect.Value { return call(i, args) }))
	}
	return v
}

// Meaning returns what Make was given for a value of an interface, nil for any other.
func Meaning(v any) any {
	s := reflect.ValueOf(v)
	if s.Kind() == reflect.Pointer {
		s = s.Elem()
	}
	if s.Kind() != reflect.Struct {
		return nil
	}
	if f := s.FieldByName("IValue"); f.IsValid() && f.Kind() == reflect.Interface && f.CanInterface() {
		return f.Interface()
	}
	return nil
}

// Failed returns the results of a method that did not return: zero values, and err. Where the method has no error to return,
// it panics with err.
func (m *Method) Failed(err error) []reflect.Value {
	if !m.Fails {
		panic(err)
	}
	out := make([]reflect.Value, m.Type.NumOut())
	for i := range out {
		out[i] = reflect.Zero(m.Type.Out(i))
	}
	out[len(out)-1] = reflect.ValueOf(&err).Elem()
	return out
}
