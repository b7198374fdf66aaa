package box_test

import (
	"fmt"
	"sync"
	"testing"
)

// TestFormatHammer prints the same new types from many goroutines at once.
func TestFormatHammer(t *testing.T) {
	w := newTwin(t, "formattypes_test.go")
	values := []any{
		fPoint{1, 2}, &fPoint{3, 4}, fNode{"n", nil, nil}, fTable{"a": 1}, fPair[fCode, []fText]{1, nil}, map[fKey]int{{"a", [2]fCode{}}: 1}, fDeep{A: fPoint{}},
	}
	boxed := w.boxAll(values)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 100 {
				for i, v := range values {
					if got, want := fmt.Sprintf("%+v %#[1]v", boxed[i]), fmt.Sprintf("%+v %#[1]v", v); got != want {
						t.Errorf("got %s, want %s", got, want)
						return
					}
				}
			}
		})
	}
	wg.Wait()
}
