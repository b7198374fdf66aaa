package schema

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// agrees holds what is made of a schema and a value against the peer: the same is accepted, and the same faults are told.
func agrees(t *testing.T, schemaText string, value map[string]any) {
	t.Helper()
	doc, err := Parse(schemaText)
	if err != nil || !isJSON(doc, plausible, 0) {
		return
	}
	root, peer := compileBoth(t, doc)
	s, err := Compile(doc)
	if err != nil || peer == nil {
		return
	}
	if value == nil {
		value = map[string]any{}
	}
	before, _ := json.Marshal(value)
	filled, faults := s.Apply(value)
	if after, _ := json.Marshal(value); string(after) != string(before) {
		t.Errorf("%s: %s has become %s", schemaText, before, after)
	}
	reference, want := normalize(value)
	if len(want) > 0 {
		if !reflect.DeepEqual(faults, want) {
			t.Errorf("%s with %s: faults %v, want %v", schemaText, before, faults, want)
		}
		return
	}
	complete, _ := s.defaults.fill(reference, 0)
	if want := agreeOn(t, doc, root, peer, complete); !slices.Equal(faults, want) {
		t.Errorf("%s with %s: faults %v, want %v", schemaText, before, faults, want)
	}
	if len(faults) == 0 && !reflect.DeepEqual(filled, complete) {
		t.Errorf("%s with %s: got %v, want %v", schemaText, before, filled, complete)
	}
}

// compileBoth compiles a schema here and there, and holds that both do or neither does; nil where it does not compile. The
// peer does not look where references lead to that are in no part of the schema that is used.
func compileBoth(t *testing.T, doc any) (*node, *jsonschema.Schema) {
	t.Helper()
	root, err := compile(doc)
	peer, peerErr := peerCompile(doc)
	text, _ := json.Marshal(doc)
	switch {
	case err == nil && peerErr == nil:
		return root, peer
	case err == nil, peerErr == nil && !unlike(string(text), err):
		t.Errorf("%s: compiles with %v, the peer says %v", text, err, peerErr)
	}
	return nil, nil
}

// unlike reports whether the peer takes a schema that is refused here for a reason: it knows other drafts and their
// metaschemas, and does not look at references in parts of a schema that nothing uses.
func unlike(schemaText string, err error) bool {
	return strings.Contains(schemaText, "$schema") || strings.Contains(schemaText, "$recursiveRef") ||
		strings.HasSuffix(err.Error(), " not found") || strings.Contains(err.Error(), "reference to another document")
}

// agreeOn holds a JSON value against a schema here and there, and returns the faults.
func agreeOn(t *testing.T, doc any, root *node, peer *jsonschema.Schema, value any) []Fault {
	t.Helper()
	peerErr := peer.Validate(value)
	faults := root.faults(value)
	if len(faults) > 0 && slices.Equal(faults, root.faults(value)) && peerErr != nil &&
		slices.Equal(asPeerPlaces(faults), peerFaults(peerErr)) && !root.accepts(value) ||
		len(faults) == 0 && peerErr == nil && root.accepts(value) {
		return faults
	}
	schemaText, _ := json.Marshal(doc)
	text, _ := json.Marshal(value)
	t.Errorf("%s with %s: accepts %v, faults %v, the peer says %v", schemaText, text, root.accepts(value), faults, peerErr)
	return faults
}

// schemas and values that are worth combining.
var (
	schemaSeeds = []string{
		`{}`, `{"type":"object"}`, `{"type":"string"}`, `{"additionalProperties":false}`, `{"additionalProperties":{"type":"integer"}}`, `{"required":["a"]}`,
		`{"properties":{"a":{"type":"integer","minimum":1,"maximum":9007199254740992}},"additionalProperties":false,"required":["a"]}`,
		`{"properties":{"a":{"type":"number","minimum":0.1,"maximum":0.3},"b":{"type":"number","exclusiveMinimum":0}}}`,
		`{"properties":{"a":{"type":"string","minLength":1,"maxLength":3,"pattern":"^[aé]"},"b":{"enum":["x",1,true,null,1.5]}}}`,
		`{"properties":{"a":{"type":"array","items":{"type":"string","enum":["x","y"]},"minItems":1,"maxItems":2}}}`,
		`{"properties":{"a":{"type":"object","properties":{"b":{"default":1}},"required":["b"],"additionalProperties":false}}}`,
		`{"properties":{"a":{"format":"date-time","type":"string"},"b":{"items":{"format":"uri"}},"c":{"additionalProperties":{"format":"ipv4"}}}}`,
		`{"properties":{"a":{"default":{"b":1},"properties":{"b":{"type":"integer"}}}},"title":"t","$comment":"c","description":"d","deprecated":true}`,
		`{"properties":{"a":true,"b":false,"c":{}}}`, `{"properties":{"a":{"type":["string","null"]}}}`, `{"minimum":1,"minLength":2,"pattern":"x"}`, `{"properties":{"a":{"minLength":5,"maxLength":2}}}`,
		`{"$defs":{"n":{"properties":{"n":{"$ref":"#/$defs/n"},"v":{"default":1,"type":"integer"}}}},"$ref":"#/$defs/n"}`,
		`{"properties":{"a":{"const":1},"b":{"multipleOf":0.5},"c":{"uniqueItems":true}},"minProperties":1,"propertyNames":{"maxLength":1}}`,
		`{"properties":{"a":{"enum":[[1],{"b":1}]},"b":{"enum":[]},"c":{"required":[]}}}`, `{"items":{"type":"integer"}}`, `{"type":"integer","enum":[1,2]}`,
		`{"properties":{"a":{"minLength":1.0,"maxLength":2e0},"b":{"minimum":1e400},"c":{"maximum":0.30000000000000001}}}`,
		`{"properties":{"a":{"type":"text"}}}`, `{"required":["a","a"]}`, `{"required":"a"}`, `{"properties":[]}`, `{"pattern":"["}`, `{"minLength":-1}`, `{"title":1}`,
		`{"if":{"required":["a"]},"then":{"required":["b"]}}`, `{"properties":{"a":{"writeOnly":true,"contentEncoding":"base64","type":"string"}}}`,
	}
	valueSeeds = []any{
		nil, true, false, "", "x", "a", "é", "éé", "aaaa", "2026-01-02T03:04:05Z", "http://x", "1.2.3.4",
		0.0, 1.0, -1.0, 0.1, 0.3, 0.2, 1.5, 2.0, 1e300, 9007199254740992.0, math.NaN(), math.Inf(1), math.SmallestNonzeroFloat64,
		1, int8(1), int64(math.MaxInt64), uint64(math.MaxUint64), uint8(200), float32(0.1), float32(1), int32(-5), uint(7),
		json.Number("1"), json.Number("1.0"), json.Number("1e0"), json.Number("0.30000000000000001"), json.Number("9007199254740993"), json.Number("-0"), json.Number("0.1"),
		json.Number("x"), json.Number(""), json.Number("1e999999"), json.Number("00"), json.Number("1."), json.Number("-"), json.Number("."),
		[]any{},
		[]any{"x"},
		[]any{"x", "y", "x"},
		[]any{1.0, nil},
		[]any(nil),
		map[string]any{},
		map[string]any{"b": 1.0},
		map[string]any{"b": "x", "c": nil},
		map[string]any(nil),
		map[string]any{"n": map[string]any{}},
		[]string{"x"},
		struct{ B int }{1},
		make(chan int),
		[]any{[]any{map[string]any{"v": "x"}}},
	}
)

