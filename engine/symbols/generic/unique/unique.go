// Package unique makes values comparable by their identity. It is the standard package of that name, for plugins.
package unique

// Handle stands for a value. Two are equal where their values are.
type Handle[T comparable] struct {
	value T
	made  bool
}

// Make returns the handle of a value. It panics if the value cannot be compared.
func Make[T comparable](value T) Handle[T] {
	_ = map[T]bool{value: true}
	return Handle[T]{value, true}
}

// Value returns the value that the handle was made of.
func (h Handle[T]) Value() T {
	if !h.made {
		var none *T
		return *none //nolint:govet // the zero handle has no value
	}
	return h.value
}
