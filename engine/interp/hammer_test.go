package interp

import (
	"os"
	"regexp"
	"sync"
	"sync/atomic"
	"testing"
)

// Calls of one function by many goroutines at a time do not get into each other's way.
func TestHammer(t *testing.T) {
	text, err := os.ReadFile("hammerprogram_test.go")
	if err != nil {
		t.Fatal(err)
	}
	source := regexp.MustCompile(`(?m)^package .*$`).ReplaceAllString(string(text), "package p") +
		"\nfunc Run(n int) int { return hammer(n) }\n"
	run := entry(t, source, "Run").Interface().(func(int) int)

	calls := int64(1_000_000)
	switch {
	case testing.Short() && raceEnabled:
		calls = 2_000
	case testing.Short():
		calls = 10_000
	case raceEnabled:
		calls = 20_000
	}
	var want [1000]int
	for n := range want {
		want[n] = hammer(n)
	}
	var next, wrong atomic.Int64
	var wg sync.WaitGroup
	for range 64 {
		wg.Go(func() {
			for {
				i := next.Add(1) - 1
				if i >= calls {
					return
				}
				n := int(i) % len(want)
				if got := run(n); got != want[n] && wrong.Add(1) < 5 {
					t.Errorf("%d: got %d, want %d", n, got, want[n])
				}
			}
		})
	}
	wg.Wait()
	if n := wrong.Load(); n > 0 {
		t.Errorf("%d answers of %d are wrong", n, calls)
	}
}
