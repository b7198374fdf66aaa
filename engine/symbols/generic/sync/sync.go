// Package sync is the generic part of the standard package of that name, for plugins.
package sync

import "sync"

// OnceValue returns a function that calls f the first time, and returns what f returned each time. Where f panics, each
// call does.
func OnceValue[T any](f func() T) func() T {
	var result T
	once := sync.OnceFunc(func() { result = f() })
	return func() T {
		once()
		return result
	}
}

// OnceValues is OnceValue for a function with two results.
func OnceValues[T1, T2 any](f func() (T1, T2)) func() (T1, T2) {
	var (
		result1 T1
		result2 T2
	)
	once := sync.OnceFunc(func() { result1, result2 = f() })
	return func() (T1, T2) {
		once()
		return result1, result2
	}
}
