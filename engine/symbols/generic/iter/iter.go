// Package iter defines iterators. It is the standard package of that name, for plugins.
package iter

import "github.com/scriptd/scriptd/engine/symbols/generic/host"

// Seq is an iterator over values: it calls yield with one after the other, until yield returns false.
type Seq[V any] func(yield func(V) bool)

// Seq2 is an iterator over pairs of values, as keys and values.
type Seq2[K, V any] func(yield func(K, V) bool)

// Pull turns an iterator that pushes into two functions: next returns the next value, and false when there is none; stop
// ends the iteration. A caller that does not go on to the end has to call stop.
func Pull[V any](seq Seq[V]) (next func() (V, bool), stop func()) {
	var v, zero V
	advance, stop := host.Pull(func(yield func() bool) {
		seq(func(x V) bool {
			v = x
			return yield()
		})
	})
	next = func() (V, bool) {
		if !advance() {
			return zero, false
		}
		x := v
		v = zero
		return x, true
	}
	return next, stop
}

// Pull2 is Pull for pairs of values.
func Pull2[K, V any](seq Seq2[K, V]) (next func() (K, V, bool), stop func()) {
	var (
		k, zeroK K
		v, zeroV V
	)
	advance, stop := host.Pull(func(yield func() bool) {
		seq(func(x K, y V) bool {
			k, v = x, y
			return yield()
		})
	})
	next = func() (K, V, bool) {
		if !advance() {
			return zeroK, zeroV, false
		}
		x, y := k, v
		k, v = zeroK, zeroV
		return x, y, true
	}
	return next, stop
}
