package rt

import (
	"bytes"
	"fmt"
	"math"
	"testing"
	"time"
)

func TestPrintFormats(t *testing.T) {
	var nothing *int
	tests := []struct {
		name string
		arg  any
		want string
	}{
		{"true", true, "true"},
		{"string", "a b", "a b"},
		{"negative", int8(-3), "-3"},
		{"unsigned", uintptr(12), "12"},
		{"method is not called", time.Second, "1000000000"},
		{"whole float", 42.0, "42"},
		{"negative zero", math.Copysign(0, -1), "-0"},
		{"large float", 1e100, "1e+100"},
		{"small float32", float32(0.1), "0.1"},
		{"infinity", math.Inf(1), "+Inf"},
		{"not a number", math.NaN(), "NaN"},
		{"complex", complex(1, -0.5), "(1-0.5i)"},
		{"complex64", complex64(complex(0.1, 2)), "(0.1+2i)"},
		{"nil pointer", nothing, "0x0"},
		{"nil slice", []int(nil), "[0/0]0x0"},
		{"nil map", map[int]int(nil), "0x0"},
		{"nil interface", asInterface(nil), "(0x0,0x0)"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var out bytes.Buffer
			p := &Program{Config: Config{Stderr: &out}}
			p.print(test.arg, test.arg)
			p.println(test.arg, test.arg)
			if want := fmt.Sprintf("%[1]s%[1]s%[1]s %[1]s\n", test.want); out.String() != want {
				t.Errorf("printed %q, want %q", out.String(), want)
			}
		})
	}
}
