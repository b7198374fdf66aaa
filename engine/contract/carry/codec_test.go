package carry

import (
	"errors"
	"math"
	"math/big"
	randv1 "math/rand"
	"math/rand/v2"
	"net/netip"
	"net/url"
	"reflect"
	"testing"
	"testing/quick"
	"time"
)

// everything has fields of all forms that are compared bit by bit.
type everything struct {
	B    bool
	I    int
	I8   int8
	I16  int16
	I32  int32
	I64  int64
	U    uint
	U8   uint8
	U16  uint16
	U32  uint32
	U64  uint64
	F32  float32
	F64  float64
	C64  complex64
	C128 complex128
	S    string
	Own  ownString
	By   []byte
	A    [3]int16
	AB   [4]byte
	AE   [2]struct{}
	E    []struct{}
	Sl   []string
	SlSl [][]int
	M    map[string]int
	MF   map[float64]string
	MS   map[struct{ A, B int }][]int
	P    *int
	PP   **string
	St   struct{ X, Y *float64 }
	More everythingMore
	Dur  time.Duration
}

type everythingMore struct {
	Next *everythingMore
	List []everythingMore
	Map  map[int8]everythingMore
}

type ownString string

type embedded struct {
	InEmbedded string
	notHere    int
}

func TestValuesCrossAsTheyAre(t *testing.T) {
	f := func(v everything) bool {
		got := crossed(t, v)
		if !sameBits(reflect.ValueOf(v), reflect.ValueOf(got)) {
			t.Logf("got %+v\nwant %+v", got, v)
			return false
		}
		return true
	}
	if err := quick.Check(f, &quick.Config{MaxCount: 300}); err != nil {
		t.Error(err)
	}
}

func TestEdges(t *testing.T) {
	one := 1
	pone := &one
	for name, v := range map[string]any{
		"zero":                               everything{},
		"empty, not nil":                     everything{By: []byte{}, Sl: []string{}, M: map[string]int{}, E: []struct{}{}, SlSl: [][]int{nil, {}}},
		"many of nothing":                    everything{E: make([]struct{}, 1<<30)},
		"negative zero":                      everything{F64: math.Copysign(0, -1), F32: float32(math.Copysign(0, -1)), C128: complex(math.Copysign(0, -1), 1)},
		"no number":                          everything{F64: math.NaN(), F32: float32(math.NaN())},
		"a number that no computation gives": math.Float64frombits(0x7ff8dead0000beef),
		"infinite":                           everything{F64: math.Inf(1), F32: float32(math.Inf(-1))},
		"largest":                            everything{U64: math.MaxUint64, I64: math.MinInt64, I: math.MinInt, U: math.MaxUint, I8: -128, U8: 255},
		"not UTF-8":                          everything{S: "\xff\xfe\x00a", Own: "\xc0"},
		"pointer":                            everything{P: pone},
		"pointers":                           &pone,
		"own slice":                          []ownString{"a", ""},
		"list":                               []*Item{{Name: "a", Parts: []*Item{{Count: 3}, nil}}, nil},
		"arrays of arrays":                   [2][2][]int{{{1}, nil}, {{}, {2, 3}}},
		"bytes of own type":                  []ownByte{1, 2},
		"map of maps":                        map[string]map[string]int{"a": {"b": 1}, "c": nil, "d": {}},
	} {
		if got := crossedValue(t, reflect.ValueOf(v)); !sameBits(reflect.ValueOf(v), got) {
			t.Errorf("%s: got %+v, want %+v", name, got, v)
		}
	}
}

type ownByte uint8

