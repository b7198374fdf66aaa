package runtimetest

import (
	"encoding/json"
	"strings"

	"github.com/scriptd/scriptd/plugin"
)

// params are types of P, the parameters that come, and the JSON that the handler makes of what it got, with %#v of Go
// for what JSON does not tell apart.
var params = []struct {
	name, decls string
	params      map[string]any
	want        string
}{
	{
		"basic types", "type P struct { S string; B bool; I int; F float64; U uint; I8 int8; U64 uint64; F32 float32 }",
		map[string]any{"S": "é", "B": true, "I": -5.0, "F": 1.5, "U": 7.0, "I8": -128.0, "U64": json.Number("18446744073709551615"), "F32": 0.1},
		`{"B":true,"F":1.5,"F32":0.1,"I":-5,"I8":-128,"S":"é","U":7,"U64":18446744073709551615}`,
	},
	{
		"numbers of every kind", "type P struct { A, B, C, D, E int64; F, G float64 }",
		map[string]any{"A": 1, "B": int64(1) << 62, "C": json.Number("9007199254740993"), "D": uint8(3), "E": json.Number("1e3"), "F": 2, "G": json.Number("0.25")},
		`{"A":1,"B":4611686018427387904,"C":9007199254740993,"D":3,"E":1000,"F":2,"G":0.25}`,
	},
	{"names from tags", "type P struct { A int `json:\"a_b\"`; B int `json:\"-\"`; c int }", map[string]any{"a_b": 1.0, "B": 2.0, "c": 3.0}, `{"a_b":1}`},
	{"what is left out stays zero", "type P struct { A int; B *int; C []int; D string `json:\",omitempty\"` }", map[string]any{"A": 1.0}, `{"A":1,"B":null,"C":null}`},
	{"null", "type P struct { A *int; B []int; C map[string]int; D any }", map[string]any{"A": nil, "B": nil, "C": nil, "D": nil}, `{"A":null,"B":null,"C":null,"D":null}`},
	{"pointers", "type P struct { A *int; B **string; C *[]int }", map[string]any{"A": 1.0, "B": "x", "C": []any{1.0}}, `{"A":1,"B":"x","C":[1]}`},
	{
		"lists", "type P struct { A []string; B [][]int; C [2]int; D []any }",
		map[string]any{"A": []any{"x", "y"}, "B": []any{[]any{1.0}, []any{}}, "C": []any{1.0}, "D": []any{1.0, "a", nil, map[string]any{"k": true}}},
		`{"A":["x","y"],"B":[[1],[]],"C":[1,0],"D":[1,"a",null,{"k":true}]}`,
	},
	{
		"maps", "type P struct { A map[string]int; B map[int]string; C map[string]map[string]bool }",
		map[string]any{"A": map[string]any{"a": 1.0}, "B": map[string]any{"-1": "x"}, "C": map[string]any{"x": map[string]any{"y": true}}},
		`{"A":{"a":1},"B":{"-1":"x"},"C":{"x":{"y":true}}}`,
	},
	{
		"structs in structs", "type In struct { A int; B []In }; type P struct { In In; Ptr *In; List []In }",
		map[string]any{"In": map[string]any{"A": 1.0, "B": []any{map[string]any{"A": 2.0}}}, "Ptr": map[string]any{"A": 3.0}, "List": []any{map[string]any{"A": 4.0}}},
		`{"In":{"A":1,"B":[{"A":2,"B":null}]},"List":[{"A":4,"B":null}],"Ptr":{"A":3,"B":null}}`,
	},
	{"embedded structs", "type A struct{ X int }; type B struct{ Y int }; type P struct { A; *B; Z int }", map[string]any{"X": 1.0, "Y": 2.0, "Z": 3.0}, `{"X":1,"Y":2,"Z":3}`},
	{"bytes", "type P struct{ A []byte }", map[string]any{"A": "AP9h"}, `{"A":"AP9h"}`},
	{
		"times", "type P struct { T time.Time; P *time.Time; D time.Duration }",
		map[string]any{"T": "2026-01-02T03:04:05Z", "D": 5.0},
		`{"D":5,"P":null,"T":"2026-01-02T03:04:05Z"}`,
	},
	{
		"compiled types", "type P struct { N json.Number; M json.RawMessage; IP net.IP; B *big.Int }",
		map[string]any{"N": 1.5, "M": map[string]any{"a": []any{1.0}}, "IP": "1.2.3.4", "B": 7.0},
		`{"B":7,"IP":"1.2.3.4","M":{"a":[1]},"N":1.5}`,
	},
	{
		"the option string", "type P struct { A int64 `json:\",string\"`; B bool `json:\",string\"`; C string `json:\",string\"` }",
		map[string]any{"A": "-5", "B": "true", "C": `"x"`},
		`{"A":"-5","B":"true","C":"\"x\""}`,
	},
	{
		"named types", "type S string; type L []S; type M map[S]L; type P struct { S S; L L; M M }",
		map[string]any{"S": "a", "L": []any{"b"}, "M": map[string]any{"c": []any{"d"}}},
		`{"L":["b"],"M":{"c":["d"]},"S":"a"}`,
	},
	{
		"methods that decide on the JSON form", `type U struct { n, hidden int }; func (u *U) UnmarshalJSON(b []byte) error { u.n = len(b); return nil }; func (u U) MarshalJSON() ([]byte, error) { return json.Marshal(u.n) }; type X string; func (x *X) UnmarshalText(b []byte) error { *x = X(strings.ToUpper(string(b))); return nil }; type P struct { U U; PU *U; N *U; L []U; M map[X]X; E U }`,
		map[string]any{"U": "abc", "PU": map[string]any{"a": 1.0}, "N": nil, "L": []any{1.0, nil}, "M": map[string]any{"a": "b"}, "E": nil},
		`{"E":4,"L":[1,4],"M":{"A":"B"},"N":null,"PU":7,"U":5}`,
	},
	{"types that lead back to themselves", "type L []L; type P struct { A L; B *L }", map[string]any{"A": []any{[]any{}, nil}, "B": nil}, `{"A":[[],null],"B":null}`},
	{
		"any is what JSON makes of it", "type P struct{ A any }",
		map[string]any{"A": map[string]any{"n": 1, "big": json.Number("9007199254740993"), "f": json.Number("1.5")}},
		`{"A":{"big":9007199254740993,"f":1.5,"n":1}}`,
	},
}

