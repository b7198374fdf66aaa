package schema_test

import (
	"encoding/json"
	"math"
	"strings"
	"testing"

	"github.com/scriptd/scriptd/engine/schema"
)

// compiled compiles a JSON Schema.
func compiled(t testing.TB, text string) *schema.Schema {
	t.Helper()
	doc, err := schema.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	s, err := schema.Compile(doc)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// params reads parameters as an engine does.
func params(t testing.TB, text string) map[string]any {
	t.Helper()
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	var v map[string]any
	if err := d.Decode(&v); err != nil {
		t.Fatal(err)
	}
	return v
}

func faultText(faults []schema.Fault) string {
	var lines []string
	for _, f := range faults {
		lines = append(lines, f.String())
	}
	return strings.Join(lines, "\n")
}

// property makes the schema of an object with a property a.
func property(text string) string { return `{"type":"object","properties":{"a":` + text + `}}` }

func TestFaults(t *testing.T) {
	tests := []struct {
		name, schema, params string
		want                 string // empty where there is no fault
	}{
		{"nothing", `{}`, `{}`, ""},
		{"any", property(`{}`), `{"a": [1, {"b": null}], "c": true}`, ""},
		{"type string", property(`{"type":"string"}`), `{"a": 1}`, "/a: want string, got number"},
		{"type integer", property(`{"type":"integer"}`), `{"a": 1.5}`, "/a: want integer, got number"},
		{"type integer, written as a fraction", property(`{"type":"integer"}`), `{"a": 2.0}`, ""},
		{"type integer, written with an exponent", property(`{"type":"integer"}`), `{"a": 2e3}`, ""},
		{"type integer, large", property(`{"type":"integer"}`), `{"a": 123456789012345678901234567890}`, ""},
		{"type number", property(`{"type":"number"}`), `{"a": "1"}`, "/a: want number, got string"},
		{"type boolean", property(`{"type":"boolean"}`), `{"a": "true"}`, "/a: want boolean, got string"},
		{"type array", property(`{"type":"array"}`), `{"a": {}}`, "/a: want array, got object"},
		{"type object", property(`{"type":"object"}`), `{"a": []}`, "/a: want object, got array"},
		{"type null", property(`{"type":"null"}`), `{"a": 0}`, "/a: want null, got number"},
		{"type of several", property(`{"type":["string","null"]}`), `{"a": 0}`, "/a: want null or string, got number"},
		{"null is no string", property(`{"type":"string"}`), `{"a": null}`, "/a: want string, got null"},
		{"enum", property(`{"enum":["x","y",1]}`), `{"a": "z"}`, `/a: want one of "x", "y", 1`},
		{"enum, a number of another form", property(`{"enum":[1]}`), `{"a": 1.0}`, ""},
		{"const", property(`{"const":"x"}`), `{"a": "y"}`, `/a: want "x"`},
		{"minimum", property(`{"minimum":1}`), `{"a": 0.5}`, "/a: want at least 1"},
		{"maximum", property(`{"maximum":1.5}`), `{"a": 2}`, "/a: want at most 1.5"},
		{"exclusiveMinimum", property(`{"exclusiveMinimum":1}`), `{"a": 1}`, "/a: want more than 1"},
		{"exclusiveMaximum", property(`{"exclusiveMaximum":1}`), `{"a": 1}`, "/a: want less than 1"},
		{"multipleOf", property(`{"multipleOf":0.1}`), `{"a": 0.25}`, "/a: want a multiple of 0.1"},
		{"multipleOf, exact", property(`{"multipleOf":0.1}`), `{"a": 0.3}`, ""},
		{"bounds beyond float64", property(`{"maximum":9007199254740992}`), `{"a": 9007199254740993}`, "/a: want at most 9007199254740992"},
		{"minLength", property(`{"minLength":2}`), `{"a": "é"}`, "/a: want at least 2 characters, got 1"},
		{"maxLength", property(`{"maxLength":2}`), `{"a": "éée"}`, "/a: want at most 2 characters, got 3"},
		{"maxLength counts characters", property(`{"maxLength":2}`), `{"a": "éé"}`, ""},
		{"pattern", property(`{"pattern":"^a+$"}`), `{"a": "b"}`, "/a: want a match of the pattern ^a+$"},
		{"pattern anywhere", property(`{"pattern":"a"}`), `{"a": "bab"}`, ""},
		{"format", property(`{"format":"date-time"}`), `{"a": "yesterday"}`, "/a: want the format date-time"},
		{"format that holds", property(`{"format":"date-time"}`), `{"a": "2026-01-02T03:04:05Z"}`, ""},
		{"format uri", property(`{"format":"uri"}`), `{"a": "x y"}`, "/a: want the format uri"},
		{"format that nobody knows", property(`{"format":"nosuch"}`), `{"a": "x"}`, ""},
		{"minItems", property(`{"minItems":1}`), `{"a": []}`, "/a: want at least 1 items, got 0"},
		{"maxItems", property(`{"maxItems":1}`), `{"a": [1,2]}`, "/a: want at most 1 items, got 2"},
		{"uniqueItems", property(`{"uniqueItems":true}`), `{"a": [1,2,1.0]}`, "/a: items 0 and 2 are equal"},
		{"items", property(`{"items":{"type":"integer"}}`), `{"a": [1,"x",2,true]}`, "/a/1: want integer, got string\n/a/3: want integer, got boolean"},
		{"prefixItems", property(`{"prefixItems":[{"type":"integer"}],"items":false}`), `{"a": ["x", 1]}`, "/a/0: want integer, got string\n/a/1: is not allowed"},
		{"contains", property(`{"contains":{"const":1}}`), `{"a": [2]}`, "/a: has no item that it has to contain"},
		{"required", `{"required":["a","b"]}`, `{}`, "/a: is required\n/b: is required"},
		{"required, deep", property(`{"required":["b"]}`), `{"a": {}}`, "/a/b: is required"},
		{"dependentRequired", `{"dependentRequired":{"a":["b"]}}`, `{"a":1}`, "/b: is required beside a"},
		{"additionalProperties", `{"properties":{"a":{}},"additionalProperties":false}`, `{"a":1,"c":1,"b":1}`, "/b: unknown parameter\n/c: unknown parameter"},
		{"additionalProperties with a schema", `{"additionalProperties":{"type":"string"}}`, `{"a":1}`, "/a: want string, got number"},
		{"patternProperties", `{"patternProperties":{"^x":{"type":"string"}}}`, `{"xa":1,"b":1}`, "/xa: want string, got number"},
		{"propertyNames", `{"propertyNames":{"pattern":"^[0-9]+$"}}`, `{"a":1}`, "/a: its name is not allowed"},
		{"minProperties", `{"minProperties":1}`, `{}`, "want at least 1 members, got 0"},
		{"maxProperties", `{"maxProperties":1}`, `{"a":1,"b":2}`, "want at most 1 members, got 2"},
		{"anyOf", property(`{"anyOf":[{"type":"string"},{"type":"integer"}]}`), `{"a": true}`, "/a: fits none of what it may be (anyOf)"},
		{"oneOf, none", property(`{"oneOf":[{"type":"string"},{"type":"integer"}]}`), `{"a": true}`, "/a: fits none of what it may be (oneOf)"},
		{"oneOf, both", property(`{"oneOf":[{"minimum":1},{"maximum":1}]}`), `{"a": 1}`, "/a: fits several of what it may be (oneOf)"},
		{"allOf", property(`{"allOf":[{"minimum":3},{"maximum":1}]}`), `{"a": 2}`, "/a: want at least 3\n/a: want at most 1"},
		{"not", property(`{"not":{"type":"string"}}`), `{"a": "x"}`, "/a: is what it must not be (not)"},
		{"if", `{"if":{"required":["a"]},"then":{"required":["b"]}}`, `{"a":1}`, "/b: is required"},
		{"false", property(`false`), `{"a": 1}`, "/a: is not allowed"},
		{"true", property(`true`), `{"a": 1}`, ""},
		{"a reference", `{"$defs":{"n":{"type":"integer"}},"properties":{"a":{"$ref":"#/$defs/n"}}}`, `{"a":"x"}`, "/a: want integer, got string"},
		{"a reference to itself", `{"properties":{"next":{"$ref":"#"},"v":{"type":"integer"}}}`, `{"next":{"next":{"v":"x"}}}`, "/next/next/v: want integer, got string"},
		{"names that need an escape", `{"additionalProperties":false}`, `{"a/b~c":1}`, "/a~1b~0c: unknown parameter"},
		{
			"several at once, sorted", `{"properties":{"b":{"type":"string"},"a":{"minimum":1},"c":{}},"required":["c"]}`, `{"a":0,"b":0}`,
			"/a: want at least 1\n/b: want string, got number\n/c: is required",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, faults := compiled(t, tt.schema).Apply(params(t, tt.params))
			if text := faultText(faults); text != tt.want {
				t.Errorf("got\n%s\nwant\n%s", text, tt.want)
			}
			if (got == nil) != (tt.want != "") {
				t.Errorf("got %v with %d faults", got, len(faults))
			}
		})
	}
}

