package slices

import (
	"cmp"

	"github.com/scriptd/scriptd/engine/symbols/generic/host"
)

// Sort sorts a slice in ascending order; NaNs come first.
func Sort[S ~[]E, E cmp.Ordered](x S) {
	host.Sort(x)
}

// SortFunc sorts a slice in the order of cmp, which returns a negative number where a comes before b. Elements that are
// equal may change places.
func SortFunc[S ~[]E, E any](x S, cmp func(a, b E) int) {
	old := Clone(x)
	host.SortFunc(x, func(i, j int) int { return cmp(old[i], old[j]) })
}

// SortStableFunc is SortFunc for elements that keep their order where they are equal.
func SortStableFunc[S ~[]E, E any](x S, cmp func(a, b E) int) {
	old := Clone(x)
	host.SortStableFunc(x, func(i, j int) int { return cmp(old[i], old[j]) })
}

// IsSorted reports whether a slice is in ascending order.
func IsSorted[S ~[]E, E cmp.Ordered](x S) bool {
	for i := len(x) - 1; i > 0; i-- {
		if cmp.Less(x[i], x[i-1]) {
			return false
		}
	}
	return true
}

// IsSortedFunc reports whether a slice is in the order of cmp.
func IsSortedFunc[S ~[]E, E any](x S, cmp func(a, b E) int) bool {
	for i := len(x) - 1; i > 0; i-- {
		if cmp(x[i], x[i-1]) < 0 {
			return false
		}
	}
	return true
}

// BinarySearch looks for target in a sorted slice. It returns the index where it is, or where it would have to be
// inserted, and whether it is there.
func BinarySearch[S ~[]E, E cmp.Ordered](x S, target E) (int, bool) {
	return BinarySearchFunc(x, target, cmp.Compare[E])
}

// BinarySearchFunc is BinarySearch in the order of cmp.
func BinarySearchFunc[S ~[]E, E, T any](x S, target T, cmp func(E, T) int) (int, bool) {
	low, high := 0, len(x) // before low, all is less than target; from high on, nothing is
	for low < high {
		middle := int(uint(low+high) / 2)
		if cmp(x[middle], target) < 0 {
			low = middle + 1
		} else {
			high = middle
		}
	}
	return low, low < len(x) && cmp(x[low], target) == 0
}