func TestTypesWithMethodsOfTheirOwn(t *testing.T) {
	when := time.Date(2024, 2, 29, 1, 2, 3, 4, time.FixedZone("", 3600))
	if got := crossed(t, struct{ T time.Time }{when}); !got.T.Equal(when) || got.T.Format(time.RFC3339Nano) != when.Format(time.RFC3339Nano) {
		t.Errorf("got %v, want %v", got.T, when)
	}
	if got := crossed(t, time.Time{}); !got.IsZero() {
		t.Errorf("got %v, want the zero time", got)
	}
	n, _ := new(big.Int).SetString("-123456789012345678901234567890", 10)
	if got := crossed(t, []*big.Int{n, nil}); got[0].Cmp(n) != 0 || got[1] != nil {
		t.Errorf("got %v, want %v and nil", got, n)
	}
	if got := crossed(t, map[string]big.Int{"a": *n}); func() int { v := got["a"]; return v.Cmp(n) }() != 0 {
		t.Errorf("got %v, want %v", got, n)
	}
	addr := netip.MustParseAddr("fe80::1%eth0")
	if got := crossed(t, map[netip.Addr]int{addr: 1}); got[addr] != 1 {
		t.Errorf("got %v, want one with %v", got, addr)
	}
	u, _ := url.Parse("https://me:secret@example.com/a?b=c#d")
	if got := crossed(t, *u); got.String() != u.String() {
		t.Errorf("got %v, want %v", &got, u)
	}
	// Nothing of these is hidden, and so what their methods would do to them is not done.
	if got := crossed(t, secret("word")); got != "word" {
		t.Errorf("got %q, want word", string(got))
	}
	if got := crossed(t, halfHidden{Seen: 1, unseen: 2}); got != (halfHidden{Seen: 1}) {
		t.Errorf("got %v, want what is exported", got)
	}
	if got := crossed(t, outer{embedded: embedded{"in", 1}, Outer: 2}); got != (outer{embedded{"in", 0}, 2}) {
		t.Errorf("got %v, want what is exported", got)
	}
	if got := crossed(t, textOnly{"é"}); got.text != "é" {
		t.Errorf("got %q, want é", got.text)
	}
}

type outer struct {
	embedded
	Outer int
}

type secret string

func (secret) MarshalText() ([]byte, error) { return []byte("***"), nil }

func (*secret) UnmarshalText([]byte) error { return nil }

type halfHidden struct{ Seen, unseen int }

type textOnly struct{ text string }

func (t textOnly) MarshalText() ([]byte, error) { return []byte(t.text), nil }

func (t *textOnly) UnmarshalText(b []byte) error {
	t.text = string(b)
	return nil
}

func TestAValueThatContainsItselfIsAnError(t *testing.T) {
	loop := &Item{Name: "loop"}
	loop.Parts = []*Item{loop}
	m := methodOf(t, reflect.TypeFor[*Item]())
	if _, err := m.AppendArgs(nil, nil, []reflect.Value{reflect.ValueOf(loop)}); err == nil {
		t.Error("it was encoded")
	}
	chain := &everythingMore{}
	for range 5000 {
		chain = &everythingMore{Next: chain}
	}
	depth := 0
	for got := crossed(t, chain); got != nil; got = got.Next {
		depth++
	}
	if depth != 5001 {
		t.Errorf("got a chain of %d, want 5001", depth)
	}
}

func TestSizesAreBounded(t *testing.T) {
	opts := options()
	opts.MaxSize = 1000
	m := methodWith(t, opts, reflect.TypeFor[[]byte]())
	for n, fits := range map[int]bool{900: true, 1001: false, 1 << 20: false} {
		_, err := m.AppendArgs(nil, nil, []reflect.Value{reflect.ValueOf(make([]byte, n))})
		if (err == nil) != fits {
			t.Errorf("%d bytes: %v", n, err)
		}
		const want = "parameter 1: the value is too large: a call carries 1000 bytes at most, and a stream as many as there are"
		if err != nil && (err.Error() != want || !errors.Is(err, ErrTooLarge)) {
			t.Errorf("%d bytes: got %v, want %s", n, err, want)
		}
	}
	m = methodWith(t, opts, reflect.TypeFor[[]halfHiddenLarge]())
	b, err := m.AppendArgs(nil, nil, []reflect.Value{reflect.ValueOf(make([]halfHiddenLarge, 3))})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := m.Args(t.Context(), nil, b); err == nil {
		t.Error("a value was decoded that takes more memory than it may")
	}
}

type halfHiddenLarge struct {
	Seen bool
	_    [4000]byte
}

