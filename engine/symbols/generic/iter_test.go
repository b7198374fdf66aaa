package generic_test

import (
	"fmt"
	"iter"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	own "github.com/scriptd/scriptd/engine/symbols/generic/iter"
)

// pulls is what is done with next (n) and stop (s), one after the other.
var pulls = []string{"", "n", "nn", "nnnn", "nnnnnn", "s", "sn", "ns", "nsn", "nsss", "nnnnsn", "nnnnns"}

func TestPull(t *testing.T) {
	var log []string
	iterators := map[string]func(yield func(int) bool){
		"three": func(yield func(int) bool) {
			for i := range 3 {
				if !yield(i + 1) {
					log = append(log, "stopped")
					return
				}
			}
			log = append(log, "done")
		},
		"empty":  func(func(int) bool) {},
		"panics": func(yield func(int) bool) { yield(1); panic("broken") },
		"panics on": func(yield func(int) bool) {
			defer func() { log = append(log, fmt.Sprint(recover())); panic("again") }()
			yield(1)
			panic("broken")
		},
		"goes on": func(yield func(int) bool) { yield(1); yield(2); yield(3) },
		"exits":   func(yield func(int) bool) { defer func() { log = append(log, "exit") }(); yield(1); runtime.Goexit() },
	}
	for name, seq := range iterators {
		for _, calls := range pulls {
			t.Run(name+" "+calls, func(t *testing.T) {
				run := func(next func() (int, bool), stop func()) string {
					log = nil
					var group sync.WaitGroup
					do := func(calls string) { // in a goroutine, which Goexit may end
						for _, call := range calls {
							log = append(log, outcome(func() any {
								if call == 's' {
									stop()
									return nil
								}
								v, ok := next()
								return fmt.Sprint(v, ok)
							}))
						}
					}
					group.Go(func() { do(calls) })
					group.Wait()
					group.Go(func() { do("s") })
					group.Wait()
					return strings.Join(log, "; ")
				}
				want := run(iter.Pull(seq))
				if got := run(own.Pull(own.Seq[int](seq))); got != want {
					t.Errorf("got\n%s, want\n%s", got, want)
				}
			})
		}
	}
}

func TestPull2(t *testing.T) {
	words := []string{"a", "b", "c"}
	for n := range 6 {
		run := func(next func() (int, string, bool), stop func()) (all []string) {
			defer stop()
			for range n {
				all = append(all, fmt.Sprint(next()))
			}
			stop()
			return append(all, fmt.Sprint(next()))
		}
		got, want := run(own.Pull2(own.Seq2[int, string](slices.All(words)))), run(iter.Pull2(slices.All(words)))
		if !slices.Equal(got, want) {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

// Two iterators that are pulled in turn, one within the other.
func TestPullNested(t *testing.T) {
	zip := func(a, b own.Seq[int]) own.Seq[int] {
		return func(yield func(int) bool) {
			nextA, stopA := own.Pull(a)
			defer stopA()
			nextB, stopB := own.Pull(b)
			defer stopB()
			for {
				v, ok := nextA()
				w, ok2 := nextB()
				if !ok || !ok2 || !yield(v) || !yield(w) {
					return
				}
			}
		}
	}
	count := func(yield func(int) bool) {
		i := 0
		for yield(i) {
			i++
		}
	}
	next, stop := own.Pull(zip(zip(count, count), count))
	defer stop()
	var got []int
	for range 12 {
		v, _ := next()
		got = append(got, v)
	}
	if want := []int{0, 0, 0, 1, 1, 2, 1, 3, 2, 4, 2, 5}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}
