package confine

import (
	"cmp"
	"slices"

	"golang.org/x/sys/unix"
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
	branches = slices.CompactFunc(branches, func(a, b branch) bool { return a.number == b.number })
	return appendSearch(make(code, 0, roomForSearch), branches, other)
}

const (
	// fewBranches are gone through one by one.
	fewBranches = 3
	// farthest is how many instructions a condition jumps over at most.
	farthest = 255
	// roomForSearch is for all that there usually is.
	roomForSearch = 1000
)

func appendSearch(to code, branches []branch, other code) code {
	if len(branches) <= fewBranches {
		for _, b := range branches {
			to = append(to, equal(b.number, b.body)...)
		}
		return append(to, other...)
	}
	middle, at := len(branches)/2, len(to)
	to = append(to, unix.SockFilter{Code: unix.BPF_JMP | unix.BPF_JGE | unix.BPF_K, K: branches[middle].number})
	to = appendSearch(to, branches[:middle], other)
	if over := len(to) - at - 1; over <= farthest {
		to[at].Jt = uint8(over)
	} else {
		to[at].Jf = 1
		to = slices.Insert(to, at+1, unix.SockFilter{Code: unix.BPF_JMP | unix.BPF_JA, K: uint32(over)})
	}
	return appendSearch(to, branches[middle:], other)
}
