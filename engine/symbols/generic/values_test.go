package generic_test

import (
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"hash/maphash"
	"testing"
	"time"

	ownsql "github.com/scriptd/scriptd/engine/symbols/generic/database/sql"
	ownmaphash "github.com/scriptd/scriptd/engine/symbols/generic/hash/maphash"
	"github.com/scriptd/scriptd/engine/symbols/generic/unique"
)

type (
	level  int
	shout  string
	point  struct{ x, y int }
	valuer struct{ v any }
)

func (v *valuer) Scan(src any) error {
	if src == "bad" {
		return errors.New("cannot scan bad")
	}
	v.v = src
	return nil
}

func (v valuer) Value() (driver.Value, error) {
	if v.v == "bad" {
		return nil, errors.New("no value for bad")
	}
	return v.v, nil
}

func TestNull(t *testing.T) {
	compareNull[string](t)
	compareNull[shout](t)
	compareNull[[]byte](t)
	compareNull[sql.RawBytes](t)
	compareNull[any](t)
	compareNull[bool](t)
	compareNull[int](t)
	compareNull[int8](t)
	compareNull[level](t)
	compareNull[uint16](t)
	compareNull[float32](t)
	compareNull[float64](t)
	compareNull[time.Time](t)
	compareNull[point](t)
	compareNull[valuer](t)
}

var values = []any{nil, "", "a", "12", "bad", int64(1), int64(300), int64(-5), 1.5, true, []byte("7"), time.Unix(9, 0).UTC(), point{}}

func compareNull[T any](t *testing.T) {
	t.Helper()
	for _, v := range values {
		var want sql.Null[T]
		var got ownsql.Null[T]
		wantErr, err := want.Scan(v), got.Scan(v)
		if fmt.Sprint(err) != fmt.Sprint(wantErr) || fmt.Sprintf("%#v %t", got.V, got.Valid) != fmt.Sprintf("%#v %t", want.V, want.Valid) {
			t.Errorf("%T of %#v: got %#v, %v, want %#v, %v", want, v, got, err, want, wantErr)
		}
		wantValue, wantErr := want.Value()
		value, err := got.Value()
		if fmt.Sprint(err) != fmt.Sprint(wantErr) || fmt.Sprintf("%#v", value) != fmt.Sprintf("%#v", wantValue) {
			t.Errorf("value of %#v: got %#v, %v, want %#v, %v", want, value, err, wantValue, wantErr)
		}
	}
}

func TestComparableHashes(t *testing.T) {
	seed := maphash.MakeSeed()
	if a, b := ownmaphash.Comparable(seed, point{1, 2}), ownmaphash.Comparable(seed, point{1, 2}); a != b {
		t.Errorf("equal values hash to %d and %d", a, b)
	}
	if ownmaphash.Comparable(seed, point{1, 2}) == ownmaphash.Comparable(seed, point{2, 1}) {
		t.Error("values that differ hash alike")
	}
	var a, b maphash.Hash
	a.SetSeed(seed)
	b.SetSeed(seed)
	before := a.Sum64()
	ownmaphash.WriteComparable(&a, "x")
	ownmaphash.WriteComparable(&b, "x")
	if a.Sum64() != b.Sum64() || a.Sum64() == before {
		t.Error("what is written does not count")
	}
}

func TestUnique(t *testing.T) {
	a, b, c := unique.Make("a"), unique.Make("a"), unique.Make("c")
	if a != b || a == c || a.Value() != "a" || c.Value() != "c" {
		t.Errorf("handles %v %v %v", a, b, c)
	}
	var zero unique.Handle[int]
	if zero == unique.Make(0) {
		t.Error("the zero handle stands for a value")
	}
	if got := outcome(func() any { return zero.Value() }); got != "panic runtime.errorString: runtime error: invalid memory address or nil pointer dereference" &&
		got != "panic runtime.errorAddressString: runtime error: invalid memory address or nil pointer dereference" &&
		got != "panic runtime.Error: runtime error: invalid memory address or nil pointer dereference" {
		t.Error(got)
	}
	if got := outcome(func() any { return unique.Make[any]([]int{}) }); got != "panic runtime.errorString: runtime error: hash of unhashable type []int" &&
		got != "panic runtime.plainError: runtime error: hash of unhashable type []int" {
		t.Error(got)
	}
}