// What a caller sends is not in the messages: it may be a secret.
func TestFaultsKeepSecrets(t *testing.T) {
	const secret = "hunter2"
	s := compiled(t, `{"properties":{
		"a":{"type":"integer"}, "b":{"enum":["x"]}, "c":{"const":1}, "d":{"pattern":"^x"}, "e":{"format":"date-time"}, "f":{"maxLength":1}, "g":{"minLength":100},
		"h":{"anyOf":[{"type":"integer"}]}, "i":{"not":{}}, "j":{"items":{"type":"integer"}}, "k":false, "l":{"format":"uri"}, "m":{"format":"email"}, "n":{"format":"ipv4"},
		"o":{"maximum":1}, "p":{"uniqueItems":true}, "q":{"contains":{"type":"integer"}}
	}}`)
	given := map[string]any{"j": []any{secret}, "o": 1234567.0, "p": []any{secret, secret}, "q": []any{secret}}
	for name := range strings.SplitSeq("abcdefghiklmn", "") {
		given[name] = secret
	}
	_, faults := s.Apply(given)
	if len(faults) != len(given) {
		t.Errorf("%d faults in %d parameters:\n%s", len(faults), len(given), faultText(faults))
	}
	if text := faultText(faults); strings.Contains(text, secret) || strings.Contains(text, "1234567") {
		t.Errorf("a value is in\n%s", text)
	}
}

