package runtimetest

import "strings"

// results are expressions of type R, the declarations that they need, and the JSON that comes of them.
var results = []struct {
	name, decls, expr, want string
}{
	{"nothing", "type R any", "nil", `null`},
	{"a string", "type R string", `"a\x00\u2028é\xff"`, "\"a\\u0000\\u2028é\ufffd\""},
	{"a bool", "type R bool", "true", `true`},
	{
		"integers", "type R []int64", "R{0, -1, 1 << 53, -1 << 53, 1<<53 + 1, math.MaxInt64, math.MinInt64}",
		`[0,-1,9007199254740992,-9007199254740992,9007199254740993,9223372036854775807,-9223372036854775808]`,
	},
	{"unsigned integers", "type R []uint64", "R{0, math.MaxUint64}", `[0,18446744073709551615]`},
	{
		"small integers", "type R struct { A int8; B int16; C int32; D uint8; E uint16; F uint32; G uint; H uintptr }",
		"R{-128, -32768, math.MinInt32, 255, 65535, math.MaxUint32, 1, 2}",
		`{"A":-128,"B":-32768,"C":-2147483648,"D":255,"E":65535,"F":4294967295,"G":1,"H":2}`,
	},
	{"floats", "type R []float64", "R{0, 0.1, -1.5, 1e21, 1e-7, math.MaxFloat64}", `[0,0.1,-1.5,1e+21,1e-7,1.7976931348623157e+308]`},
	{"short floats", "type R []float32", "R{0.1, 16777216}", `[0.1,16777216]`},
	{
		"nil slices and maps", "type R struct { A []int; B map[string]int; C *int; D any; E []byte; F error }", "R{}",
		`{"A":null,"B":null,"C":null,"D":null,"E":null,"F":null}`,
	},
	{"empty slices and maps", "type R struct { A []int; B map[string]int; E []byte }", "R{[]int{}, map[string]int{}, []byte{}}", `{"A":[],"B":{},"E":""}`},
	{"bytes", "type R []byte", "R(\"\\x00\\xffabc\")", `"AP9hYmM="`},
	{"an array of bytes", "type R [3]byte", "R{1, 2, 3}", `[1,2,3]`},
	{"arrays", "type R [2][2]string", `R{{"a", "b"}, {"c"}}`, `[["a","b"],["c",""]]`},
	{
		"map keys", "type K string; type R struct { A map[string]int; B map[int]string; C map[K]bool; D map[uint8]int; E map[int64]any }",
		`R{map[string]int{"b": 2, "a": 1}, map[int]string{-1: "x"}, map[K]bool{"k": true}, map[uint8]int{255: 1}, map[int64]any{math.MinInt64: nil}}`,
		`{"A":{"a":1,"b":2},"B":{"-1":"x"},"C":{"k":true},"D":{"255":1},"E":{"-9223372036854775808":null}}`,
	},
	{
		"tags", "type R struct { A int `json:\"a\"`; B int `json:\"-\"`; C int `json:\"-,\"`; D int `json:\",omitempty\"`; E int `json:\"e,omitempty\"`; F int `json:\"bad name\\\"\"`; G int64 `json:\",string\"`; H string `json:\"h,string\"` }",
		`R{1, 2, 3, 4, 0, 6, 7, "x"}`, `{"-":3,"D":4,"F":6,"G":"7","a":1,"h":"\"x\""}`,
	},
	{
		"omitempty and omitzero", "type in struct{ A int }; type R struct { A []int `json:\",omitempty\"`; B map[string]int `json:\",omitempty\"`; C *int `json:\",omitempty\"`; D any `json:\",omitempty\"`; E string `json:\",omitempty\"`; F bool `json:\",omitempty\"`; G in `json:\",omitempty\"`; H in `json:\",omitzero\"`; I time.Time `json:\",omitzero\"`; J [2]int `json:\",omitempty\"`; K [2]int `json:\",omitzero\"`; L []int `json:\",omitzero\"` }",
		`R{A: []int{}, L: []int{}}`, `{"G":{"A":0},"J":[0,0],"L":[]}`,
	},
	{
		"unexported fields never leak", "type in struct { Y string; password string }; type R struct { X string; secret string; In in; in in; list []in }",
		`R{"x", "SECRET", in{"y", "SECRET"}, in{"z", "SECRET"}, []in{{"a", "SECRET"}}}`, `{"In":{"Y":"y"},"X":"x"}`,
	},
	{
		"unexported fields never leak through any", "type in struct { Y string; password string }; type R map[string]any",
		`R{"a": in{"y", "SECRET"}, "b": &in{"y", "SECRET"}, "c": []any{in{"z", "SECRET"}}, "d": []in{{"y", "SECRET"}}, "e": map[string]in{"x": {"y", "SECRET"}}}`,
		`{"a":{"Y":"y"},"b":{"Y":"y"},"c":[{"Y":"z"}],"d":[{"Y":"y"}],"e":{"x":{"Y":"y"}}}`,
	},
	{
		"embedded structs flatten", "type A struct { X, Y int }; type b struct { Z int; hidden int }; type C struct{ Q int }; type R struct { A; *b; C `json:\"c\"`; Y string }",
		`R{A{1, 2}, &b{3, 4}, C{5}, "y"}`, `{"X":1,"Y":"y","Z":3,"c":{"Q":5}}`,
	},
	{"embedded pointers that are nil", "type A struct{ X int }; type R struct { *A; Y int }", `R{nil, 1}`, `{"Y":1}`},
	{"embedded names in conflict", "type A struct{ X, Z int }; type B struct{ X, Y int }; type R struct { A; B }", `R{A{1, 2}, B{3, 4}}`, `{"Y":4,"Z":2}`},
	{
		"nested structs", "type N struct { Name string; Tags []string }; type R struct { Root N; ByName map[string]*N; All []N }",
		`R{N{"a", nil}, map[string]*N{"c": {"c", []string{"x"}}}, []N{{"b", nil}}}`,
		`{"All":[{"Name":"b","Tags":null}],"ByName":{"c":{"Name":"c","Tags":["x"]}},"Root":{"Name":"a","Tags":null}}`,
	},
	{
		"a tree", "type R struct { Name string; Kids []*R }", `R{"a", []*R{{"b", []*R{{"c", nil}}}, {"d", nil}}}`,
		`{"Kids":[{"Kids":[{"Kids":null,"Name":"c"}],"Name":"b"},{"Kids":null,"Name":"d"}],"Name":"a"}`,
	},
	{"a list that leads on", "type R struct { V int; Next *R }", `R{1, &R{2, nil}}`, `{"Next":{"Next":null,"V":2},"V":1}`},
	{"structs without names", "type R struct { A struct{ B []struct{ C int } } }", `R{A: struct{ B []struct{ C int } }{[]struct{ C int }{{1}}}}`, `{"A":{"B":[{"C":1}]}}`},
	{
		"times", "type R struct { T time.Time; D time.Duration; P *time.Time }", "R{T: time.Date(2026, 1, 2, 3, 4, 5, 6, time.UTC), D: time.Second}",
		`{"D":1000000000,"P":null,"T":"2026-01-02T03:04:05.000000006Z"}`,
	},
	{
		"compiled types", "type R struct { U *url.URL; N json.Number; M json.RawMessage; B *big.Int; IP net.IP }",
		"R{&url.URL{Host: \"h\"}, \"12.50\", json.RawMessage(`{\"a\": 1}`), big.NewInt(7), net.IPv4(1, 2, 3, 4)}",
		`{"B":7,"IP":"1.2.3.4","M":{"a":1},"N":12.5,"U":{"ForceQuery":false,"Fragment":"","Host":"h","OmitHost":false,"Opaque":"","Path":"","RawFragment":"","RawPath":"","RawQuery":"","Scheme":"","User":null}}`,
	},
	{"compiled types in any", "type R []any", "R{time.Unix(0, 0).UTC(), big.NewInt(7), json.Number(\"1\"), time.Second}", `["1970-01-01T00:00:00Z",7,1,1000000000]`},
	{
		"any holds anything", "type T struct { A int `json:\"a\"` }; type S string; type R []any",
		`R{1, int64(1 << 60), uint8(2), 1.5, float32(0.1), "s", true, nil, []int{1}, []string(nil), map[string]int{"a": 1}, map[int]bool{1: true}, T{1}, &T{2}, []T{{3}}, S("s"), [1]int{1}, []byte("b"), (*T)(nil), []any{[]any{}}}`,
		`[1,1152921504606846976,2,1.5,0.1,"s",true,null,[1],null,{"a":1},{"1":true},{"a":1},{"a":2},[{"a":3}],"s",[1],"Yg==",null,[[]]]`,
	},
	{
		"named types of everything", "type I int; type F float64; type B bool; type L []I; type M map[string]L; type P *I; type R struct { L L; M M; F F; B B; P P }",
		`R{L{1}, M{"a": L{2}}, 1.5, true, nil}`, `{"B":true,"F":1.5,"L":[1],"M":{"a":[2]},"P":null}`,
	},
	{"aliases", "type T struct{ A int }; type U = T; type R = []U", `R{{1}}`, `[{"A":1}]`},
	{"interfaces with methods", "type I interface{ M() }; type T struct{ A int }; func (T) M() {}; type R struct{ I I; J I }", `R{I: T{1}}`, `{"I":{"A":1},"J":null}`},
	{
		"methods that decide on the JSON form", `type T int; func (t T) MarshalText() ([]byte, error) { return []byte(fmt.Sprint("t", int(t))), nil }; type J struct{ a int }; func (j *J) MarshalJSON() ([]byte, error) { return json.Marshal(map[string]int{"j": j.a}) }; type R = *all; type all struct { T T; P *T; L []T; J J; PJ *J; LJ []J; M map[T]J; A any; E embedded; F func() ` + "`json:\"-\"`" + ` }; type embedded struct { J; b int }`,
		`func() R { t := T(2); return &all{T: 1, P: &t, L: []T{3}, J: J{4}, LJ: []J{{5}}, M: map[T]J{6: {7}}, A: []any{T(8), J{9}, &J{10}}, E: embedded{J: J{11}}} }()`,
		`{"A":["t8",{},{"j":10}],"E":{"j":11},"J":{"j":4},"L":["t3"],"LJ":[{"j":5}],"M":{"t6":{}},"P":"t2","PJ":null,"T":"t1"}`,
	},
	{
		"methods of a value that has no address", `type J struct{ A int }; func (j *J) MarshalJSON() ([]byte, error) { return []byte("1"), nil }; type R struct{ J J }`,
		"R{J{2}}", `{"J":{"A":2}}`,
	},
	{
		"what IsZero says", "type Z int; func (z Z) IsZero() bool { return z == 7 }; type Q struct { n int; list []int }; func (q *Q) IsZero() bool { return q.n == 7 }; type R struct { A Z `json:\",omitzero\"`; B Z `json:\",omitzero\"`; C Q `json:\",omitzero\"`; D *Q `json:\",omitzero\"`; E Q `json:\",omitzero\"`; F any `json:\",omitzero\"` }",
		"R{B: 7, C: Q{n: 7}}", `{"A":0,"E":{}}`,
	},
	{"types that lead back to themselves", "type L []L; type M map[string]M; type R struct { L L; M M; P *L }", `R{L: L{L{}, nil}, M: M{"a": M{}}}`, `{"L":[[],null],"M":{"a":{}},"P":null}`},
	{"a type without a JSON form but its method's", `type C chan int; func (C) MarshalText() ([]byte, error) { return []byte("c"), nil }; type R struct { C C; F F }; type F func(); func (F) MarshalJSON() ([]byte, error) { return []byte("[1]"), nil }`, `R{C: make(C), F: func() {}}`, `{"C":"c","F":[1]}`},
	{"pointers to pointers", "type R **int", `func() R { n := 1; p := &n; return &p }()`, `1`},
}

