package slices

import "github.com/scriptd/scriptd/engine/symbols/generic/host"

// Insert puts values before s[i], and returns the slice, which may have moved.
func Insert[S ~[]E, E any](s S, i int, v ...E) S {
	if i < 0 || len(s) < i {
		host.BoundsFrom(i, len(s))
	}
	return Replace(s, i, i, v...)
}

// Replace puts values in the place of s[i:j], and returns the slice, which may have moved. What is left over at its end,
// where it becomes shorter, is zeroed.
func Replace[S ~[]E, E any](s S, i, j int, v ...E) S {
	if i < 0 || j < i || len(s) < j {
		host.BoundsWithin(i, j, len(s), cap(s))
	}
	total := len(s) - (j - i) + len(v)
	if total > cap(s) {
		out := append(s[:cap(s)], make(S, total-cap(s))...) //nolint:gocritic // s stays as it is
		copy(out[i:], v)
		copy(out[i+len(v):], s[j:])
		return out
	}
	values := append([]E(nil), v...) // they may be a part of s
	out := s[:total]
	copy(out[i+len(v):], s[j:])
	copy(out[i:], values)
	if total < len(s) {
		clear(s[total:])
	}
	return out
}

// Clone returns a copy of a slice, whose elements are assigned; nil for nil.
func Clone[S ~[]E, E any](s S) S {
	return append(s[:0:0], s...)
}

// Grow makes room for n more elements. It panics if n is negative.
func Grow[S ~[]E, E any](s S, n int) S {
	if n < 0 {
		panic("cannot be negative")
	}
	if n > cap(s)-len(s) {
		return append(s[:cap(s)], make([]E, n-(cap(s)-len(s)))...)[:len(s)]
	}
	return s
}

// Clip gives up the capacity that is not used.
func Clip[S ~[]E, E any](s S) S {
	return s[:len(s):len(s)]
}

// Concat returns a new slice of all elements of the slices, nil where there are none.
func Concat[S ~[]E, E any](slices ...S) S {
	total := 0
	for _, s := range slices {
		total += len(s)
		if total < 0 {
			panic("len out of range")
		}
	}
	out := Grow[S](nil, total)
	for _, s := range slices {
		out = append(out, s...)
	}
	return out
}

// Repeat returns a new slice that holds x count times. It panics if count is negative, or the result too long.
func Repeat[S ~[]E, E any](x S, count int) S {
	if count < 0 {
		panic("cannot be negative")
	}
	if count > 0 && len(x)*count/count != len(x) {
		panic("the result of (len(x) * count) overflows")
	}
	out := make(S, 0, len(x)*count)
	for range count {
		out = append(out, x...)
	}
	return out
}
