package box_test

import (
	"fmt"
	"go/types"
	"reflect"
	"slices"
	"unsafe"

	"github.com/scriptd/scriptd/engine/box"
)

var anyType = reflect.TypeFor[any]()

// erase returns the erased form of a type. A pointer, slice, map or field that leads back to its own type is an
// interface.
func (w *twin) erase(t types.Type, rt reflect.Type) reflect.Type {
	e := w.tryErase(t, rt)
	if e == nil {
		return anyType
	}
	return e
}

// tryErase returns nil where the type leads back to one that is being erased.
func (w *twin) tryErase(t types.Type, rt reflect.Type) reflect.Type {
	if !ownType(rt) {
		return rt
	}
	if named, ok := t.(*types.Named); ok {
		if slices.Contains(w.erasing, named) {
			return nil
		}
		w.erasing = append(w.erasing, named)
		defer func() { w.erasing = w.erasing[:len(w.erasing)-1] }()
	}
	switch u := t.Underlying().(type) {
	case *types.Basic:
		return basicTypes[rt.Kind()]
	case *types.Pointer:
		if e := w.tryErase(u.Elem(), rt.Elem()); e != nil {
			return reflect.PointerTo(e)
		}
		return nil
	case *types.Slice:
		return reflect.SliceOf(w.erase(u.Elem(), rt.Elem()))
	case *types.Array:
		return reflect.ArrayOf(int(u.Len()), w.erase(u.Elem(), rt.Elem()))
	case *types.Map:
		return reflect.MapOf(w.erase(u.Key(), rt.Key()), w.erase(u.Elem(), rt.Elem()))
	case *types.Chan:
		return reflect.ChanOf(rt.ChanDir(), w.erase(u.Elem(), rt.Elem()))
	case *types.Signature:
		var in, out []reflect.Type
		for i := range rt.NumIn() {
			in = append(in, w.erase(u.Params().At(i).Type(), rt.In(i)))
		}
		for i := range rt.NumOut() {
			out = append(out, w.erase(u.Results().At(i).Type(), rt.Out(i)))
		}
		return reflect.FuncOf(in, out, rt.IsVariadic())
	case *types.Struct:
		fields := make([]reflect.StructField, u.NumFields())
		for i := range fields {
			f := u.Field(i)
			fields[i] = reflect.StructField{Name: fieldName(f, i), Type: w.erase(f.Type(), rt.Field(i).Type)}
			if f.Exported() {
				fields[i].Tag = reflect.StructTag(u.Tag(i))
			}
		}
		if len(fields) == 0 {
			fields = append(fields, reflect.StructField{Name: "X", Type: reflect.TypeFor[bool]()})
		}
		return reflect.StructOf(fields)
	default:
		return anyType
	}
}

// ownType reports whether the erased form of a type is another.
func ownType(rt reflect.Type) bool {
	if rt.PkgPath() != "" {
		return rt.PkgPath() == thisPackage
	}
	if rt.Kind() == reflect.Interface && rt.NumMethod() > 0 && rt.Name() == "" {
		return true
	}
	return mustBox(rt)
}

var basicTypes = func() map[reflect.Kind]reflect.Type {
	m := make(map[reflect.Kind]reflect.Type)
	for _, v := range []any{
		false, "", 0, int8(0), int16(0), int32(0), int64(0), uint(0), uint8(0), uint16(0), uint32(0), uint64(0), uintptr(0),
		float32(0), 0.0, complex64(0), 0i, unsafe.Pointer(nil),
	} {
		m[reflect.TypeOf(v).Kind()] = reflect.TypeOf(v)
	}
	return m
}()

// erased returns a compiled value in its erased form.
func (w *twin) erased(t types.Type, v reflect.Value) reflect.Value {
	to := reflect.New(w.erase(t, v.Type())).Elem()
	w.fill(to, t, v)
	return to
}