// Every schema with every value, as each of the members.
func TestAgreesWithPeer(t *testing.T) {
	for _, schema := range schemaSeeds {
		agrees(t, schema, nil)
		for _, v := range valueSeeds {
			for _, name := range []string{"a", "b", "c", "n", "v"} {
				agrees(t, schema, map[string]any{name: v})
			}
			agrees(t, schema, map[string]any{"a": v, "b": v, "c": v})
		}
	}
}

// Schemas that are put together at random, with values that are made for them, more or less.
func TestAgreesWithPeerAtRandom(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	rounds := 500
	if testing.Short() {
		rounds = 100
	}
	for range rounds {
		doc := randomSchema(r, 3)
		text, err := json.Marshal(doc)
		if err != nil {
			t.Fatal(err)
		}
		for range 5 {
			v, _ := randomValue(r, doc, 3).(map[string]any)
			agrees(t, string(text), v)
		}
	}
}

// Schemas of the whole grammar with values that have nothing to do with them but for their names.
func TestAgreesWithPeerOnGrammar(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	rounds := 20_000
	if testing.Short() {
		rounds = 2000
	}
	compiled := 0
	for range rounds {
		choices := make([]byte, 20+r.IntN(150))
		for i := range choices {
			choices[i] = byte(r.Uint32())
		}
		if agreeOnChoices(t, choices) {
			compiled++
		}
		if t.Failed() {
			return
		}
	}
	if compiled < rounds/4 {
		t.Errorf("only %d of %d schemas compile", compiled, rounds)
	}
}

// agreeOnChoices makes a schema and values of choices. It reports whether the schema compiles.
func agreeOnChoices(t *testing.T, choices []byte) bool {
	t.Helper()
	g := &grammar{choices}
	doc := g.document(3)
	root, peer := compileBoth(t, doc)
	if root == nil {
		return false
	}
	for range 4 {
		agreeOn(t, doc, root, peer, g.value(3))
	}
	return true
}

// The schemas of the official suite have the same faults here and there.
func TestAgreesWithPeerOnSuite(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(suiteDir(t), "*.json"))
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	for _, file := range files {
		for _, group := range suiteGroups(t, file) {
			root, peer := compileBoth(t, group.Schema)
			for _, test := range group.Tests {
				if root != nil {
					agreeOn(t, group.Schema, root, peer, test.Data)
				}
			}
		}
	}
}

func FuzzPeers(f *testing.F) {
	r := rand.New(rand.NewPCG(5, 6))
	for range 50 {
		choices := make([]byte, 100)
		for i := range choices {
			choices[i] = byte(r.Uint32())
		}
		f.Add(choices)
	}
	f.Fuzz(func(t *testing.T, choices []byte) { agreeOnChoices(t, choices) })
}

func FuzzApply(f *testing.F) {
	for _, schema := range schemaSeeds {
		for _, v := range []string{`{"a":1,"b":"x","c":[]}`, `{"a":"é","n":{"v":1}}`, `{"a":[1,2.5,"x"],"b":{"c":null}}`} {
			f.Add(schema, v)
		}
	}
	f.Fuzz(func(t *testing.T, schema, text string) {
		v, err := decode([]byte(text))
		if err != nil {
			return
		}
		value, ok := v.(map[string]any)
		if !ok {
			value = map[string]any{"a": v}
		}
		agrees(t, schema, value)
	})
}
