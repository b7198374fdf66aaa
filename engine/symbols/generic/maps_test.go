package generic_test

import (
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	own "github.com/scriptd/scriptd/engine/symbols/generic/maps"
)

type twoMaps struct {
	a, b map[int]int
	n    int
}

func (m *twoMaps) String() string { return fmt.Sprintf("%#v, %#v, %d", m.a, m.b, m.n) }

func newMaps(r *rand.Rand) *twoMaps {
	one := func() map[int]int {
		if r.IntN(8) == 0 {
			return nil
		}
		m := make(map[int]int)
		for range r.IntN(5) {
			m[r.IntN(4)] = r.IntN(3)
		}
		return m
	}
	m := &twoMaps{one(), one(), r.IntN(4)}
	if r.IntN(4) == 0 {
		m.b = maps.Clone(m.a)
	}
	return m
}

func TestMaps(t *testing.T) {
	odd := func(_, v int) bool { return v%2 == 1 }
	near := func(a, b int) bool { return a-b < 2 && b-a < 2 }
	sorted := func(seq func(func(int) bool)) any { return slices.Sorted(seq) }
	tests := []struct {
		name     string
		std, own func(*twoMaps) any
	}{
		{"Equal", func(m *twoMaps) any { return maps.Equal(m.a, m.b) }, func(m *twoMaps) any { return own.Equal(m.a, m.b) }},
		{"EqualFunc", func(m *twoMaps) any { return maps.EqualFunc(m.a, m.b, near) }, func(m *twoMaps) any { return own.EqualFunc(m.a, m.b, near) }},
		{"Clone", func(m *twoMaps) any { return maps.Clone(m.a) }, func(m *twoMaps) any { return own.Clone(m.a) }},
		{"Copy", func(m *twoMaps) any { maps.Copy(m.a, m.b); return nil }, func(m *twoMaps) any { own.Copy(m.a, m.b); return nil }},
		{"DeleteFunc", func(m *twoMaps) any { maps.DeleteFunc(m.a, odd); return nil }, func(m *twoMaps) any { own.DeleteFunc(m.a, odd); return nil }},
		{"All and Collect", func(m *twoMaps) any { return maps.Collect(maps.All(m.a)) }, func(m *twoMaps) any { return own.Collect(own.All(m.a)) }},
		{"Insert", func(m *twoMaps) any { maps.Insert(m.a, maps.All(m.b)); return nil }, func(m *twoMaps) any { own.Insert(m.a, own.All(m.b)); return nil }},
		{"Keys", func(m *twoMaps) any { return sorted(maps.Keys(m.a)) }, func(m *twoMaps) any { return sorted(own.Keys(m.a)) }},
		{"Values", func(m *twoMaps) any { return sorted(maps.Values(m.a)) }, func(m *twoMaps) any { return sorted(own.Values(m.a)) }},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) { same(t, 1000, tt.name, newMaps, tt.std, tt.own) })
	}
}

func TestMapsOfNaN(t *testing.T) {
	m := map[float64]float64{math.NaN(): 1, 2: math.NaN()}
	other := m
	if got, want := own.Equal(m, other), maps.Equal(m, other); got != want {
		t.Errorf("equal is %t, want %t", got, want)
	}
	if got, want := fmt.Sprint(own.Clone(m)), fmt.Sprint(maps.Clone(m)); got != want {
		t.Errorf("a clone is %s, want %s", got, want)
	}
}

func TestMapsIteratorsStop(t *testing.T) {
	m := map[string]int{"a": 1, "b": 2, "c": 3}
	n := 0
	for range own.All(m) {
		n++
		break
	}
	for range own.Keys(m) {
		n++
		break
	}
	for range own.Values(m) {
		n++
		break
	}
	if n != 3 {
		t.Errorf("%d values of three iterators", n)
	}
}
