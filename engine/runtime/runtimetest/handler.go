package runtimetest

import "github.com/scriptd/scriptd/plugin"

func handlerCases() []testCase {
	return []testCase{
		{"neither parameters nor a result", func(t *trial) {
			t.answers(t.load(of(source(`func handle(context.Context) error { return nil }`))), nil, "null")
		}},
		{"a result", func(t *trial) {
			t.answers(t.load(of(source(`func handle(context.Context) (int, error) { return 42, nil }`))), nil, "42")
		}},
		{"parameters", func(t *trial) {
			inst := t.load(of(source(`type P struct{ Fail bool }
func handle(_ context.Context, p P) error {
	if p.Fail {
		return errors.New("as asked")
	}
	return nil
}`, "errors")))
			t.answers(inst, map[string]any{"Fail": false}, "null")
			if res := t.fails(inst, map[string]any{"Fail": true}); res.Error != "as asked" {
				t.Errorf("got %+v", res)
			}
		}},
		{"a map of parameters", func(t *trial) {
			inst := t.load(of(source(`func handle(_ context.Context, p map[string]any) (any, error) { return p["a"], nil }`)))
			t.answers(inst, map[string]any{"a": []any{1.0, "x", nil}}, `[1,"x",null]`)
			t.answers(inst, nil, `null`)
			t.sameJSON(inst.Plugins()[0].Schema, `{"additionalProperties":{},"type":"object"}`)
		}},
		{"a named map of parameters", func(t *trial) {
			t.answers(t.load(of(source(`type Params map[string]any
func handle(_ context.Context, p Params) (any, error) { return p, nil }`))), map[string]any{"a": 1.0}, `{"a":1}`)
		}},
		{"parameters of a literal type, without names", func(t *trial) {
			t.answers(t.load(of(source(`func handle(context.Context, struct{ A int }) (int, error) { return 1, nil }`))), map[string]any{"A": 1.0}, `1`)
		}},
		{"a handler that changes its parameters", func(t *trial) {
			inst := t.load(of(source(`func handle(_ context.Context, p map[string]any) (any, error) {
	p["list"].([]any)[0] = "changed"
	p["new"] = 1
	return len(p), nil
}`)))
			params := map[string]any{"list": []any{"kept"}}
			t.answers(inst, params, "2")
			t.sameJSON(params, `{"list":["kept"]}`)
		}},
		{"a plugin.Result", func(t *trial) {
			inst := t.load(of(source(`type P struct {
	Data  any
	Message, Error, Fail string
	Retry bool
}
type data struct{ N int; secret string }
func handle(_ context.Context, p P) (plugin.Result, error) {
	res := plugin.Result{
		Success: true, Data: data{len(p.Message), "secret"}, Message: p.Message, Error: p.Error, Retry: p.Retry,
		Plugin: "another", Revision: "x", Digest: "x", DurationMS: 1,
	}
	if p.Data != nil {
		res.Data = p.Data
	}
	if p.Fail != "" {
		return res, plugin.Retryable(errors.New(p.Fail))
	}
	return res, nil
}`, "errors")))
			for _, tt := range []struct {
				name   string
				params map[string]any
				want   plugin.Result
				data   string
			}{
				{"success", map[string]any{"Message": "four"}, plugin.Result{Success: true, Message: "four"}, `{"N":4}`},
				{"data", map[string]any{"Data": []any{"x"}}, plugin.Result{Success: true}, `["x"]`},
				{"its own error", map[string]any{"Error": "no", "Message": "m", "Retry": true}, plugin.Result{Error: "no", Message: "m", Retry: true}, `{"N":1}`},
				{"an error returned", map[string]any{"Fail": "no"}, plugin.Result{Error: "no", Retry: true}, `{"N":0}`},
				{"both errors", map[string]any{"Fail": "returned", "Error": "set"}, plugin.Result{Error: "returned", Retry: true}, `{"N":0}`},
			} {
				res := t.call(inst, "p", tt.params)
				t.sameJSON(res.Data, tt.data)
				res.Data = nil
				if res != tt.want {
					t.Errorf("%s: got %+v, want %+v", tt.name, res, tt.want)
				}
			}
		}},
		{"a plugin.Result is empty", func(t *trial) {
			t.answers(t.load(of(source(`func handle(context.Context) (plugin.Result, error) { return plugin.Result{}, nil }`))), nil, "null")
		}},
		{"a pointer to a plugin.Result", func(t *trial) {
			inst := t.load(of(source(`func handle(_ context.Context, p struct{ Nil bool }) (*plugin.Result, error) {
	if p.Nil {
		return nil, nil
	}
	return &plugin.Result{Data: 1, Message: "m"}, nil
}`)))
			res := t.call(inst, "p", map[string]any{"Nil": false})
			if !res.Success || res.Data != 1.0 || res.Message != "m" {
				t.Errorf("got %+v", res)
			}
			t.answers(inst, map[string]any{"Nil": true}, "null")
		}},
		{"a pointer", func(t *trial) {
			inst := t.load(of(source(`type R struct{ A int }
func handle(_ context.Context, p struct{ Nil bool }) (*R, error) {
	if p.Nil {
		return nil, nil
	}
	return &R{1}, nil
}`)))
			t.answers(inst, map[string]any{"Nil": false}, `{"A":1}`)
			t.answers(inst, map[string]any{"Nil": true}, `null`)
		}},
		{"a result beside an error is not told", func(t *trial) {
			res := t.fails(t.load(of(source(`func handle(context.Context) (int, error) { return 1, errors.New("no") }`, "errors"))), nil)
			if res.Data != nil {
				t.Errorf("got %+v", res)
			}
		}},
	}
}
