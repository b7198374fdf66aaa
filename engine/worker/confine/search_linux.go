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
// The branches get sorted.
func search(branches []branch, other code) code {
	slices.SortStableFunc(branches, func(a, b branch) int { return cmp.Compare(a.number, b.number) })
	return appendSearch(make(code, 0, roomForSearch), spans(branches, other))
}

// spans covers all numbers: each branch holds up to the next. The branches are sorted.
func spans(branches []branch, other code) []branch {
	all := make([]branch, 0, 2*len(branches)+1)
	add := func(from uint32, body code) {
		if n := len(all); n > 0 && all[n-1].number == from {
			all = all[:n-1]
		}
		if n := len(all); n == 0 || !slices.Equal(all[n-1].body, body) {
			all = append(all, branch{from, body})
		}
	}
	add(0, other)
	for i, b := range branches {
		if i == 0 || b.number != branches[i-1].number {
			add(b.number, b.body)
			add(b.number+1, other)
		}
	}
	return all
}

const (
	// farthest is how many instructions a condition jumps over at most.
	farthest = 255
	// roomForSearch is for all that there usually is.
	roomForSearch = 600
)

func appendSearch(to code, spans []branch) code {
	if len(spans) == 1 {
		return append(to, spans[0].body...)
	}
	middle, at := len(spans)/2, len(to)
	to = append(to, unix.SockFilter{Code: unix.BPF_JMP | unix.BPF_JGE | unix.BPF_K, K: spans[middle].number})
	to = appendSearch(to, spans[:middle])
	if over := len(to) - at - 1; over <= farthest {
		to[at].Jt = uint8(over)
	} else {
		to[at].Jf = 1
		to = slices.Insert(to, at+1, unix.SockFilter{Code: unix.BPF_JMP | unix.BPF_JA, K: uint32(over)})
	}
	return appendSearch(to, spans[middle:])
}
