package schema

import (
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// Keywords whose values are wrong are refused in one sentence, which is the one that the peer's metaschema leads to but
// where it has none.
func TestKeywordErrors(t *testing.T) {
	tests := []struct {
		schema, want string
		ours         bool // the peer says something else
	}{
		{`1`, ": want boolean or object, got number", true},
		{`{"type":1}`, "/type: want one or several of null, boolean, number, integer, string, array, object", true},
		{`{"type":"strin"}`, "/type: want one or several of null, boolean, number, integer, string, array, object", true},
		{`{"type":[]}`, "/type: want one or several of null, boolean, number, integer, string, array, object", true},
		{`{"type":["string","string"]}`, "/type: want one or several of null, boolean, number, integer, string, array, object", true},
		{`{"type":["string","x"]}`, "/type: want one or several of null, boolean, number, integer, string, array, object", true},
		{`{"type":["x","string"]}`, "/type: want one or several of null, boolean, number, integer, string, array, object", true},
		{`{"enum":"a"}`, "/enum: want array, got string", false},
		{`{"minimum":"x"}`, "/minimum: want number, got string", false},
		{`{"maximum":null}`, "/maximum: want number, got null", false},
		{`{"exclusiveMinimum":true}`, "/exclusiveMinimum: want number, got boolean", false},
		{`{"exclusiveMaximum":[]}`, "/exclusiveMaximum: want number, got array", false},
		{`{"multipleOf":0}`, "/multipleOf: want more than 0", false},
		{`{"multipleOf":"1"}`, "/multipleOf: want number, got string", false},
		{`{"minLength":-1}`, "/minLength: want at least 0", false},
		{`{"maxLength":1.5}`, "/maxLength: want integer, got number", false},
		{`{"minItems":"1"}`, "/minItems: want integer, got string", false},
		{`{"maxItems":-0.5}`, "/maxItems: want integer, got number", true}, // and at least 0
		{`{"minContains":-2}`, "/minContains: want at least 0", false},
		{`{"maxContains":{}}`, "/maxContains: want integer, got object", false},
		{`{"minProperties":-1}`, "/minProperties: want at least 0", false},
		{`{"maxProperties":true}`, "/maxProperties: want integer, got boolean", false},
		{`{"pattern":1}`, "/pattern: want string, got number", false},
		{`{"pattern":"(?=a)"}`, "/pattern: want a regular expression of package regexp: error parsing regexp: invalid or unsupported Perl syntax: `(?=`", true},
		{`{"format":1}`, "/format: want string, got number", false},
		{`{"uniqueItems":1}`, "/uniqueItems: want boolean, got number", false},
		{`{"items":[{}]}`, "/items: want boolean or object, got array", false},
		{`{"prefixItems":{}}`, "/prefixItems: want array, got object", false},
		{`{"prefixItems":[]}`, "/prefixItems: want at least 1 items, got 0", false},
		{`{"prefixItems":[1]}`, "/prefixItems/0: want boolean or object, got number", false},
		{`{"contains":""}`, "/contains: want boolean or object, got string", false},
		{`{"required":"a"}`, "/required: want array, got string", false},
		{`{"required":["a",1]}`, "/required/1: want string, got number", false},
		{`{"required":["a","b","a"]}`, "/required: items 0 and 2 are equal", false},
		{`{"properties":[]}`, "/properties: want object, got array", false},
		{`{"properties":{"a/b":{"type":"x"}}}`, "/properties/a~1b/type: want one or several of null, boolean, number, integer, string, array, object", true},
		{`{"patternProperties":{"[":{}}}`, "/patternProperties/[: its name is not allowed", true}, // the peer's path
		{`{"additionalProperties":1}`, "/additionalProperties: want boolean or object, got number", false},
		{`{"propertyNames":1}`, "/propertyNames: want boolean or object, got number", false},
		{`{"dependentRequired":{"a":"b"}}`, "/dependentRequired/a: want array, got string", false},
		{`{"dependentSchemas":{"a":["b"]}}`, "/dependentSchemas/a: want boolean or object, got array", false},
		{`{"dependencies":[]}`, "/dependencies: want object, got array", false},
		{`{"allOf":[]}`, "/allOf: want at least 1 items, got 0", false},
		{`{"anyOf":{}}`, "/anyOf: want array, got object", false},
		{`{"oneOf":[{},1]}`, "/oneOf/1: want boolean or object, got number", false},
		{`{"not":[]}`, "/not: want boolean or object, got array", false},
		{`{"if":1}`, "/if: want boolean or object, got number", false},
		{`{"then":1}`, "/then: want boolean or object, got number", false},
		{`{"else":1}`, "/else: want boolean or object, got number", false},
		{`{"unevaluatedItems":1}`, "/unevaluatedItems: want boolean or object, got number", false},
		{`{"unevaluatedProperties":1}`, "/unevaluatedProperties: want boolean or object, got number", false},
		{`{"$defs":{"a":1}}`, "/$defs/a: want boolean or object, got number", false},
		{`{"definitions":{"a":{"minimum":""}}}`, "/definitions/a/minimum: want number, got string", false},
		{`{"contentSchema":1}`, "/contentSchema: want boolean or object, got number", false},
		{`{"title":1}`, "/title: want string, got number", false},
		{`{"deprecated":"yes"}`, "/deprecated: want boolean, got string", false},
		{`{"examples":{}}`, "/examples: want array, got object", false},
		{`{"$ref":1}`, "/$ref: want string, got number", false},
		{`{"$ref":"a b:\\"}`, "/$ref: want the format uri-reference", false},
		{`{"$id":1}`, "/$id: want string, got number", false},
		{`{"$id":"a#b"}`, "/$id: want no fragment", true},            // the peer: a pattern
		{`{"$id":":"}`, "/$id: want the format uri-reference", true}, // the peer: no base
		{`{"$anchor":"1"}`, "/$anchor: want a match of the pattern ^[A-Za-z_][-A-Za-z0-9._]*$", false},
		{`{"$dynamicAnchor":""}`, "/$dynamicAnchor: want a match of the pattern ^[A-Za-z_][-A-Za-z0-9._]*$", false},
		{`{"$vocabulary":{"urn:a":1}}`, "/$vocabulary/urn:a: want boolean, got number", false},
		{`{"$vocabulary":{"a":true}}`, "/$vocabulary/a: its name is not allowed", true}, // the peer's path
		{`{"$recursiveRef":"#"}`, "/$recursiveRef: is a keyword of draft 2019-09: want $dynamicRef", true},
		{`{"$schema":"http://json-schema.org/draft-07/schema#"}`, "/$schema: want https://json-schema.org/draft/2020-12/schema, the only draft that is supported", true},
		{`{"$schema":"https://json-schema.org/draft/2019-09/schema"}`, "/$schema: want https://json-schema.org/draft/2020-12/schema, the only draft that is supported", true},
		{`{"$schema":"urn:x"}`, "/$schema: reference to another document: urn:x", true},
		{`{"$schema":1}`, "/$schema: want string, got number", false},
		{`{"$ref":"https://json-schema.org/draft/2020-12/schema"}`, "/$ref: reference to another document: https://json-schema.org/draft/2020-12/schema", true},
		{`{"$dynamicRef":"other.json#x"}`, "/$dynamicRef: reference to another document: other.json#x", true},
		{`{"$ref":"#x"}`, `anchor in "#x" not found`, true},
		{`{"$ref":"#/a~2"}`, `json-pointer in "#/a~2" not found`, true},
		{`{"$ref":"#/allOf/1","allOf":[{}]}`, `json-pointer in "#/allOf/1" not found`, true},
		{`{"$ref":"#/x","x":{"type":"y"}}`, "/x/type: want one or several of null, boolean, number, integer, string, array, object", true},
		{`{"$defs":{"a":{"$id":"x"},"b":{"$id":"x"}}}`, "/$id: another schema has the same", true},
		{`{"$defs":{"a":{"$anchor":"x"},"b":{"$anchor":"x"}}}`, "/$anchor: another schema has the same", true},
		{`{"properties":{"b":{"type":1},"a":{"minimum":""}}}`, "/properties/a/minimum: want number, got string", false}, // the first
	}
	for _, tt := range tests {
		t.Run(tt.schema, func(t *testing.T) {
			doc, err := decode([]byte(tt.schema))
			if err != nil {
				t.Fatal(err)
			}
			if _, err = compile(doc); err == nil || !strings.Contains(err.Error(), strings.TrimPrefix(tt.want, ": ")) {
				t.Errorf("got %v, want %s", err, tt.want)
			}
			if tt.ours {
				return
			}
			_, peerErr := peerCompile(doc)
			if invalid, ok := peerErr.(*jsonschema.SchemaValidationError); !ok || peerFaults(invalid.Err)[0].String() != tt.want { //nolint:errorlint // it is not wrapped
				t.Errorf("the peer says %v", peerErr)
			}
		})
	}
}

// What is not JSON is refused, and does not keep Compile from ending.
func TestCompileRefusesGoValues(t *testing.T) {
	loop := map[string]any{}
	loop["properties"] = map[string]any{"a": loop, "b": loop}
	for name, doc := range map[string]map[string]any{
		"a loop": loop, "a list of strings": {"required": []string{"a"}}, "a function": {"default": func() {}}, "nothing": nil,
	} {
		if _, err := Compile(doc); err == nil || err.Error() != "parameter schema: want JSON values that are at most 1000 levels deep" {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

// Schemas without end, and values without end, are faults and do not keep Apply from ending.
func TestApplyEnds(t *testing.T) {
	loop := map[string]any{}
	loop["a"], loop["b"] = loop, []any{loop, loop}
	var deep any = map[string]any{}
	for range 5000 {
		deep = map[string]any{"a": deep}
	}
	anyOf := `{"$ref":"#/$defs/s0","$defs":{`
	for i := range 60 {
		anyOf += fmt.Sprintf(`"s%d":{"anyOf":[{"$ref":"#/$defs/s%d"},{"$ref":"#/$defs/s%d"}]},`, i, i+1, i+1)
	}
	anyOf += `"s60":false}}`
	tests := []struct {
		name, schema string
		value        map[string]any
		want         string
	}{
		{"a reference to itself", `{"$ref":"#"}`, nil, "refers to itself without end"},
		{"references round", `{"$ref":"#/$defs/a","$defs":{"a":{"$ref":"#/$defs/b"},"b":{"allOf":[{"$ref":"#/$defs/a"}]}}}`, nil, "refers to itself without end"},
		{"alternatives round", `{"anyOf":[{"$ref":"#"},{"$ref":"#"}]}`, nil, "fits none of what it may be (anyOf)"},
		{"round where there is a member", `{"dependentSchemas":{"a":{"$ref":"#"}}}`, map[string]any{"a": 1}, "refers to itself without end"},
		{"not round where there is none", `{"dependentSchemas":{"a":{"$ref":"#"}}}`, map[string]any{"b": 1}, ""},
		{"round by a dynamic reference", `{"$dynamicAnchor":"x","$dynamicRef":"#x"}`, nil, "refers to itself without end"},
		{"into the value is not round", `{"additionalProperties":{"$ref":"#"},"type":"object"}`, map[string]any{"a": map[string]any{"a": map[string]any{}}}, ""},
		{"too many alternatives", anyOf, nil, "takes too long to validate"},
		{"a value that contains itself", `{"additionalProperties":{"$ref":"#"}}`, loop, "encode parameters: json: unsupported value: encountered a cycle via map[string]interface {}"},
		{"the same, of types", `{"type":"object","additionalProperties":{"type":["object","array"],"items":{"type":"object","additionalProperties":{"type":"object"}},"additionalProperties":{"type":"string"}}}`, loop, "encode parameters: json: unsupported value: encountered a cycle via map[string]interface {}"},
		{"the same, of any type", `{}`, loop, "encode parameters: json: unsupported value: encountered a cycle via map[string]interface {}"},
		{"a deep value", `{"additionalProperties":{"$ref":"#"}}`, deep.(map[string]any), ""},
		{"a number that takes long", `{"type":"object","additionalProperties":{"type":["number"],"multipleOf":3}}`, map[string]any{"a": json.Number("1e999999999")}, "/a: the number is out of range"},
		{"the same in a constant", `{"type":"object","const":{"a":1},"additionalProperties":{"type":"number"}}`, map[string]any{"a": json.Number("1e999999999")}, "/a: the number is out of range"},
		{"the same in names' schema", `{"type":"object","propertyNames":{"maxLength":1},"additionalProperties":{"enum":[1]}}`, map[string]any{"a": json.Number("1e999999999")}, "/a: the number is out of range"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			doc, err := Parse(tt.schema)
			if err != nil {
				t.Fatal(err)
			}
			s, err := Compile(doc)
			if err != nil {
				t.Fatal(err)
			}
			got, faults := s.Apply(tt.value)
			if text := faultLines(faults); text != tt.want {
				t.Errorf("got %s, want %s", text, tt.want)
			}
			if (got == nil) != (tt.want != "") {
				t.Errorf("got %v and faults %v", got, faults)
			}
		})
	}
}

func faultLines(faults []Fault) string {
	lines := make([]string, len(faults))
	for i, f := range faults {
		lines[i] = f.String()
	}
	return strings.Join(lines, "\n")
}

// What a host passes is not taken for JSON by a schema that vets it itself.
func TestVettedValues(t *testing.T) {
	doc, err := Parse(`{"type":"object","additionalProperties":false,"properties":{
		"s":{"type":"string"},"n":{"type":"number"},"i":{"type":"integer","minimum":1},"l":{"type":"array","items":{"type":"string"}},"z":{"type":"null"},
		"m":{"type":"object","additionalProperties":{"type":"boolean"}},"e":{"type":"number","enum":[1,2]}}}`)
	if err != nil {
		t.Fatal(err)
	}
	s, err := Compile(doc)
	if err != nil {
		t.Fatal(err)
	}
	if !s.root.vets {
		t.Error("it does not vet its values")
	}
	type text string
	n := 1
	for _, tt := range []struct {
		name  string
		value any
		want  string // as JSON; empty where there is a fault
	}{
		{"s", "x", `"x"`},
		{"s", text("x"), `"x"`},
		{"n", uint8(1), `1`},
		{"n", float32(0.5), `0.5`},
		{"n", json.Number("1e3"), `1e3`},
		{"n", &n, `1`},
		{"n", make(chan int), ``},
		{"n", func() {}, ``},
		{"n", json.Number("1x"), ``},
		{"n", json.Number(""), ``},
		{"i", uint64(1 << 63), `9223372036854775808`},
		{"i", []int(nil), ``},
		{"e", json.Number("2.0"), `2.0`},
		{"e", json.Number("2e99999"), ``},
		{"l", []string{"x"}, `["x"]`},
		{"l", []any(nil), ``},
		{"m", map[string]bool{"a": true}, `{"a":true}`},
		{"m", map[string]any(nil), ``},
		{"z", map[string]any(nil), `null`},
		{"z", []any(nil), `null`},
		{"z", (*int)(nil), `null`},
	} {
		got, faults := s.Apply(map[string]any{tt.name: tt.value})
		if tt.want == "" {
			if len(faults) == 0 {
				t.Errorf("%s %T: no fault", tt.name, tt.value)
			}
			continue
		}
		if encoded, _ := json.Marshal(got[tt.name]); string(encoded) != tt.want || !isJSON(got, plausible, 0) {
			t.Errorf("%s %T: got %v, %v", tt.name, tt.value, got, faults)
		}
	}
}

// Many use one schema at a time.
func TestConcurrentUse(t *testing.T) {
	doc, err := Parse(`{"$dynamicAnchor":"n","type":"object","properties":{"next":{"$dynamicRef":"#n"},"p":{"pattern":"^a"},"o":{"anyOf":[{"type":"string","format":"date"},{"multipleOf":0.1}]}},
		"unevaluatedProperties":false,"required":["p"]}`)
	if err != nil {
		t.Fatal(err)
	}
	s, err := Compile(doc)
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 500 {
				good := map[string]any{"p": "a", "o": 0.3, "next": map[string]any{"p": "ab", "o": "2026-01-02"}}
				if _, faults := s.Apply(good); len(faults) > 0 {
					t.Error(faults)
				}
				bad := map[string]any{"p": "a", "o": 0.35, "next": map[string]any{"x": 1}}
				if _, faults := s.Apply(bad); faultLines(faults) != "/next/p: is required\n/next/x: is not allowed\n/o: fits none of what it may be (anyOf)" {
					t.Error(faults)
				}
			}
		})
	}
	wg.Wait()
}
