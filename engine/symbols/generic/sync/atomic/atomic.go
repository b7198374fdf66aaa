// Package atomic is the generic part of the standard package of that name, for plugins.
package atomic

import "sync"

// Pointer is a pointer that goroutines read and write at the same time. The zero value is a nil pointer. It must not be
// copied once it was used.
type Pointer[T any] struct {
	mu sync.Mutex
	p  *T
}

// Load returns the pointer.
func (x *Pointer[T]) Load() *T {
	x.mu.Lock()
	p := x.p
	x.mu.Unlock()
	return p
}

// Store sets the pointer.
func (x *Pointer[T]) Store(val *T) {
	x.mu.Lock()
	x.p = val
	x.mu.Unlock()
}

// Swap sets the pointer, and returns what it was before.
func (x *Pointer[T]) Swap(val *T) (old *T) {
	x.mu.Lock()
	old, x.p = x.p, val
	x.mu.Unlock()
	return old
}

// CompareAndSwap sets the pointer if it is old, and reports whether it did.
func (x *Pointer[T]) CompareAndSwap(old, val *T) (swapped bool) {
	x.mu.Lock()
	if swapped = x.p == old; swapped {
		x.p = val
	}
	x.mu.Unlock()
	return swapped
}
