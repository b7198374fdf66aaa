// Package maphash is the generic part of the standard package hash/maphash, for plugins.
package maphash

import (
	"hash/maphash"

	"github.com/scriptd/scriptd/engine/symbols/generic/host"
)

// Comparable returns the hash of a value. Equal values have equal hashes under a seed.
func Comparable[T comparable](seed maphash.Seed, v T) uint64 {
	return host.HashComparable(seed, v)
}

// WriteComparable adds a value to what h hashes.
func WriteComparable[T comparable](h *maphash.Hash, x T) {
	host.WriteComparable(h, x)
}
