package generic_test

import (
	"cmp"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	owncmp "github.com/scriptd/scriptd/engine/symbols/generic/cmp"
	"github.com/scriptd/scriptd/engine/symbols/generic/host"
	own "github.com/scriptd/scriptd/engine/symbols/generic/slices"
)

type celsius float64

var numbers = []float64{math.NaN(), math.Inf(-1), -1, math.Copysign(0, -1), 0, 1, 1.5, math.Inf(1), math.Copysign(math.NaN(), -1)}

// The host sorts by what the elements are made of: here, each way to be an ordered type.
func TestSortKinds(t *testing.T) {
	sortKind(t, func(n int) int { return n })
	sortKind(t, func(n int) int8 { return int8(n) })
	sortKind(t, func(n int) int16 { return int16(n) })
	sortKind(t, func(n int) int32 { return int32(n) })
	sortKind(t, func(n int) time.Duration { return time.Duration(n) })
	sortKind(t, func(n int) uint { return uint(n) })
	sortKind(t, func(n int) uint8 { return uint8(n) })
	sortKind(t, func(n int) uint16 { return uint16(n) })
	sortKind(t, func(n int) uint32 { return uint32(n) })
	sortKind(t, func(n int) uint64 { return uint64(n) })
	sortKind(t, func(n int) uintptr { return uintptr(n) })
	sortKind(t, func(n int) float32 { return float32(n) })
	sortKind(t, func(n int) float64 { return float64(n) })
	sortKind(t, func(n int) string { return fmt.Sprint(n) })
	sortKind(t, func(n int) celsius { return celsius(numbers[(n%len(numbers)+len(numbers))%len(numbers)]) })
}

type list[E any] []E

func sortKind[E cmp.Ordered](t *testing.T, of func(int) E) {
	t.Helper()
	r := rand.New(rand.NewPCG(1, 2))
	for n := range 60 {
		want := make(list[E], n*n/7)
		for i := range want {
			want[i] = of(r.IntN(1000) - 500)
		}
		got := slices.Clone(want)
		slices.Sort(want)
		own.Sort(got)
		if fmt.Sprint(got) != fmt.Sprint(want) || !own.IsSorted(got) {
			t.Fatalf("%T: got %v, want %v", got, got, want)
		}
		for _, target := range append(want, of(0), of(7)) {
			wantAt, wantOK := slices.BinarySearch(want, target)
			if at, ok := own.BinarySearch(want, target); at != wantAt || ok != wantOK {
				t.Fatalf("%T: %v is at %d, %t, want %d, %t", want, target, at, ok, wantAt, wantOK)
			}
		}
		if n > 3 && (fmt.Sprint(own.Min(got)) != fmt.Sprint(slices.Min(want)) || fmt.Sprint(own.Max(got)) != fmt.Sprint(slices.Max(want))) {
			t.Fatalf("%T: from %v to %v, want %v, %v", got, own.Min(got), own.Max(got), slices.Min(want), slices.Max(want))
		}
	}
}

// What is equal ends up in the same order, whatever the size, and half of it where the comparison panics.
func TestSortFuncOrder(t *testing.T) {
	type item struct{ key, n int }
	sorts := map[string][2]func([]item, func(a, b item) int){
		"SortFunc":       {slices.SortFunc[[]item], own.SortFunc[[]item]},
		"SortStableFunc": {slices.SortStableFunc[[]item], own.SortStableFunc[[]item]},
	}
	for name, sort := range sorts {
		t.Run(name, func(t *testing.T) {
			r := rand.New(rand.NewPCG(3, 4))
			for round := range 80 {
				items := make([]item, r.IntN(250))
				for i := range items {
					items[i] = item{r.IntN(1 + len(items)/3), i}
				}
				limit := math.MaxInt
				if round%4 == 0 {
					limit = r.IntN(1 + 6*len(items))
				}
				var results, calls [2]string
				for i := range sort {
					sorted := slices.Clone(items)
					compared := 0
					results[i] = outcome(func() any {
						sort[i](sorted, func(a, b item) int {
							if compared++; compared > limit {
								panic("enough")
							}
							return cmp.Compare(a.key, b.key)
						})
						return nil
					}) + fmt.Sprint(sorted)
					calls[i] = fmt.Sprint(compared)
				}
				if results[0] != results[1] || calls[0] != calls[1] {
					t.Fatalf("%d items: got %s comparisons, %s\nwant %s, %s", len(items), calls[1], results[1], calls[0], results[0])
				}
			}
		})
	}
}

func TestSortRefusesWhatHasNoOrder(t *testing.T) {
	got := outcome(func() any { host.Sort([]bool{true}); return nil })
	if got != "panic string: host.Sort: not a slice of an ordered type: []bool" {
		t.Error(got)
	}
}

func TestCmp(t *testing.T) {
	for _, x := range numbers {
		for _, y := range numbers {
			if got, want := owncmp.Compare(x, y), cmp.Compare(x, y); got != want {
				t.Errorf("Compare(%v, %v) is %d, want %d", x, y, got, want)
			}
			if got, want := owncmp.Less(x, y), cmp.Less(x, y); got != want {
				t.Errorf("Less(%v, %v) is %t, want %t", x, y, got, want)
			}
			if got, want := owncmp.Or(x, y, 7), cmp.Or(x, y, 7); got != want && got == got {
				t.Errorf("Or(%v, %v, 7) is %v, want %v", x, y, got, want)
			}
		}
	}
	if owncmp.Or[int]() != 0 || owncmp.Or("", "a", "b") != "a" || owncmp.Or(0, 0) != 0 || owncmp.Compare("a", "b") != -1 || !owncmp.Less("a", "b") {
		t.Error("Or, Compare or Less of other types")
	}
}
