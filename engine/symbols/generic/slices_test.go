package generic_test

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	own "github.com/scriptd/scriptd/engine/symbols/generic/slices"
)

// input is what functions of slices are called with.
type input struct {
	s, t    []int // s has more behind its end, t may be a part of s
	i, j, n int
}

func (in *input) String() string {
	return fmt.Sprintf("%#v (%d of %v), %#v, %d, %d, %d", in.s, len(in.s), in.s[:cap(in.s)], in.t, in.i, in.j, in.n)
}

func newInput(r *rand.Rand) *input {
	numbers := func() []int {
		if r.IntN(8) == 0 {
			return nil
		}
		s := make([]int, r.IntN(12))
		for i := range s {
			s[i] = r.IntN(5)
		}
		return s
	}
	in := &input{t: numbers(), i: r.IntN(9) - 1, j: r.IntN(9) - 1, n: r.IntN(7) - 1}
	if in.s = numbers(); in.s != nil {
		if r.IntN(3) == 0 {
			slices.Sort(in.s)
		}
		in.s = in.s[:r.IntN(len(in.s)+1)]
		if n := len(in.s); r.IntN(4) == 0 {
			in.t = in.s[r.IntN(n+1):]
		}
	}
	if r.IntN(3) > 0 && in.i > in.j {
		in.i, in.j = in.j, in.i
	}
	if r.IntN(6) == 0 {
		in.t = slices.Clone(in.s)
	}
	return in
}

func TestSlices(t *testing.T) {
	even := func(v int) bool { return v%2 == 0 }
	halves := func(a, b int) bool { return a/2 == b/2 }
	back := func(a, b int) int { return cmp.Compare(b/2, a/2) }
	sized := func(s []int) any { return fmt.Sprintf("%#v, %d", s, cap(s)) }
	found := func(i int, ok bool) any { return fmt.Sprint(i, ok) }
	tests := []struct {
		name     string
		std, own func(*input) any
	}{
		{"Index", func(x *input) any { return slices.Index(x.s, x.n) }, func(x *input) any { return own.Index(x.s, x.n) }},
		{"IndexFunc", func(x *input) any { return slices.IndexFunc(x.s, even) }, func(x *input) any { return own.IndexFunc(x.s, even) }},
		{"Contains", func(x *input) any { return slices.Contains(x.s, x.n) }, func(x *input) any { return own.Contains(x.s, x.n) }},
		{"ContainsFunc", func(x *input) any { return slices.ContainsFunc(x.s, even) }, func(x *input) any { return own.ContainsFunc(x.s, even) }},
		{"Reverse", func(x *input) any { slices.Reverse(x.s); return nil }, func(x *input) any { own.Reverse(x.s); return nil }},
		{"Compact", func(x *input) any { return slices.Compact(x.s) }, func(x *input) any { return own.Compact(x.s) }},
		{"CompactFunc", func(x *input) any { return slices.CompactFunc(x.s, halves) }, func(x *input) any { return own.CompactFunc(x.s, halves) }},
		{"Delete", func(x *input) any { return slices.Delete(x.s, x.i, x.j) }, func(x *input) any { return own.Delete(x.s, x.i, x.j) }},
		{"DeleteFunc", func(x *input) any { return slices.DeleteFunc(x.s, even) }, func(x *input) any { return own.DeleteFunc(x.s, even) }},
		{
			"Insert", func(x *input) any { return sized(slices.Insert(x.s, x.i, x.t...)) },
			func(x *input) any { return sized(own.Insert(x.s, x.i, x.t...)) },
		},
		{
			"Replace", func(x *input) any { return sized(slices.Replace(x.s, x.i, x.j, x.t...)) },
			func(x *input) any { return sized(own.Replace(x.s, x.i, x.j, x.t...)) },
		},
		{"Clone", func(x *input) any { return sized(slices.Clone(x.s)) }, func(x *input) any { return sized(own.Clone(x.s)) }},
		{"Grow", func(x *input) any { return sized(slices.Grow(x.s, x.n)) }, func(x *input) any { return sized(own.Grow(x.s, x.n)) }},
		{"Clip", func(x *input) any { return sized(slices.Clip(x.s)) }, func(x *input) any { return sized(own.Clip(x.s)) }},
		{"Concat", func(x *input) any { return sized(slices.Concat(x.s, x.t, x.s)) }, func(x *input) any { return sized(own.Concat(x.s, x.t, x.s)) }},
		{"Repeat", func(x *input) any { return sized(slices.Repeat(x.s, x.n)) }, func(x *input) any { return sized(own.Repeat(x.s, x.n)) }},
		{"Equal", func(x *input) any { return slices.Equal(x.s, x.t) }, func(x *input) any { return own.Equal(x.s, x.t) }},
		{"EqualFunc", func(x *input) any { return slices.EqualFunc(x.s, x.t, halves) }, func(x *input) any { return own.EqualFunc(x.s, x.t, halves) }},
		{"Compare", func(x *input) any { return slices.Compare(x.s, x.t) }, func(x *input) any { return own.Compare(x.s, x.t) }},
		{"CompareFunc", func(x *input) any { return slices.CompareFunc(x.s, x.t, back) }, func(x *input) any { return own.CompareFunc(x.s, x.t, back) }},
		{"Min", func(x *input) any { return slices.Min(x.s) }, func(x *input) any { return own.Min(x.s) }},
		{"MinFunc", func(x *input) any { return slices.MinFunc(x.s, back) }, func(x *input) any { return own.MinFunc(x.s, back) }},
		{"Max", func(x *input) any { return slices.Max(x.s) }, func(x *input) any { return own.Max(x.s) }},
		{"MaxFunc", func(x *input) any { return slices.MaxFunc(x.s, back) }, func(x *input) any { return own.MaxFunc(x.s, back) }},
		{"Sort", func(x *input) any { slices.Sort(x.s); return nil }, func(x *input) any { own.Sort(x.s); return nil }},
		{"SortFunc", func(x *input) any { slices.SortFunc(x.s, back); return nil }, func(x *input) any { own.SortFunc(x.s, back); return nil }},
		{
			"SortStableFunc", func(x *input) any { slices.SortStableFunc(x.s, back); return nil },
			func(x *input) any { own.SortStableFunc(x.s, back); return nil },
		},
		{"IsSorted", func(x *input) any { return slices.IsSorted(x.s) }, func(x *input) any { return own.IsSorted(x.s) }},
		{"IsSortedFunc", func(x *input) any { return slices.IsSortedFunc(x.s, back) }, func(x *input) any { return own.IsSortedFunc(x.s, back) }},
		{"BinarySearch", func(x *input) any { return found(slices.BinarySearch(x.s, x.n)) }, func(x *input) any { return found(own.BinarySearch(x.s, x.n)) }},
		{
			"BinarySearchFunc", func(x *input) any { return found(slices.BinarySearchFunc(x.s, x.n, back)) },
			func(x *input) any { return found(own.BinarySearchFunc(x.s, x.n, back)) },
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) { same(t, 600, tt.name, newInput, tt.std, tt.own) })
	}
}

