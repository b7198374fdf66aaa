package interp_test

import (
	"encoding/json"
	"math"
	"math/big"
	"net/netip"
	"net/url"
	"time"
)

// The types of TestCodecsAgreeWithJSON, which gives all of this file to a plugin. For each type T there is a function
// valueT.

type basics struct {
	S   string
	B   bool
	I   int
	I8  int8
	I16 int16
	I32 int32
	I64 int64
	U   uint
	U8  uint8
	U16 uint16
	U32 uint32
	U64 uint64
	F   float64
	F32 float32
	R   rune
	Y   byte
}

func valueBasics() basics {
	return basics{
		"a\x00\"\\<>&\u2028é\xff", true, -1, math.MinInt8, math.MinInt16, math.MinInt32, math.MinInt64, 1, math.MaxUint8, math.MaxUint16, math.MaxUint32,
		math.MaxUint64, 0.1, 0.1, 'é', 'y',
	}
}

type numbers struct {
	Exact []int64
	Large []uint64
	F     []float64
	F32   []float32
}

func valueNumbers() numbers {
	return numbers{
		[]int64{1<<53 - 1, 1 << 53, 1<<53 + 1, -1 << 53, -1<<53 - 1, math.MaxInt64},
		[]uint64{1 << 53, 1<<53 + 1, 1 << 63},
		[]float64{0, -0.0, 1e20, 1e21, 1e22, 123456789, 1e-6, 1e-7, math.MaxFloat64, math.SmallestNonzeroFloat64, 1.0 / 3},
		[]float32{0, 1e20, 1e21, 1e-6, 1e-7, math.MaxFloat32, 1.0 / 3, 16777216},
	}
}

type tags struct {
	A int    `json:"a"`
	B int    `json:"-"`
	C int    `json:",omitempty"`
	D string `json:"d,omitempty"`
	E int64  `json:"e,string"`
	F bool   `json:",string"`
	G string `json:"g,string"`
	H *int   `json:",string"`
	I int    `json:"i,omitempty,string"`
	J float64
	k int
	L float32 `json:",string"`
}

func valueTags() tags {
	n := 7
	return tags{A: 1, B: 2, D: "x", E: math.MaxInt64, F: true, G: "a\"<b", H: &n, J: 1.5, k: 9, L: 0.1}
}

type empties struct {
	A []int            `json:",omitempty"`
	B map[string]int   `json:",omitempty"`
	C *int             `json:",omitempty"`
	D any              `json:",omitempty"`
	E string           `json:",omitempty"`
	F bool             `json:",omitempty"`
	G float64          `json:",omitempty"`
	H [2]int           `json:",omitempty"`
	I [0]int           `json:",omitempty"`
	J small            `json:",omitempty"`
	K small            `json:",omitzero"`
	L time.Time        `json:",omitzero"`
	M *small           `json:",omitzero"`
	N []int            `json:",omitzero"`
	O map[string]small `json:",omitempty,omitzero"`
	P time.Duration    `json:",omitzero"`
	Q any              `json:",omitzero"`
}

type small struct{ A int }

func valueEmpties() empties { return empties{A: []int{}, B: map[string]int{}, N: []int{}, D: ""} }

type full empties

func valueFull() full {
	n := 0
	return full{
		[]int{0},
		map[string]int{"": 0},
		&n, 0, "x", true, 0.5,
		[2]int{},
		[0]int{},
		small{},
		small{1},
		time.Unix(0, 0).UTC(), &small{},
		[]int{0},
		map[string]small{"a": {1}},
		1, false,
	}
}

type nils struct {
	A []int
	B map[string]int
	C *int
	D any
	E []byte
	F *small
	G error
	H **int
	I [][]int
	J map[string]*small
}

func valueNils() nils { return nils{I: [][]int{nil, {}}, J: map[string]*small{"x": nil}} }

type containers struct {
	A []string
	B [2][]int
	C map[string][]small
	D map[int]string
	E map[uint8]bool
	F map[word]word
	G []map[string]any
	H []*small
	I map[int64]map[string]int
	J []byte
	K [3]byte
	L [][]byte
	M map[netip.Addr]int
	N []word
}

type word string

