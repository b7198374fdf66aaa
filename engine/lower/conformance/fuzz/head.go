package fuzz

// head is what all programs of a batch share.
const head = `package main

import (
	"cmp"
	"errors"
	"fmt"
	"sort"
	"strings"
)

var _ = strings.ToUpper
var _ = errors.New
var _ = sort.Ints

// guard runs a program and tells of a panic that leaves it.
func guard(f func()) {
	defer func() {
		if r := recover(); r != nil {
			fmt.Println("left by panic:", r)
		}
	}()
	f()
}

func id[T any](x T) T { return x }

func apply[T, U any](list []T, f func(T) U) []U {
	out := make([]U, 0, len(list))
	for _, x := range list {
		out = append(out, f(x))
	}
	return out
}

func keep[S ~[]E, E any](list S, f func(E) bool) S {
	var out S
	for _, x := range list {
		if f(x) {
			out = append(out, x)
		}
	}
	return out
}

func fold[T, A any](list []T, start A, f func(A, T) A) A {
	for _, x := range list {
		start = f(start, x)
	}
	return start
}

func largest[T cmp.Ordered](first T, rest ...T) T {
	for _, x := range rest {
		if x > first {
			first = x
		}
	}
	return first
}

func at[T any](list []T, i int) T {
	var none T
	if len(list) == 0 {
		return none
	}
	return list[(i%len(list)+len(list))%len(list)]
}

func keys[K cmp.Ordered, V any](m map[K]V) []K {
	var out []K
	for k := range m {
		out = append(out, k)
	}
	sort.Slice(out, func(i, j int) bool { return out[i] < out[j] })
	return out
}

type pair[A, B any] struct {
	First  A
	second B
}

func (p pair[A, B]) swap() pair[B, A] { return pair[B, A]{p.second, p.First} }

type stack[T any] struct{ items []T }

func (s *stack[T]) push(x T) { s.items = append(s.items, x) }

func (s *stack[T]) pop() (x T, ok bool) {
	if len(s.items) == 0 {
		return x, false
	}
	x = s.items[len(s.items)-1]
	s.items = s.items[:len(s.items)-1]
	return x, true
}

func (s *stack[T]) all(yield func(int, T) bool) {
	for i, x := range s.items {
		if !yield(i, x) {
			return
		}
	}
}

func upTo(n int) func(yield func(int) bool) {
	return func(yield func(int) bool) {
		for i := 0; i < n; i++ {
			if !yield(i) {
				return
			}
		}
	}
}

`
