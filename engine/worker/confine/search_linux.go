package confine

import (
	"cmp"
	"slices"
)

// branch is what becomes of a system call. The body returns.
type branch struct {
	number uint32
	body   code
}

func on(number uint32, body ...code) branch { return branch{number, join(body...)} }

// every returns a branch for each number.
func every(body code, numbers ...uint32) []branch {
	list := make([]branch, len(numbers))
	for i, n := range numbers {
		list[i] = branch{n, body}
	}
	return list
}

// search runs the body of the branch whose number is loaded, the first of those that have it, and other where there is none. It looks
// for it by halves: the kernel, when it takes a filter, runs it for every system call that there is, so as to remember the answers.
func search(branches []branch, other code) code {
	branches = slices.Clone(branches)
	slices.SortStableFunc(branches, func(a, b branch) int { return cmp.Compare(a.number, b.number) })
	return searchSorted(slices.CompactFunc(branches, func(a, b branch) bool { return a.number == b.number }), other)
}

const (
	// fewBranches are gone through one by one.
	fewBranches = 3
	// farthest is how many instructions a condition jumps over at most.
	farthest = 255
)

func searchSorted(branches []branch, other code) code {
	if len(branches) <= fewBranches {
		var out code
		for _, b := range branches {
			out = append(out, equal(b.number, b.body)...)
		}
		return append(out, other...)
	}
	middle := len(branches) / 2
	number := branches[middle].number
	lower, upper := searchSorted(branches[:middle], other), searchSorted(branches[middle:], other)
	if len(upper) <= farthest {
		return append(atLeast(number, upper), lower...)
	}
	// The upper half comes last, and is jumped to.
	return slices.Concat(atLeast(number, far(len(lower))), lower, upper)
}
