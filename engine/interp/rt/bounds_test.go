package rt

import (
	"fmt"
	"runtime"
	"testing"
)

// The bounds of slice expressions fail as compiled ones do, with the same words.
func TestSliceBounds(t *testing.T) {
	const length, capacity = 3, 5
	list, text := make([]int, length, capacity), "abc"
	p := &Program{}
	values := []int{-1, 0, 1, 2, 3, 4, 5, 6, 1 << 40}
	const low, high, limit = 1 << lowBound, 1 << highBound, 1 << maxBound
	for _, i := range values {
		same(t, fmt.Sprintf("[%d:]", i), func() { p.checkSlice(0, low, i, -1, -1, length, capacity) }, func() { _ = list[i:] })
		same(t, fmt.Sprintf("[:%d]", i), func() { p.checkSlice(0, high, -1, i, -1, length, capacity) }, func() { _ = list[:i] })
		same(t, fmt.Sprintf("text[%d:]", i), func() { p.checkSlice(0, low|noCapacity, i, -1, -1, length, length) }, func() { _ = text[i:] })
		u := uint64(i)
		same(t, fmt.Sprintf("[:uint64(%d)]", u), func() { p.checkSlice(0, high|high<<unsignedBound, -1, int(u), -1, length, capacity) }, func() { _ = list[:u] })
		for _, j := range values {
			same(t, fmt.Sprintf("[%d:%d]", i, j), func() { p.checkSlice(0, low|high, i, j, -1, length, capacity) }, func() { _ = list[i:j] })
			same(t, fmt.Sprintf("text[%d:%d]", i, j), func() { p.checkSlice(0, low|high|noCapacity, i, j, -1, length, length) }, func() { _ = text[i:j] })
			for _, k := range values {
				same(t, fmt.Sprintf("[%d:%d:%d]", i, j, k), func() { p.checkSlice(0, low|high|limit, i, j, k, length, capacity) }, func() { _ = list[i:j:k] })
			}
		}
	}
}

func TestIndices(t *testing.T) {
	list := make([]int, 3)
	p := &Program{}
	for _, i := range []int{-1, 3, 4, 1 << 40} {
		same(t, fmt.Sprint(i), func() { p.index(0, i, len(list)) }, func() { _ = list[i] })
	}
	for _, i := range []uint64{3, 1 << 63} {
		same(t, fmt.Sprint(i), func() { p.uindex(0, i, len(list)) }, func() { _ = list[i] })
	}
}

func TestSizes(t *testing.T) {
	p := &Program{}
	for _, n := range []int{-1, 0, 1 << 62} {
		same(t, fmt.Sprint("make([]int, ", n, ")"), func() { p.checkMakeSlice(0, n) }, func() { _ = make([]int, n) })
		same(t, fmt.Sprint("make([]int, 0, ", n, ")"), func() { p.checkMakeSlice(0, 0, n) }, func() { _ = make([]int, 0, n) })
		same(t, fmt.Sprint("make(chan int, ", n, ")"), func() { p.checkMakeChan(0, n) }, func() { _ = make(chan int, n) })
	}
	same(t, "length above capacity", func() { p.checkMakeSlice(0, 2, values(1)) }, func() { _ = make([]int, 2, values(1)) })
	same(t, "a slice that is too short", func() { badArray(1, 2) }, func() { _ = [2]int(make([]int, values(1))) })
	same(t, "a negative shift", func() { p.negativeShift(0) }, func() { _ = 1 << values(-1) })
	null := map[bool]*struct{ n int }{}
	same(t, "nil", func() { p.nilDereference(0) }, func() { _ = null[true].n })
}

// values keeps the compiler from knowing a value.
//
//go:noinline
func values(n int) int { return n }

// same compares what two functions panic with.
func same(t *testing.T, what string, ours, compiled func()) {
	t.Helper()
	got, want := panicOf(ours), panicOf(compiled)
	if got != want {
		t.Errorf("%s: got %s, want %s", what, got, want)
	}
}

func panicOf(f func()) (text string) {
	defer func() {
		switch v := recover().(type) {
		case nil:
		case runtime.Error:
			text = v.Error()
		default:
			text = fmt.Sprintf("%T is no runtime.Error", v)
		}
	}()
	f()
	return "no panic"
}
