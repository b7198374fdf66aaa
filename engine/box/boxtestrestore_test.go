package box_test

import (
	"go/types"
	"reflect"

	"github.com/scriptd/scriptd/engine/box"
)

// addMethods gives the checked type of a compiled one, and its pointer, the methods of the compiled ones.
func (w *twin) addMethods(rt reflect.Type) {
	if !ownType(rt) || rt.Kind() == reflect.Interface || w.methods[rt] {
		return
	}
	w.methods[rt] = true
	w.addMethodsOf(rt)
	if rt.Kind() != reflect.Pointer {
		w.addMethods(reflect.PointerTo(rt))
	}
}

func (w *twin) addMethodsOf(rt reflect.Type) {
	described := w.prog.Type(w.typeOf(rt))
	for m := range rt.Methods() {
		in, out := []reflect.Type{anyType}, []reflect.Type{}
		for i := 1; i < m.Type.NumIn(); i++ {
			in = append(in, w.erase(w.typeOf(m.Type.In(i)), m.Type.In(i)))
		}
		for t := range m.Type.Outs() {
			out = append(out, w.erase(w.typeOf(t), t))
		}
		f := reflect.MakeFunc(reflect.FuncOf(in, out, m.Type.IsVariadic()), func(args []reflect.Value) []reflect.Value {
			return w.callMethod(rt, m, args)
		})
		described.SetMethod(m.Name, f.Interface())
	}
}

// callMethod calls a method of the compiled type for the erased one.
func (w *twin) callMethod(rt reflect.Type, m reflect.Method, args []reflect.Value) []reflect.Value {
	w.mu.Lock()
	defer w.mu.Unlock()
	in := []reflect.Value{w.restore(w.typeOf(rt), args[0].Elem(), rt)}
	for i := 1; i < len(args); i++ {
		t := m.Type.In(i)
		in = append(in, w.restore(w.typeOf(t), args[i], t))
	}
	var results []reflect.Value
	if m.Type.IsVariadic() {
		results = m.Func.CallSlice(in)
	} else {
		results = m.Func.Call(in)
	}
	if rt.Kind() == reflect.Pointer && !in[0].IsNil() { // what the method changed
		elem := rt.Elem()
		w.fill(args[0].Elem().Elem(), w.typeOf(elem), in[0].Elem())
	}
	for i, r := range results {
		results[i] = w.erased(w.typeOf(r.Type()), r)
	}
	return results
}

// restore returns the compiled value of an erased one. rt is the compiled type.
func (w *twin) restore(t types.Type, v reflect.Value, rt reflect.Type) reflect.Value {
	to := reflect.New(rt).Elem()
	if v.IsValid() && rt.Kind() == reflect.Interface {
		w.restoreInterface(v, to)
		return to
	}
	v = box.Erased(t, v)
	switch {
	case !v.IsValid():
		return to
	case !ownType(rt):
		to.Set(v)
		return to
	}
	switch u := t.Underlying().(type) {
	case *types.Pointer:
		if v.IsNil() {
			return to
		}
		if known, ok := w.restored[pointer{v.Pointer(), rt}]; ok {
			return known
		}
		to.Set(reflect.New(rt.Elem()))
		w.restored[pointer{v.Pointer(), rt}] = to
		to.Elem().Set(w.restore(u.Elem(), v.Elem(), rt.Elem()))
	case *types.Slice:
		if !v.IsNil() {
			to.Set(reflect.MakeSlice(rt, v.Len(), v.Len()))
			for i := range v.Len() {
				to.Index(i).Set(w.restore(u.Elem(), v.Index(i), rt.Elem()))
			}
		}
	case *types.Array:
		for i := range v.Len() {
			to.Index(i).Set(w.restore(u.Elem(), v.Index(i), rt.Elem()))
		}
	case *types.Map:
		if !v.IsNil() {
			to.Set(reflect.MakeMap(rt))
			for it := v.MapRange(); it.Next(); {
				to.SetMapIndex(w.restore(u.Key(), it.Key(), rt.Key()), w.restore(u.Elem(), it.Value(), rt.Elem()))
			}
		}
	case *types.Struct:
		for i := range rt.NumField() {
			open(to.Field(i)).Set(w.restore(u.Field(i).Type(), v.Field(i), rt.Field(i).Type))
		}
	case *types.Basic:
		to.Set(v.Convert(rt))
	}
	return to
}

func (w *twin) restoreInterface(v, to reflect.Value) {
	x := box.Unwrap(v.Interface())
	if x == nil {
		return
	}
	b, ok := x.(box.Box)
	if !ok {
		to.Set(reflect.ValueOf(x))
		return
	}
	to.Set(w.restore(b.T.Type, reflect.ValueOf(b.V), w.compiled[b.ID]))
}
