// Package reflect is the generic part of the standard package of that name, for plugins.
package reflect

import "reflect"

// TypeFor returns the type T.
func TypeFor[T any]() reflect.Type {
	return reflect.TypeOf((*T)(nil)).Elem() //nolint:modernize // it is this that would be called
}

// TypeAssert is v.Interface().(T), with whether it holds.
func TypeAssert[T any](v reflect.Value) (T, bool) {
	if !v.IsValid() {
		panic(&reflect.ValueError{Method: "reflect.TypeAssert", Kind: reflect.Invalid})
	}
	x, ok := v.Interface().(T) //nolint:modernize // it is this that would be called
	return x, ok
}