func TestSlicesIterators(t *testing.T) {
	back := func(a, b int) int { return cmp.Compare(b/2, a/2) }
	// some takes what an iterator yields, until it has seen enough.
	some := func(n int, seq func(func(int, int) bool)) any {
		var all []int
		for i, v := range seq {
			if all = append(all, i, v); len(all) > n*2 {
				break
			}
		}
		return all
	}
	values := func(seq func(func(int) bool)) func(func(int, int) bool) {
		return func(yield func(int, int) bool) { seq(func(v int) bool { return yield(v, 0) }) }
	}
	chunks := func(n int, seq func(func([]int) bool)) any {
		all := ""
		for c := range seq {
			if all += fmt.Sprint(c, cap(c)); len(all) > n*6 {
				break
			}
		}
		return all
	}
	tests := []struct {
		name     string
		std, own func(*input) any
	}{
		{"All", func(x *input) any { return some(x.n, slices.All(x.s)) }, func(x *input) any { return some(x.n, own.All(x.s)) }},
		{"Backward", func(x *input) any { return some(x.n, slices.Backward(x.s)) }, func(x *input) any { return some(x.n, own.Backward(x.s)) }},
		{"Values", func(x *input) any { return some(x.n, values(slices.Values(x.s))) }, func(x *input) any { return some(x.n, values(own.Values(x.s))) }},
		{"Chunk", func(x *input) any { return chunks(x.i, slices.Chunk(x.s, x.n)) }, func(x *input) any { return chunks(x.i, own.Chunk(x.s, x.n)) }},
		{
			"AppendSeq", func(x *input) any { return slices.AppendSeq(x.s, slices.Values(x.t)) },
			func(x *input) any { return own.AppendSeq(x.s, slices.Values(x.t)) },
		},
		{"Collect", func(x *input) any { return slices.Collect(slices.Values(x.s)) }, func(x *input) any { return own.Collect(slices.Values(x.s)) }},
		{"Sorted", func(x *input) any { return slices.Sorted(slices.Values(x.s)) }, func(x *input) any { return own.Sorted(slices.Values(x.s)) }},
		{
			"SortedFunc", func(x *input) any { return slices.SortedFunc(slices.Values(x.s), back) },
			func(x *input) any { return own.SortedFunc(slices.Values(x.s), back) },
		},
		{
			"SortedStableFunc", func(x *input) any { return slices.SortedStableFunc(slices.Values(x.s), back) },
			func(x *input) any { return own.SortedStableFunc(slices.Values(x.s), back) },
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) { same(t, 600, tt.name, newInput, tt.std, tt.own) })
	}
}
