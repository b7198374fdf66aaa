package carry

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strings"
	"testing"
	"time"
)

func typeOf[T any]() reflect.Type { return reflect.TypeFor[T]() }

func valueOf[T any](v T) reflect.Value { return reflect.ValueOf(&v).Elem() }

func TestWhatAnInterfaceHolds(t *testing.T) {
	s := elsewhere[Shop](t, &shop{})
	for _, v := range []any{
		nil, true, 1, int8(-1), uint64(1 << 63), float32(1.5), -0.5, "text", "\xff", []byte(nil),
		[]byte{1},
		[]any{nil, 1, "a", []any{}},
		map[string]any{"a": map[string]any{"b": []any{1.5}}},
		map[string]any(nil), time.Second, json.Number("1e3"),
		Item{Name: "a", Tags: []string{"b"}},
		&Item{Price: 2}, (*Item)(nil),
		[]*Item{{Count: 1}},
		map[time.Duration][]Item{1: nil},
		complex(1, 2),
		[]error{nil, io.EOF},
		time.Unix(1, 2).UTC(), json.RawMessage(nil),
	} {
		got, err := s.Any(v)
		if err != nil || !reflect.DeepEqual(got, v) {
			t.Errorf("got %#v and %v, want %#v", got, err, v)
		}
	}
	if got, err := s.Any(io.EOF); got != io.EOF || err != nil { //nolint:errorlint // the same
		t.Errorf("got %v and %v, want io.EOF", got, err)
	}
	for want, v := range map[string]any{
		"carry.ownString":       ownString("a"),
		"chan int":              make(chan int),
		"func()":                func() {},
		"struct { A int }":      struct{ A int }{1},
		"*strings.Builder":      &strings.Builder{},
		"*context.cancelCtx":    func() any { c, f := context.WithCancel(context.Background()); f(); return c }(),
		"[]carry.ownString":     []ownString{"a"},
		"[]map[string]chan int": []map[string]chan int{},
	} {
		if _, err := s.Any(v); err == nil || !strings.Contains(err.Error(), "a value of the type "+want+" in an interface cannot cross") {
			t.Errorf("got %v, want an error that names %s", err, want)
		}
	}
}

func TestErrorsInsideOfValues(t *testing.T) {
	type report struct {
		Err  error
		List []error
		By   map[string]error
	}
	got := crossed(t, report{fmt.Errorf("a: %w", io.EOF), []error{ErrSold, nil}, map[string]error{"x": &FullError{Room: "r"}}})
	var full *FullError
	if !errors.Is(got.Err, io.EOF) || got.List[0] != ErrSold || got.List[1] != nil || !errors.As(got.By["x"], &full) { //nolint:errorlint // the same
		t.Errorf("got %+v", got)
	}
	if got.Err.Error() != "a: EOF" {
		t.Errorf("got %v", got.Err)
	}
}

// A side that is not trusted cannot have the other one use a value where it is to call back.
func TestNoValueInThePlaceOfAReference(t *testing.T) {
	for _, b := range [][]byte{{refValue}, {refValue, byte(reflect.Int), 2}, append([]byte{refValue}, itemAsAny(t)...)} {
		m := methodOf(t, typeOf[Till]())
		if _, err := m.Args(t.Context(), nil, b); !errors.Is(err, ErrMalformed) {
			t.Errorf("%x: got %v, want ErrMalformed", b, err)
		}
		inside := methodOf(t, typeOf[[]Till]())
		if _, err := inside.Args(t.Context(), nil, append([]byte{2}, b...)); !errors.Is(err, ErrMalformed) {
			t.Errorf("%x inside of a slice: got %v, want ErrMalformed", b, err)
		}
	}
}

func itemAsAny(t *testing.T) []byte {
	t.Helper()
	b, err := methodOf(t, anyType).AppendArgs(nil, nil, []reflect.Value{valueOf[any](Item{})})
	if err != nil {
		t.Fatal(err)
	}
	return b
}
