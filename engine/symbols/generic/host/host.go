// Package host is what the generic packages beside it leave to compiled code: what is slow, or impossible, to interpret.
// Their sources call it as any package; interpreted code of plugins cannot import it.
//
// A parameter of type any takes values as interpreted code holds them: in their erased form, without a type beside them.
// No signature may mention package iter, or a package whose types do: iter is built on this one.
package host

import "iter"

// Bounds panics as s[i:j:m] does where s has the capacity m, if the indices are out of range.
func Bounds(i, j, m int) {
	_ = make([]struct{}, m)[i:j:m]
}

// BoundsFrom panics as s[i:] does where s has the length n, if the index is out of range.
func BoundsFrom(i, n int) {
	_ = make([]struct{}, n)[i:]
}

// BoundsWithin panics as s[i:j] or s[j:] does where s has that length and capacity, if an index is out of range.
func BoundsWithin(i, j, length, capacity int) {
	s := make([]struct{}, length, capacity)
	_ = s[i:j]
	_ = s[j:]
}

// Pull turns a function that pushes into a function that is pulled. run calls yield each time that it has the next value
// at hand, and ends when yield returns false. What next and stop do, and where panics go, is as with iter.Pull.
func Pull(run func(yield func() bool)) (next func() bool, stop func()) {
	pull, stop := iter.Pull(func(yield func(struct{}) bool) {
		run(func() bool { return yield(struct{}{}) })
	})
	return func() bool {
		_, ok := pull()
		return ok
	}, stop
}