func valueContainers() containers {
	return containers{
		[]string{"a", ""},
		[2][]int{{1}, nil},
		map[string][]small{"x": {{1}, {2}}, "y": nil},
		map[int]string{-1: "a", 2: "b"},
		map[uint8]bool{255: true},
		map[word]word{"k": "v"},
		[]map[string]any{{"a": 1, "b": []int{1}}, nil},
		[]*small{{1}, nil},
		map[int64]map[string]int{math.MinInt64: {"a": 1}},
		[]byte("\x00\xffabc"),
		[3]byte{1, 2, 3},
		[][]byte{nil, {}, {1}},
		map[netip.Addr]int{netip.MustParseAddr("1.2.3.4"): 1},
		[]word{"w"},
	}
}

type inner struct {
	A int
	B int `json:"b"`
	c int
}

type Exported struct {
	B int `json:"b"`
	D string
}

type embeds struct {
	inner
	D int
	E Exported
}

func valueEmbeds() embeds { return embeds{inner{1, 2, 3}, 4, Exported{5, "6"}} }

type embedsTwo struct {
	inner
	*Exported
	X int
}

func valueEmbedsTwo() embedsTwo { return embedsTwo{inner{1, 2, 3}, &Exported{4, "5"}, 6} }

type embedsPointer struct {
	*Exported
	X int
}

func valueEmbedsPointer() embedsPointer { return embedsPointer{&Exported{1, "2"}, 3} }

type embedsNil embedsPointer

func valueEmbedsNil() embedsNil { return embedsNil{nil, 3} }

type embedsNamed struct {
	Exported `json:"in"`
	X        int
}

func valueEmbedsNamed() embedsNamed { return embedsNamed{Exported{1, "2"}, 3} }

type chain struct {
	V    int
	Next *chain
}

func valueChain() chain { return chain{1, &chain{2, &chain{3, nil}}} }

type tree struct {
	Name string
	Kids []*tree
}

func valueTree() tree {
	return tree{"a", []*tree{{"b", nil}, {"c", []*tree{{"d", []*tree{}}}}}}
}

type hosts struct {
	T time.Time
	D time.Duration
	U *url.URL
	B *big.Int
	N json.Number
	M json.RawMessage
	A netip.Addr
	O time.Month
	P []time.Time
	Q map[string]time.Duration
}

func valueHosts() hosts {
	t := time.Date(2026, 1, 2, 3, 4, 5, 6, time.UTC)
	return hosts{
		t, time.Hour, &url.URL{Scheme: "http", Host: "h"}, big.NewInt(1 << 62), "12.50", json.RawMessage(`{"a": [1, 2.50, "x"]}`), netip.MustParseAddr("::1"),
		time.March,
		[]time.Time{t},
		map[string]time.Duration{"x": 1},
	}
}

type anys struct {
	A []any
	B any
	C map[string]any
}

func valueAnys() anys {
	n := 5
	return anys{
		[]any{
			nil, true, 1, int8(-1), uint64(math.MaxUint64), 1.5, float32(0.1), "s", word("w"),
			[]int{1},
			[]string(nil),
			[2]bool{true},
			[]byte("b"),
			map[string]int{"a": 1},
			map[int]bool{1: true},
			small{1},
			&small{2},
			[]small{{3}},
			[]*small{{4}, nil},
			&n, (*int)(nil), (*small)(nil),
			time.Unix(0, 0).UTC(), time.Second, big.NewInt(7), json.Number("1.0"), json.RawMessage("[1]"),
		},
		Exported{1, "2"},
		map[string]any{"x": map[string]any{"y": []any{small{1}}}, "z": inner{1, 2, 3}},
	}
}

type literal struct {
	A struct {
		B []struct {
			C int `json:"c"`
		}
	}
	D map[string]struct{ E bool }
}

func valueLiteral() literal {
	var v literal
	v.A.B = []struct {
		C int `json:"c"`
	}{{1}, {2}}
	v.D = map[string]struct{ E bool }{"x": {true}}
	return v
}

type pointers struct {
	A *int
	B **string
	C *[]int
	D *map[string]int
	E *[2]int
	F *any
}

func valuePointers() pointers {
	n, s := 1, "s"
	l := []int{1}
	m := map[string]int{"a": 1}
	a := [2]int{1, 2}
	var x any = "x"
	p := &s
	return pointers{&n, &p, &l, &m, &a, &x}
}