// fill sets a value of the erased type, or an interface that holds it.
func (w *twin) fill(to reflect.Value, t types.Type, v reflect.Value) {
	v = open(v)
	w.addMethods(v.Type())
	switch {
	case v.Kind() == reflect.Interface:
		w.fillInterface(to, v)
	case !ownType(v.Type()):
		to.Set(v)
	case to.Type() == anyType:
		to.Set(w.erased(t, v))
	case v.Kind() == reflect.Struct || v.Kind() == reflect.Array:
		w.fillParts(to, t, v)
	case canBeNil(v) && v.IsNil():
	default:
		w.fillOther(to, t, v)
	}
}

func canBeNil(v reflect.Value) bool {
	switch v.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Map, reflect.Chan, reflect.Func, reflect.UnsafePointer:
		return true
	}
	return false
}

func (w *twin) fillInterface(to, v reflect.Value) {
	if v.IsNil() {
		return
	}
	x := w.box(v.Elem().Interface())
	if b, ok := x.(box.Box); ok && to.Type().NumMethod() > 0 {
		x = testWrapper{b}
		if !reflect.TypeOf(x).Implements(to.Type()) {
			x = testStringer{b}
		}
	}
	to.Set(reflect.ValueOf(x))
}

func (w *twin) fillParts(to reflect.Value, t types.Type, v reflect.Value) {
	switch u := t.Underlying().(type) {
	case *types.Struct:
		for i := range v.NumField() {
			w.fill(to.Field(i), u.Field(i).Type(), v.Field(i))
		}
	case *types.Array:
		for i := range v.Len() {
			w.fill(to.Index(i), u.Elem(), v.Index(i))
		}
	}
}

func (w *twin) fillOther(to reflect.Value, t types.Type, v reflect.Value) {
	switch u := t.Underlying().(type) {
	case *types.Pointer:
		w.fillPointer(to, u, v)
	case *types.Slice:
		to.Set(reflect.MakeSlice(to.Type(), v.Len(), v.Len()))
		for i := range v.Len() {
			w.fill(to.Index(i), u.Elem(), v.Index(i))
		}
	case *types.Map:
		to.Set(reflect.MakeMap(to.Type()))
		for it := v.MapRange(); it.Next(); {
			key, elem := reflect.New(to.Type().Key()).Elem(), reflect.New(to.Type().Elem()).Elem()
			w.fill(key, u.Key(), it.Key())
			w.fill(elem, u.Elem(), it.Value())
			to.SetMapIndex(key, elem)
		}
	case *types.Chan:
		to.Set(reflect.MakeChan(reflect.ChanOf(reflect.BothDir, to.Type().Elem()), 1).Convert(to.Type()))
	case *types.Signature:
		to.Set(reflect.MakeFunc(to.Type(), func([]reflect.Value) []reflect.Value { return nil }))
	default:
		to.Set(v.Convert(to.Type()))
	}
}

func (w *twin) fillPointer(to reflect.Value, u *types.Pointer, v reflect.Value) {
	if !ownType(v.Type().Elem()) {
		to.Set(v.Convert(to.Type()))
		return
	}
	known := pointer{v.Pointer(), v.Type()}
	p, ok := w.pointers[known]
	if !ok {
		p = reflect.New(to.Type().Elem())
		w.pointers[known] = p
		w.restored[pointer{p.Pointer(), v.Type()}] = v
		w.fill(p.Elem(), u.Elem(), v.Elem())
	}
	to.Set(p)
}

// testWrapper shows a Box as an interface of compiled code.
type testWrapper struct{ box.Box }

func (t testWrapper) Unbox() box.Box { return t.Box }

func (t testWrapper) Error() string {
	m, ok := t.T.Method("Error")
	if !ok {
		panic(fmt.Sprintf("%v has no method Error", t.T))
	}
	return m.Call(t.V)[0].String()
}

// open returns the value without the restrictions on fields that are not exported.
func open(v reflect.Value) reflect.Value {
	if !v.CanAddr() {
		to := reflect.New(v.Type()).Elem()
		to.Set(v)
		return to
	}
	return reflect.NewAt(v.Type(), v.Addr().UnsafePointer()).Elem()
}
