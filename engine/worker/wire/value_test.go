package wire

import (
	"encoding/json"
	"errors"
	"math"
	"reflect"
	"strings"
	"testing"
	"time"
)

func encode(t *testing.T, v any) []byte {
	t.Helper()
	var p Payload
	if err := p.Value(v); err != nil {
		t.Fatal(err)
	}
	b := p.AppendTo(nil)
	if len(b) != p.Len() {
		t.Errorf("%d bytes, want the %d of Len", len(b), p.Len())
	}
	return b
}

func TestValues(t *testing.T) {
	long := strings.Repeat("long", byReference)
	for _, tt := range []struct {
		name     string
		in, want any
	}{
		{"nil", nil, nil},
		{"true", true, true},
		{"false", false, false},
		{"zero", 0.0, 0.0},
		{"minus zero", math.Copysign(0, -1), math.Copysign(0, -1)},
		{"fraction", 1.5, 1.5},
		{"whole", -12345.0, -12345.0},
		{"large whole", float64(1 << 60), float64(1 << 60)},
		{"infinite", math.Inf(1), math.Inf(1)},
		{"number", json.Number("9007199254740993"), json.Number("9007199254740993")},
		{"int", 7, int64(7)},
		{"smallest int", int64(math.MinInt64), int64(math.MinInt64)},
		{"unsigned", uint64(math.MaxUint64), uint64(math.MaxUint64)},
		{"float32", float32(0.1), float32(0.1)},
		{"named number", time.Second, int64(time.Second)},
		{"string", "é\x00\xff", "é\x00\xff"},
		{"empty string", "", ""},
		{"long string", long, long},
		{"empty list", []any{}, []any{}},
		{"empty map", map[string]any{}, map[string]any{}},
		{
			"all together",
			map[string]any{"a": []any{1.0, "x", nil, []any{true}}, long: map[string]any{"b": long}, "": 1.0},
			map[string]any{"a": []any{1.0, "x", nil, []any{true}}, long: map[string]any{"b": long}, "": 1.0},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			d := NewDecoder(encode(t, tt.in))
			if got := d.Value(); d.Err() != nil || d.Len() != 0 || !reflect.DeepEqual(got, tt.want) {
				t.Errorf("got %.100v, %v, %d bytes left", got, d.Err(), d.Len())
			}
			if f, ok := tt.want.(float64); ok && f == 0 {
				d := NewDecoder(encode(t, tt.in))
				if got, _ := d.Value().(float64); math.Signbit(got) != math.Signbit(f) {
					t.Errorf("got %v, want %v", got, f)
				}
			}
		})
	}
}

func TestValuesThatAreNone(t *testing.T) {
	loop := []any{nil}
	loop[0] = loop
	for name, v := range map[string]any{"struct": struct{}{}, "in a list": []any{map[string]any{"a": make(chan int)}}, "endless": loop} {
		var p Payload
		if err := p.Value(v); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

// A payload that was cut off, or claims more than it holds, is malformed, and costs no memory.
func TestMalformedValues(t *testing.T) {
	whole := encode(t, map[string]any{"a": []any{1.5, "text", json.Number("1"), 7, float32(1), uint(1)}})
	for n := range whole {
		d := NewDecoder(whole[:n])
		if v := d.Value(); !errors.Is(d.Err(), ErrMalformed) {
			t.Errorf("%d bytes: got %v, %v", n, v, d.Err())
		}
	}
	for name, b := range map[string][]byte{
		"an unknown form":    {99},
		"a huge list":        {valueList, 255, 255, 255, 255, 15},
		"a huge map":         {valueMap, 255, 255, 255, 255, 15},
		"a number too long":  {valueInt, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255},
		"nested without end": []byte(strings.Repeat(string([]byte{valueList, 1}), maxDepth+2)),
	} {
		d := NewDecoder(b)
		if d.Value(); !errors.Is(d.Err(), ErrMalformed) {
			t.Errorf("%s: got %v", name, d.Err())
		}
	}
}

func FuzzDecoder(f *testing.F) {
	f.Add([]byte{valueMap, 1, 1, 'a', valueList, 2, valueNil, valueWhole, 8})
	f.Add([]byte{valueString, 3, 'a', 'b', 'c'})
	f.Fuzz(func(t *testing.T, b []byte) {
		d := NewDecoder(b)
		v := d.Value()
		if d.Err() != nil {
			return
		}
		again := NewDecoder(encode(t, v))
		got := again.Value()
		if again.Err() != nil {
			t.Fatal(again.Err())
		}
		// NaN is not equal to itself: what is written is.
		if _, err := json.Marshal(v); err == nil && !reflect.DeepEqual(got, v) {
			t.Fatalf("got %v, want %v", got, v)
		}
	})
}
