//go:build linux && !race

package confine_test

const spareForRace = 0