func TestDefaults(t *testing.T) {
	const nested = `{
		"properties": {
			"n": {"type":"integer","default":5},
			"o": {"type":"object","properties":{"x":{"default":"deep"},"y":{}}},
			"p": {"type":"object","default":{"a":1},"properties":{"b":{"default":2}}},
			"l": {"type":"array","items":{"type":"object","properties":{"port":{"default":80}}}},
			"m": {"type":"object","additionalProperties":{"type":"object","properties":{"port":{"default":80}}}},
			"r": {"$ref":"#/$defs/node"}
		},
		"$defs": {"node":{"type":"object","properties":{"v":{"default":1},"next":{"$ref":"#/$defs/node"}}}}
	}`
	tests := []struct{ name, schema, params, want string }{
		{"filled in", nested, `{}`, `{"n":5,"p":{"a":1,"b":2}}`},
		{"not where there is something", nested, `{"n":6,"p":{"b":3}}`, `{"n":6,"p":{"b":3}}`},
		{"not over null", `{"properties":{"n":{"default":5}}}`, `{"n":null}`, `{"n":null}`},
		{"in an object that is there", nested, `{"o":{"y":1}}`, `{"n":5,"o":{"x":"deep","y":1},"p":{"a":1,"b":2}}`},
		{"in items", nested, `{"l":[{},{"port":1}]}`, `{"l":[{"port":80},{"port":1}],"n":5,"p":{"a":1,"b":2}}`},
		{"in members", nested, `{"m":{"a":{},"b":{"port":1}}}`, `{"m":{"a":{"port":80},"b":{"port":1}},"n":5,"p":{"a":1,"b":2}}`},
		{"behind references", nested, `{"r":{"next":{"next":{"v":2}}}}`, `{"n":5,"p":{"a":1,"b":2},"r":{"next":{"next":{"v":2},"v":1},"v":1}}`},
		{"they make up for what is required", `{"properties":{"n":{"default":5}},"required":["n"]}`, `{}`, `{"n":5}`},
		{"large numbers stay exact", `{"properties":{"n":{"default":9007199254740993}}}`, `{}`, `{"n":9007199254740993}`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			given := params(t, tt.params)
			got, faults := compiled(t, tt.schema).Apply(given)
			if len(faults) > 0 || jsonText(t, got) != tt.want {
				t.Errorf("got %v, %s\nwant %s", faults, jsonText(t, got), tt.want)
			}
			if jsonText(t, given) != jsonText(t, params(t, tt.params)) {
				t.Errorf("the parameters were changed: %v", given)
			}
		})
	}
}

