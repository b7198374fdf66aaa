package runtimetest

import (
	"encoding/json"
	"strings"

	"github.com/scriptd/scriptd/engine/runtime"
)

// configured is a package that answers with its config, a C.
func configured(decl string, config map[string]any) runtime.Package {
	p := of(`package p

import (
	"context"

	"github.com/scriptd/scriptd/plugin"
)

` + strings.ReplaceAll(decl, "'", "`") + `

var config C

func Register(r *plugin.Registrar) error {
	if err := r.Config(&config); err != nil {
		return err
	}
	return r.Add(plugin.Spec{Name: "p"}, func(context.Context) (C, error) { return config, nil })
}
`)
	p.Config = config
	return p
}

func configCases() []testCase {
	return []testCase{
		{"decoded", func(t *trial) {
			t.answers(t.load(configured("type C struct { URL string 'json:\"url\"'; Retries int 'json:\"retries\"'; Tags []string 'json:\"tags\"'; Deep struct{ On bool } }",
				map[string]any{"url": "https://x", "retries": 3, "tags": []any{"a", "b"}, "Deep": map[string]any{"On": true}})),
				nil, `{"Deep":{"On":true},"retries":3,"tags":["a","b"],"url":"https://x"}`)
		}},
		{"numbers as YAML decodes them", func(t *trial) {
			t.answers(t.load(configured("type C struct { A, B, C, D int64; E float64 }",
				map[string]any{"A": uint64(1), "B": int64(-2), "C": 3.0, "D": json.Number("9007199254740993"), "E": uint64(5)})),
				nil, `{"A":1,"B":-2,"C":3,"D":9007199254740993,"E":5}`)
		}},
		{"defaults", func(t *trial) {
			decl := "type C struct { A int 'json:\"a\" default:\"5\"'; B struct { C string 'default:\"x\"'; D string }; E []string 'default:\"p,q\"' }"
			t.answers(t.load(configured(decl, map[string]any{"B": map[string]any{"D": "d"}})), nil, `{"B":{"C":"x","D":"d"},"E":["p","q"],"a":5}`)
			t.answers(t.load(configured(decl, map[string]any{"a": 6, "B": map[string]any{"C": "", "D": "d"}, "E": []any{}})), nil, `{"B":{"C":"","D":"d"},"E":[],"a":6}`)
		}},
		{"no config", func(t *trial) {
			t.answers(t.load(configured("type C struct { A int 'default:\"5\"'; B *int; C string 'json:\",omitempty\"' }", nil)), nil, `{"A":5,"B":null}`)
		}},
		{"a map", func(t *trial) {
			t.answers(t.load(configured("type C map[string]any", map[string]any{"a": []any{1, "x"}})), nil, `{"a":[1,"x"]}`)
			t.answers(t.load(configured("type C map[string]int", nil)), nil, `{}`)
		}},
		{"missing, wrong, out of range and unknown", func(t *trial) {
			decl := "type C struct { A int 'json:\"a\" minimum:\"1\"'; B struct { C string 'enum:\"x,y\"' } }"
			for _, tt := range []struct {
				config map[string]any
				want   []string
			}{
				{nil, []string{"/B: is required", "/a: is required"}},
				{map[string]any{"a": "one", "B": map[string]any{"C": "x"}}, []string{"/a: want integer, got string"}},
				{map[string]any{"a": 0, "B": map[string]any{"C": "z"}}, []string{`/B/C: want one of "x", "y"`, "/a: want at least 1"}},
				{map[string]any{"a": 1, "B": map[string]any{"C": "x"}, "b": 1}, []string{"/b: unknown"}},
				{map[string]any{"a": 1, "B": nil}, []string{"/B: want object, got null"}},
			} {
				got := t.refused(configured(decl, tt.config)).Error()
				if !strings.HasPrefix(got, "p/p.go:14:21: config: ") {
					t.Errorf("%v: got %s", tt.config, got)
				}
				for _, want := range tt.want {
					if !strings.Contains(got, want) {
						t.Errorf("%v: got %s, want %s in it", tt.config, got, want)
					}
				}
			}
		}},
		{"secrets are not told", func(t *trial) {
			decl := "type C struct { Token string 'json:\"token\" secret:\"true\" pattern:\"^t-\"' }"
			got := t.refused(configured(decl, map[string]any{"token": "hunter2"})).Error()
			if strings.Contains(got, "hunter2") || !strings.Contains(got, "/token: want a match of the pattern ^t-") {
				t.Errorf("got %s", got)
			}
		}},
		{"what cannot be a config", func(t *trial) {
			for _, into := range []string{"config", "nil", "&fn", "5", `"x"`, "(*C)(nil)"} {
				got := t.refused(of(`package p; import ("context"; "github.com/scriptd/scriptd/plugin")
type C struct{ A *int }
var config C; var fn func()
func Register(r *plugin.Registrar) error {
	if err := r.Config(` + into + `); err != nil { return err }
	return r.Add(plugin.Spec{Name: "p"}, func(context.Context) error { return nil })
}
`)).Error()
				if !strings.HasPrefix(got, "p/p.go:5:21: config: want a pointer to a struct or a map, have ") {
					t.Errorf("%s: got %s", into, got)
				}
			}
		}},
		{"an error that Register passes over", func(t *trial) {
			p := of(`package p

import (
	"context"

	"github.com/scriptd/scriptd/plugin"
)

func Register(r *plugin.Registrar) error {
	var c struct{ Needed int }
	err := r.Config(&c)
	return r.Add(plugin.Spec{Name: "p"}, func(context.Context) (string, error) { return err.Error(), nil })
}
`)
			t.answers(t.load(p), nil, `"config: /Needed: is required"`)
		}},
	}
}