func paramCases() []testCase {
	var cases []testCase
	for _, p := range params {
		cases = append(cases, testCase{p.name, func(t *trial) {
			decls := strings.ReplaceAll(p.decls, "; type ", "\ntype ")
			body := useImports + decls + "\nfunc handle(_ context.Context, p P) (P, error) { return p, nil }"
			t.answers(t.load(of(source(body, resultImports...))), p.params, p.want)
		}})
	}
	return append(cases, []testCase{
		{"in Go's types", func(t *trial) {
			t.answers(t.load(of(source(`type P struct { A any; B map[string]any; C *int; D []string; E float32 }
func handle(_ context.Context, p P) (string, error) {
	return fmt.Sprintf("%T %T %T %d %q %v %T", p.A, p.B["x"], p.B["y"], *p.C, p.D, p.E, p.D), nil
}`, "fmt"))), map[string]any{"A": 1.0, "B": map[string]any{"x": []any{}, "y": "s"}, "C": 3.0, "D": []any{"a"}, "E": 0.5},
				`"float64 []interface {} string 3 [\"a\"] 0.5 []string"`)
		}},
		{"what does not fit is an invalid parameter", func(t *trial) {
			inst := t.load(of(source(`type P struct { A int8; B uint; L []struct{ N int }; K map[int]int; T time.Time; D []byte; O own }
type own int
func (*own) UnmarshalJSON(text []byte) error { return context.Canceled }
func handle(_ context.Context, p P) (P, error) { return p, nil }`, "time")))
			for _, tt := range []struct {
				params map[string]any
				want   string
			}{
				{map[string]any{"A": 128.0}, "/A: number does not fit: want integer"},
				{map[string]any{"A": 1.5}, "/A: number does not fit: want integer"},
				{map[string]any{"B": -1.0}, "/B: number does not fit: want integer"},
				{map[string]any{"A": "x"}, "/A: want integer, got string"},
				{map[string]any{"L": []any{map[string]any{"N": 1.0}, map[string]any{"N": true}}}, "/L/1/N: want integer, got boolean"},
				{map[string]any{"L": 1.0}, "/L: want array, got number"},
				{map[string]any{"K": map[string]any{"x": 1.0}}, "/K/x: "},
				{map[string]any{"T": "yesterday"}, "/T: "},
				{map[string]any{"D": "?"}, "/D: want base64"},
				{map[string]any{"O": "?"}, "/O: context canceled"},
			} {
				res := t.call(inst, "p", tt.params)
				if res.Success || !res.Invalid || !strings.HasPrefix(res.Error, tt.want) {
					t.Errorf("%v: got %+v, want %s…", tt.params, res, tt.want)
				}
			}
		}},
		{"nothing is filled in at a call", func(t *trial) {
			inst := t.load(of(source("type P struct{ A int `default:\"5\"` }\nfunc handle(_ context.Context, p P) (P, error) { return p, nil }")))
			t.answers(inst, nil, `{"A":0}`) // defaults are the engine's, with the schema
			t.answers(inst, map[string]any{"A": 5.0}, `{"A":5}`)
		}},
		{"the caller's values stay the caller's", func(t *trial) {
			inst := t.load(of(source(`var kept any
type P struct{ A any }
func handle(_ context.Context, p P) (any, error) {
	was := kept
	kept = p.A
	return was, nil
}`)))
			list := []any{"first"}
			t.answers(inst, map[string]any{"A": list}, "null")
			list[0] = "changed"
			t.answers(inst, map[string]any{"A": nil}, `["first"]`)
		}},
		{"schemas say what the parameters are", func(t *trial) {
			inst := t.load(of(source("type P struct {\n" +
				"\t// Size of the thing.\n\t// In metres.\n\tSize int `json:\"size\" minimum:\"1\" maximum:\"9\"`\n" +
				"\tKind string `json:\"kind,omitempty\" enum:\"a,b\"` // what it is\n" +
				"\tToken *string `json:\"token\" secret:\"true\" doc:\"from tag\"` // from comment\n" +
				"}\nfunc handle(context.Context, P) error { return nil }")))
			t.sameJSON(inst.Plugins()[0].Schema, `{"additionalProperties":false,"properties":{`+
				`"kind":{"description":"what it is","enum":["a","b"],"type":"string"},`+
				`"size":{"description":"Size of the thing. In metres.","maximum":9,"minimum":1,"type":"integer"},`+
				`"token":{"description":"from tag","type":"string","writeOnly":true}},"required":["size"],"type":"object"}`)
		}},
		{"a schema of the plugin's own", func(t *trial) {
			inst := t.load(of("package p; import (\"context\"; \"github.com/scriptd/scriptd/plugin\")\n" +
				"var s = map[string]any{\"type\": \"object\", \"required\": []string{\"a\"}}\n" +
				"func Register(r *plugin.Registrar) error { return r.Add(plugin.Spec{Name: \"p\", Parameters: s}, handle) }\n" +
				"func handle(_ context.Context, p map[string]any) (any, error) { return p[\"a\"], nil }\n"))
			t.sameJSON(inst.Plugins()[0].Schema, `{"required":["a"],"type":"object"}`)
			t.answers(inst, map[string]any{"a": "x"}, `"x"`)
		}},
		{"no such plugin", func(t *trial) {
			inst := t.load(of(source(`func handle(context.Context) error { return nil }`)))
			if res, err := inst.Call(t.Context(), "q", nil); err == nil || res != (plugin.Result{}) {
				t.Errorf("got %+v, %v", res, err)
			}
		}},
	}...)
}