func TestCompileErrors(t *testing.T) {
	tests := []struct{ name, schema, want string }{
		{"a default that does not hold", property(`{"type":"integer","default":"x"}`), "parameter schema: default of /a: want integer, got string"},
		{"a deep default that does not hold", property(`{"properties":{"b":{"maximum":1,"default":2}}}`), "parameter schema: default of /a/b: want at most 1"},
		{"a default within a default", property(`{"default":{"b":[1]},"properties":{"b":{"items":{"type":"string"}}}}`), "parameter schema: default of /a/b/0: want string, got number"},
		{"a default in items", property(`{"items":{"properties":{"b":{"type":"string","default":1}}}}`), "parameter schema: default of /a/items/b: want string, got number"},
		{"an unknown type", property(`{"type":"text"}`), `parameter schema: /properties/a/type: want one or several of null, boolean, number, integer, string, array, object`},
		{"a keyword of a wrong type", property(`{"minLength":"1"}`), "parameter schema: /properties/a/minLength: want integer, got string"},
		{"a pattern that is none", property(`{"pattern":"["}`), "parameter schema: /properties/a/pattern: want a regular expression of package regexp: error parsing regexp: missing closing ]: `[`"},
		{"a reference that leads nowhere", property(`{"$ref":"#/$defs/x"}`), `parameter schema: json-pointer in "#/$defs/x" not found`},
		{"a reference to a file", property(`{"$ref":"/etc/passwd"}`), "reference to another document"},
		{"a reference to a file by its URL", property(`{"$ref":"file:///etc/passwd"}`), "reference to another document: file:///etc/passwd"},
		{"a reference to the network", property(`{"$ref":"https://example.com/x.json"}`), "reference to another document: https://example.com/x.json"},
		{"a dialect that is elsewhere", `{"$schema":"https://example.com/dialect"}`, "reference to another document: https://example.com/dialect"},
		{"a number out of range", property(`{"minimum":1e-99999999}`), "parameter schema: /properties/a/minimum: the number is out of range"},
		{"a reference that goes round", property(`{"$ref":"#/properties/a"}`), ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			doc, err := schema.Parse(tt.schema)
			if err != nil {
				t.Fatal(err)
			}
			s, err := schema.Compile(doc)
			if tt.want == "" { // found when it is applied
				if _, faults := s.Apply(map[string]any{"a": 1}); len(faults) == 0 {
					t.Error("no fault")
				}
				return
			}
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got  %v\nwant %s", err, tt.want)
			}
		})
	}
}

func TestParse(t *testing.T) {
	type doc struct {
		Type string `json:"type"`
	}
	for name, v := range map[string]any{
		"a string": `{"type":"object"}`, "bytes": []byte(`{"type":"object"}`), "raw JSON": json.RawMessage(`{"type":"object"}`),
		"a map": map[string]any{"type": "object"}, "a struct": doc{"object"}, "a pointer": &doc{"object"},
	} {
		got, err := schema.Parse(v)
		if err != nil || jsonText(t, got) != `{"type":"object"}` {
			t.Errorf("%s: got %v, %v", name, got, err)
		}
	}
	for name, tt := range map[string]struct {
		v    any
		want string
	}{
		"no JSON":       {`{`, "parameter schema: decode JSON: unexpected EOF"},
		"empty":         {``, "parameter schema: decode JSON: EOF"},
		"two documents": {`{} {}`, "parameter schema: decode JSON: more than one value"},
		"a list":        {`[]`, "parameter schema: want a JSON object"},
		"a bool":        {true, "parameter schema: want a JSON object"},
		"a function":    {func() {}, "parameter schema: json: unsupported type: func()"},
	} {
		if _, err := schema.Parse(tt.v); err == nil || err.Error() != tt.want {
			t.Errorf("%s: got %v, want %s", name, err, tt.want)
		}
	}
}

// A Go host passes what it has.
func TestApplyToGoValues(t *testing.T) {
	s := compiled(t, `{"properties":{"a":{"type":"array","items":{"type":"string"}},"b":{"type":"object","properties":{"n":{"type":"integer"}}},"c":{"type":"integer"},"d":{"type":"number"}}}`)
	type b struct {
		N int `json:"n"`
	}
	got, faults := s.Apply(map[string]any{"a": []string{"x"}, "b": b{1}, "c": int8(2), "d": float32(0.5)})
	if len(faults) > 0 || jsonText(t, got) != `{"a":["x"],"b":{"n":1},"c":2,"d":0.5}` {
		t.Errorf("got %v, %v", jsonText(t, got), faults)
	}
	if _, isMap := got["b"].(map[string]any); !isMap {
		t.Errorf("got %T, want a JSON value", got["b"])
	}
	loop := map[string]any{}
	loop["loop"] = loop
	for name, params := range map[string]map[string]any{
		"a channel": {"x": make(chan int)}, "not a number": {"d": math.NaN()}, "infinite": {"d": math.Inf(1)}, "a loop": loop,
		"a number that is none": {"c": json.Number("1x")}, "a number out of range": {"c": json.Number("1e99999999")},
	} {
		if got, faults := s.Apply(params); len(faults) == 0 {
			t.Errorf("%s: got %v", name, got)
		}
	}
	if got, faults := s.Apply(nil); got == nil || len(got) > 0 || len(faults) > 0 {
		t.Errorf("no parameters: got %v, %v", got, faults)
	}
}

func TestPointer(t *testing.T) {
	if got := schema.Pointer("a/b", "~", "", "0"); got != "/a~1b/~0//0" {
		t.Errorf("got %s", got)
	}
	if got := schema.Pointer(); got != "" {
		t.Errorf("got %s", got)
	}
}
