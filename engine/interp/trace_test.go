package interp

import (
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/scriptd/scriptd/engine/runtime"
)

// A trace names functions as Go does, and the line where there is one that it can be.
func TestPlaces(t *testing.T) {
	const source = `package p

import "strings"

type t struct{ n *int }

func (x *t) get() int {
	y := 1
	return *x.n + y
}

func outer(x *t) int {
	_ = len("")
	return x.get()
}

func two(x *t) {
	x.get()
	x.get()
}

func host() {
	println("")
	strings.Repeat("", -1)
}

var f = func() {
	var m map[string]int
	m["a"]++
}
`
	in := &instance{pkg: runtime.Package{Tree: fstest.MapFS{"p/p.go": {Data: []byte(source)}}}}
	tests := []struct {
		name, message string
		lines, want   []string
	}{
		{
			"the line of a dereference, and of its call", "invalid memory address or nil pointer dereference",
			[]string{"8:7", "13:6"},
			[]string{"p.(*t).get 9", "p.outer 14"},
		},
		{"one of two calls", "nil pointer dereference", []string{"8:7", "18:2"}, []string{"p.(*t).get 9", "p.two 18"}},
		{"compiled code", "strings: negative Repeat count", []string{"23:2"}, []string{"p.host 24"}},
		{"a literal of a variable", "assignment to entry in nil map", []string{"28:6"}, []string{"p.init.func1 29"}},
		{"what the lowering made of one function", "x", []string{"18:2", "18:2"}, []string{"p.two 18"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var lines, got []string
			for _, l := range tt.lines {
				lines = append(lines, "/p/p.go/x:"+l+": panic: main.f1(...)")
			}
			for _, p := range in.places(lines, tt.message) {
				got = append(got, fmt.Sprintf("%s %d", p.function, p.pos.Line))
			}
			if strings.Join(got, ", ") != strings.Join(tt.want, ", ") {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}