// resultImports are those that the results use, each by every case.
var resultImports = []string{"math", "time", "net/url", "encoding/json", "math/big", "net", "fmt", "strings"}

const useImports = "var _, _, _, _, _, _, _, _ = fmt.Sprint, strings.ToUpper, math.Pi, time.Now, url.Parse, json.Valid, big.NewInt, net.ParseIP\n"

func resultCases() []testCase {
	var cases []testCase
	for _, r := range results {
		cases = append(cases, testCase{r.name, func(t *trial) {
			decls := strings.ReplaceAll(r.decls, "; type ", "\ntype ")
			decls = strings.ReplaceAll(decls, "; func ", "\nfunc ")
			body := useImports + decls + "\nfunc handle(context.Context) (R, error) { return " + r.expr + ", nil }"
			t.answers(t.load(of(source(body, resultImports...))), nil, r.want)
		}})
	}
	return append(cases, []testCase{
		{"numbers that JSON has not", func(t *trial) {
			inst := t.load(of(source(`func handle(_ context.Context, p struct{ Inf bool }) (any, error) {
	if p.Inf {
		return map[string]any{"list": []float64{1, math.Inf(1)}}, nil
	}
	return math.NaN(), nil
}`, "math")))
			for inf, want := range map[bool]string{false: "encode result: NaN has no JSON form", true: "encode result: /list/1: +Inf has no JSON form"} {
				if res := t.fails(inst, map[string]any{"Inf": inf}); res.Error != want {
					t.Errorf("got %s, want %s", res.Error, want)
				}
			}
		}},
		{"what has no JSON form in any", func(t *trial) {
			res := t.fails(t.load(of(source(`func handle(context.Context) (any, error) { return []any{func() {}}, nil }`))), nil)
			if !strings.HasPrefix(res.Error, "encode result: /0: ") {
				t.Errorf("got %s", res.Error)
			}
		}},
		{"a value that contains itself", func(t *trial) {
			res := t.fails(t.load(of(source(`type node struct{ Next *node }
func handle(context.Context) (*node, error) { n := &node{}; n.Next = n; return n, nil }`))), nil)
			if !strings.HasPrefix(res.Error, "encode result: ") {
				t.Errorf("got %s", res.Error)
			}
		}},
		{"a type with a JSON form of its own", func(t *trial) {
			res := t.fails(t.load(of(source(`type R struct{}
func (R) MarshalJSON() ([]byte, error) { return nil, context.Canceled }
func handle(context.Context) (R, error) { return R{}, nil }`))), nil)
			if res.Error != "encode result: json: error calling MarshalJSON for type p.R: context canceled" {
				t.Errorf("got %s", res.Error)
			}
		}},
	}...)
}
