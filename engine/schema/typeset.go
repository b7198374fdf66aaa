package schema

import (
	"encoding/json"
	"strings"
)

// typeSet is a set of the types of JSON values; none is all of them.
type typeSet uint8

// In the order in which messages have them. The integers are among the numbers, and not told apart by typeOf.
const (
	jsonNull typeSet = 1 << iota
	jsonBoolean
	jsonNumber
	jsonInteger
	jsonString
	jsonArray
	jsonObject
)

var typeNames = [...]string{"null", "boolean", "number", "integer", "string", "array", "object"}

func typeNamed(name string) (typeSet, bool) {
	for i, n := range typeNames {
		if n == name {
			return 1 << i, true
		}
	}
	return 0, false
}

func (t typeSet) String() string {
	var names []string
	for i, name := range typeNames {
		if t&(1<<i) != 0 {
			names = append(names, name)
		}
	}
	return strings.Join(names, " or ")
}

// typeOf is the type of a JSON value; 0 for what is none.
func typeOf(v any) typeSet {
	switch v := v.(type) {
	case nil:
		return jsonNull
	case bool:
		return jsonBoolean
	case string:
		return jsonString
	case []any:
		if v != nil { // nil encodes as null
			return jsonArray
		}
	case map[string]any:
		if v != nil {
			return jsonObject
		}
	case float64, json.Number, int, int8, int16, int32, int64, uint, uint8, uint16, uint32, uint64, float32:
		return jsonNumber
	}
	return 0
}

// has reports whether a value of the type got surely is of one of the types.
func (t typeSet) has(got typeSet) bool { return t == 0 || t&got != 0 && got != jsonNumber }

// holds is for what has is not sure of. The value may be any of a host: see vets.
func (t typeSet) holds(w *walk, v any, got typeSet) bool {
	if got == jsonNumber {
		n := newNumber(v)
		if !n.exact && !isJSON(v, plausible, 0) {
			return false
		}
		if t&jsonNumber != 0 || t&jsonInteger != 0 && n.isInteger() {
			return true
		}
	}
	return w.listing && w.fault("want "+t.String()+", got "+got.String())
}
