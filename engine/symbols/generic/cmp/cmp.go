// Package cmp compares ordered values. It is the standard package of that name, for plugins.
package cmp

// Ordered is a constraint that any type with the operators < <= >= > satisfies.
type Ordered interface {
	~int | ~int8 | ~int16 | ~int32 | ~int64 |
		~uint | ~uint8 | ~uint16 | ~uint32 | ~uint64 | ~uintptr |
		~float32 | ~float64 | ~string
}

// Less reports whether x is less than y. A NaN is less than any other number, and no less than another NaN.
func Less[T Ordered](x, y T) bool {
	return x < y || isNaN(x) && !isNaN(y)
}

// Compare returns -1 if x is less than y, 1 if it is greater, and 0 if both are equal. A NaN is less than any other
// number, and equal to another NaN.
func Compare[T Ordered](x, y T) int {
	if x < y {
		return -1
	}
	if x > y {
		return +1
	}
	if x == y {
		return 0
	}
	// At least one is a NaN.
	if !isNaN(y) {
		return -1
	}
	if !isNaN(x) {
		return +1
	}
	return 0
}

func isNaN[T Ordered](x T) bool {
	return x != x //nolint:gocritic // only a NaN differs from itself
}

// Or returns the first of its arguments that is not the zero value, or the zero value where there is none.
func Or[T comparable](vals ...T) T {
	var zero T
	for _, v := range vals {
		if v != zero {
			return v
		}
	}
	return zero
}
