package schema

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"
)

// maxNesting bounds how deep a value of the host is looked into: it may contain itself.
const maxNesting = 1000

// normalize returns params as JSON values: nil, bool, numbers, string, []any and map[string]any, which are of finite
// depth, and whose numbers are none that take long to compute with. What a Go host passes besides, a []string or a
// struct, goes through its JSON encoding.
func normalize(params map[string]any) (map[string]any, []Fault) {
	if isJSON(params, plausible, 0) {
		return params, nil
	}
	if isJSON(params, anyNumber, 0) {
		return params, badNumbers(params)
	}
	text, err := json.Marshal(params)
	if err != nil {
		return nil, []Fault{{Message: "encode parameters: " + encodeFault(err)}}
	}
	v, err := decode(text)
	if err != nil {
		return nil, []Fault{{Message: err.Error()}}
	}
	return v.(map[string]any), badNumbers(v)
}

// encodeFault is the error of encoding parameters, as far as it says nothing of a value.
func encodeFault(err error) string {
	if e, ok := errors.AsType[*json.UnsupportedTypeError](err); ok {
		return e.Error()
	}
	if e, ok := errors.AsType[*json.UnsupportedValueError](err); ok {
		return e.Error()
	}
	return "a value has no JSON form"
}

// isJSON reports whether a value that is depth values deep is as normalize returns them, with numbers that hold.
func isJSON(v any, holds func(json.Number) bool, depth int) bool {
	switch v := v.(type) {
	case nil, bool, string, int, int8, int16, int32, int64, uint, uint8, uint16, uint32, uint64:
		return true
	case float64:
		return !math.IsNaN(v) && !math.IsInf(v, 0)
	case float32:
		return isJSON(float64(v), holds, depth)
	case json.Number:
		return holds(v)
	case []any:
		for _, e := range v {
			if depth > maxNesting || !isJSON(e, holds, depth+1) {
				return false
			}
		}
		return v != nil // nil encodes as null
	case map[string]any:
		for _, e := range v {
			if depth > maxNesting || !isJSON(e, holds, depth+1) {
				return false
			}
		}
		return v != nil
	default:
		return false
	}
}

// decode reads one JSON value, with numbers as json.Number.
func decode(text []byte) (any, error) {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		return nil, fmt.Errorf("decode JSON: %w", err)
	}
	if d.More() {
		return nil, fmt.Errorf("decode JSON: more than one value")
	}
	return v, nil
}
