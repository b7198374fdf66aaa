//go:build linux && race

package confine_test

// spareForRace is what the race detector maps beside the heap.
const spareForRace = 512 << 20
