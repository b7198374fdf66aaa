package interp

import (
	"errors"
	"fmt"
	"strings"
	"sync"
)

// What follows is run both by the interpreter and as it is compiled: see TestHammer.

type tally struct {
	mu   sync.Mutex
	seen map[int]int
}

func (t *tally) add(key, n int) int {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.seen[key] += n
	return t.seen[key]
}

type plus int

func (p plus) to(n int) int { return n + int(p) }

type shape interface{ area() int }

type square struct{ side int }

func (s square) area() int { return s.side * s.side }

type rectangle struct{ a, b int }

func (r *rectangle) area() int { return r.a * r.b }

type tooLarge struct{ n int }

func (t tooLarge) Error() string { return fmt.Sprint("too large: ", t.n) }

var hammered = tally{seen: make(map[int]int)}

func twice[T any](f func(T) T) func(T) T { return func(v T) T { return f(f(v)) } }

// hammer uses all of what a state shared by calls could break. Its result depends on n alone.
func hammer(n int) (result int) {
	defer func() {
		if v := recover(); v != nil {
			result = -n
		}
	}()
	defer func(k int) { result += k * n }(n % 3)

	hammered.add(n%97, 1)
	local := tally{seen: map[int]int{1: n}}
	add, to := local.add, plus(n).to
	sum := add(1, 2) + add(1, 3) + twice(to)(1)

	numbers, words := make(chan int, 1), make(chan string, 1)
	go func() { words <- strings.Repeat("w", n%7) }()
	numbers <- n
	var never chan int
	for range 2 {
		select {
		case v, ok := <-numbers:
			if ok {
				sum += v
			}
			numbers = nil
		case w := <-words:
			sum += len(w) << 10
		case <-never:
			sum = 0
		}
	}

	var functions []func() int
	for i := range 2 {
		functions = append(functions, func() int { i += n; return i })
	}
	for _, f := range functions {
		sum += f() * f()
	}
	s := []shape{square{n % 7}, &rectangle{n % 5, 2}}[n%2]
	switch v := s.(type) {
	case square:
		sum += v.side
	case *rectangle:
		sum += v.a << 4
	}
	sum += s.area()
	if n%61 == 0 {
		var err error = tooLarge{n}
		if e, ok := errors.AsType[tooLarge](fmt.Errorf("no: %w", err)); ok {
			panic(e)
		}
	}
	if n%67 == 0 {
		sum += []int{n, 2 * n}[n%97+2]
	}
	return sum
}
