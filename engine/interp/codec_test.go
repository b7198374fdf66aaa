package interp_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/scriptd/scriptd/engine/interp"
	"github.com/scriptd/scriptd/engine/runtime"
)

// codecType is a type that this test and a plugin have in common.
type codecType struct {
	name   string
	value  any
	inputs []string // JSON texts to decode, besides that of the value
}

var codecTypes = []codecType{
	{"basics", valueBasics(), []string{`{}`, `{"I":7,"F":5,"U":2,"S":null,"B":null,"I8":null,"F32":1e-30}`}},
	{"numbers", valueNumbers(), []string{`{"Exact":[9007199254740993,-9007199254740993],"F":[1e400],"Large":null}`, `{"F":[1,-2.50,3e2],"Exact":[]}`}},
	{"tags", valueTags(), []string{`{"e":"-5","F":"false","g":"\"\"","H":null,"a":2,"L":"1e3"}`, `{"e":null}`}},
	{"empties", valueEmpties(), nil},
	{"full", valueFull(), nil},
	{"nils", valueNils(), []string{`{"A":[],"B":{},"C":0,"D":{},"E":"","F":{},"I":[[1]],"H":5}`}},
	{"containers", valueContainers(), []string{`{"B":[[1,2]],"K":[1],"D":{"5":"x"},"M":{"::1":1},"J":"YQ==","F":{"a":"b"}}`}},
	{"embeds", valueEmbeds(), []string{`{"A":5,"b":6,"E":{"b":7}}`}},
	{"embedsTwo", valueEmbedsTwo(), []string{`{"A":5,"D":"x"}`}},
	{"embedsPointer", valueEmbedsPointer(), []string{`{"X":1}`, `{"D":"x"}`}},
	{"embedsNil", valueEmbedsNil(), nil},
	{"embedsNamed", valueEmbedsNamed(), []string{`{"in":{"D":"x"}}`, `{"in":null}`}},
	{"chain", valueChain(), []string{`{"Next":{"Next":{"V":5}}}`}},
	{"tree", valueTree(), []string{`{"Kids":[{"Name":"x"},{}]}`}},
	{"hosts", valueHosts(), []string{`{"N":5,"M":"x","T":"2026-01-02T03:04:05+02:00","A":"1.2.3.4","B":123456789012345678901234567890,"O":5}`, `{"N":"7","U":null}`}},
	{"anys", valueAnys(), []string{`{"A":[1,{"b":[null]},"c",1.50,true],"B":9007199254740993,"C":{}}`}},
	{"literal", valueLiteral(), []string{`{"A":{"B":[{"c":5}]},"D":{"y":{}}}`}},
	{"pointers", valuePointers(), []string{`{"A":null,"B":"x","C":null,"E":[5],"F":[1]}`, `{}`}},
}

// A value that a plugin returns is what encoding/json makes of the same value of a compiled type, and what it is given
// comes out as it does when a compiled type decodes it.
func TestCodecsAgreeWithJSON(t *testing.T) {
	inst := codecPlugin(t)
	call := func(t *testing.T, name string, params map[string]any) (any, string) {
		t.Helper()
		res, err := inst.Call(context.Background(), name, params)
		if err != nil {
			t.Fatal(err)
		}
		return res.Data, res.Error
	}
	for _, c := range codecTypes {
		plugin := strings.ToLower(c.name)
		t.Run(c.name, func(t *testing.T) {
			text, err := json.Marshal(c.value)
			if err != nil {
				t.Fatal(err)
			}
			got, failure := call(t, plugin+"_value", nil)
			if failure != "" {
				t.Fatal(failure)
			}
			sameValue(t, "encoded", got, text)
			for _, input := range append(c.inputs, string(text)) {
				want := reflect.New(reflect.TypeOf(c.value))
				d := json.NewDecoder(strings.NewReader(input))
				d.UseNumber() // a large integer in an any stays what it is
				decodeErr := d.Decode(want.Interface())
				got, failure := call(t, plugin+"_echo", map[string]any{"V": generic(t, input)})
				if decodeErr != nil {
					if failure == "" {
						t.Errorf("%s: decoded to %v, want %v", input, got, decodeErr)
					}
					continue
				}
				if failure != "" {
					t.Errorf("%s: %s", input, failure)
					continue
				}
				wantText, err := json.Marshal(want.Interface())
				if err != nil {
					t.Fatal(err)
				}
				sameValue(t, "decoded "+input, got, wantText)
			}
		})
	}
}

// codecPlugin loads a plugin with the types and values of codectypes_test.go. For each type T it has the plugins t_value
// and t_echo.
func codecPlugin(t *testing.T) runtime.Instance {
	t.Helper()
	types, err := os.ReadFile("codectypes_test.go")
	if err != nil {
		t.Fatal(err)
	}
	var register strings.Builder
	register.WriteString("package codec\n\nimport (\n\t\"context\"\n\n\t\"github.com/scriptd/scriptd/plugin\"\n)\n\nfunc Register(r *plugin.Registrar) error {\n")
	var handlers strings.Builder
	for _, c := range codecTypes {
		value := "value" + strings.ToUpper(c.name[:1]) + c.name[1:]
		fmt.Fprintf(&register, "\tif err := r.Add(plugin.Spec{Name: %q}, give_%s); err != nil {\n\t\treturn err\n\t}\n", strings.ToLower(c.name)+"_value", c.name)
		fmt.Fprintf(&register, "\tif err := r.Add(plugin.Spec{Name: %q, Parameters: \"{}\"}, echo_%s); err != nil {\n\t\treturn err\n\t}\n", strings.ToLower(c.name)+"_echo", c.name)
		fmt.Fprintf(&handlers, "func give_%[1]s(context.Context) (%[1]s, error) { return %[2]s(), nil }\n", c.name, value)
		fmt.Fprintf(&handlers, "func echo_%[1]s(_ context.Context, p struct{ V %[1]s }) (%[1]s, error) { return p.V, nil }\n", c.name)
	}
	register.WriteString("\treturn nil\n}\n\n" + handlers.String())
	tree := fstest.MapFS{
		"codec/types.go":    {Data: regexp.MustCompile(`(?m)^package .*$`).ReplaceAll(types, []byte("package codec"))},
		"codec/register.go": {Data: []byte(register.String())},
	}
	inst, err := interp.New().Load(t.Context(), runtime.Package{Name: "test/codec", Tree: tree, Dir: "codec"})
	if err != nil {
		t.Fatal(err)
	}
	return inst
}

// generic decodes a JSON text as engines do.
func generic(t *testing.T, text string) any {
	t.Helper()
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		t.Fatal(err)
	}
	return v
}

// sameValue compares a JSON value with a JSON text, numbers by their value.
func sameValue(t *testing.T, what string, got any, want []byte) {
	t.Helper()
	text, err := json.Marshal(got)
	if err != nil {
		t.Errorf("%s: %v", what, err)
		return
	}
	if a, b := canonical(generic(t, string(text))), canonical(generic(t, string(want))); !reflect.DeepEqual(a, b) {
		t.Errorf("%s:\ngot  %s\nwant %s", what, text, want)
	}
}

// canonical writes numbers alike that are one.
func canonical(v any) any {
	switch v := v.(type) {
	case json.Number:
		if !strings.ContainsAny(string(v), ".eE") {
			return string(v)
		}
		f, _ := v.Float64()
		return strconv.FormatFloat(f, 'f', -1, 64)
	case []any:
		for i := range v {
			v[i] = canonical(v[i])
		}
	case map[string]any:
		for k := range v {
			v[k] = canonical(v[k])
		}
	}
	return v
}
