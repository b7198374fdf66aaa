package guard

import (
	"reflect"
	"unsafe"
)

// copyExported sets the exported fields of a struct to those of another, as deep as an assignment does.
func copyExported[T any](to, from *T) {
	target, source := reflect.ValueOf(to).Elem(), reflect.ValueOf(from).Elem()
	for i := range source.NumField() {
		if source.Type().Field(i).IsExported() {
			target.Field(i).Set(source.Field(i))
		}
	}
}

// sameExported reports whether the exported fields of two structs are the same: functions, maps and what pointers lead to only
// where they are one.
func sameExported[T any](a, b *T) bool {
	x, y := reflect.ValueOf(a).Elem(), reflect.ValueOf(b).Elem()
	for i := range x.NumField() {
		if x.Type().Field(i).IsExported() && !same(x.Field(i), y.Field(i)) {
			return false
		}
	}
	return true
}

func same(x, y reflect.Value) bool {
	switch x.Kind() {
	case reflect.Func:
		return sameFunc(x, y)
	case reflect.Map:
		return x.UnsafePointer() == y.UnsafePointer()
	}
	return x.Equal(y)
}

// sameFunc reports whether two fields hold the same function, with the same variables: functions of the program share their
// code.
func sameFunc(x, y reflect.Value) bool {
	return *(*unsafe.Pointer)(x.Addr().UnsafePointer()) == *(*unsafe.Pointer)(y.Addr().UnsafePointer())
}

// sameFuncs is sameFunc for variables.
func sameFuncs[F any](x, y *F) bool {
	return sameFunc(reflect.ValueOf(x).Elem(), reflect.ValueOf(y).Elem())
}