// methodOf returns a method that has one parameter and one result of a type.
func methodOf(t testing.TB, typ reflect.Type) *Method {
	t.Helper()
	return methodWith(t, options(), typ)
}

func methodWith(t testing.TB, opts *Options, typ reflect.Type) *Method {
	t.Helper()
	c := newCompiler(opts, &dynamics{opts: opts})
	f := reflect.FuncOf([]reflect.Type{typ}, []reflect.Type{typ}, false)
	sig, err := c.shaper.signature("", f)
	if err != nil {
		t.Fatal(err)
	}
	m, err := c.method(sig, sig)
	if err != nil {
		t.Fatal(err)
	}
	m.typ = f
	return m
}

func crossed[T any](t testing.TB, v T) T {
	t.Helper()
	return crossedValue(t, reflect.ValueOf(&v).Elem()).Interface().(T) //nolint:forcetypeassert // it is of v's type
}

func crossedValue(t testing.TB, v reflect.Value) reflect.Value {
	t.Helper()
	m := methodOf(t, v.Type())
	b, err := m.AppendArgs(nil, []byte("before"), []reflect.Value{v})
	if err != nil {
		t.Fatal(err)
	}
	args, err := m.Args(t.Context(), nil, b[len("before"):])
	if err != nil {
		t.Fatal(err)
	}
	// A value that cannot be addressed crosses in the same way.
	results, err := m.AppendResults(nil, nil, args, []reflect.Value{reflect.ValueOf(args[0].Interface())})
	if err != nil && v.Kind() != reflect.Interface {
		t.Fatal(err)
	}
	if err == nil {
		if args, err = m.Results(nil, results, nil); err != nil {
			t.Fatal(err)
		}
	}
	return args[0]
}

// sameBits is reflect.DeepEqual with numbers by their bits.
func sameBits(a, b reflect.Value) bool {
	if a.Type() != b.Type() {
		return false
	}
	switch a.Kind() {
	case reflect.Float32, reflect.Float64:
		return math.Float64bits(a.Float()) == math.Float64bits(b.Float())
	case reflect.Complex64, reflect.Complex128:
		x, y := a.Complex(), b.Complex()
		return math.Float64bits(real(x)) == math.Float64bits(real(y)) && math.Float64bits(imag(x)) == math.Float64bits(imag(y))
	case reflect.Pointer:
		return a.IsNil() == b.IsNil() && (a.IsNil() || sameBits(a.Elem(), b.Elem()))
	case reflect.Struct:
		for i := range a.NumField() {
			if !sameBits(a.Field(i), b.Field(i)) {
				return false
			}
		}
		return true
	case reflect.Slice:
		if a.IsNil() != b.IsNil() || a.Len() != b.Len() || a.Type().Elem().Size() == 0 {
			return a.IsNil() == b.IsNil() && a.Len() == b.Len()
		}
		fallthrough
	case reflect.Array:
		for i := range a.Len() {
			if !sameBits(a.Index(i), b.Index(i)) {
				return false
			}
		}
		return true
	case reflect.Map:
		if a.IsNil() != b.IsNil() || a.Len() != b.Len() {
			return false
		}
		for iter := a.MapRange(); iter.Next(); {
			if v := b.MapIndex(iter.Key()); iter.Key().Equal(iter.Key()) && (!v.IsValid() || !sameBits(iter.Value(), v)) {
				return false
			}
		}
		return true
	default:
		return a.Equal(b)
	}
}

// Generate implements quick.Generator: a tree that is not too deep.
func (everythingMore) Generate(r *randv1.Rand, size int) reflect.Value {
	return reflect.ValueOf(moreOf(size / 10))
}

func moreOf(size int) everythingMore {
	m := everythingMore{}
	if size <= 0 {
		return m
	}
	if rand.IntN(2) == 0 {
		next := moreOf(size - 1)
		m.Next = &next
	}
	for range rand.IntN(3) {
		m.List = append(m.List, moreOf(size/2))
	}
	if rand.IntN(2) == 0 {
		m.Map = map[int8]everythingMore{int8(rand.IntN(256)): moreOf(size / 2)}
	}
	return m
}
