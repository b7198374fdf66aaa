package box_test

import (
	"fmt"
	"testing"
	"time"
)

// BenchmarkSprintf prints a value of the program beside the same as compiled.
func BenchmarkSprintf(b *testing.B) {
	w := newTwin(b, "formattypes_test.go")
	sprintf := stand[func(string, ...any) string](w, "fmt.Sprintf")
	for _, c := range []struct {
		name string
		v    any
	}{
		{"plain", 7},
		{"code", fCode(7)},
		{"point", fPoint{1, 2}},
		{"times", fTimes{D: time.Second}},
		{"map", fTable{"a": 1, "b": 2, "c": 3}},
		{"list", []fPoint{{1, 2}, {3, 4}, {5, 6}, {7, 8}}},
	} {
		boxed := w.box(c.v)
		for _, format := range []string{"%v", "%+v"} {
			b.Run(c.name+"/"+format+"/compiled", func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					_ = fmt.Sprintf(format, c.v)
				}
			})
			b.Run(c.name+"/"+format+"/boxed", func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					_ = sprintf(format, boxed)
				}
			})
		}
	}
}
