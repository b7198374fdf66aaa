package schema

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
)

// normalize returns params as JSON values: nil, bool, numbers, string, []any and map[string]any. What a Go host passes
// besides, a []string or a struct, goes through its JSON encoding.
func normalize(params map[string]any) (map[string]any, error) {
	if isJSON(params, 0) {
		return params, nil
	}
	text, err := json.Marshal(params)
	if err != nil {
		return nil, fmt.Errorf("encode parameters: %w", err)
	}
	v, err := decode(text)
	if err != nil {
		return nil, err
	}
	return v.(map[string]any), nil
}

// isJSON reports whether a value that is depth values deep consists of JSON values.
func isJSON(v any, depth int) bool {
	switch v := v.(type) {
	case nil, bool, string, json.Number, int, int8, int16, int32, int64, uint, uint8, uint16, uint32, uint64:
		return true
	case float64:
		return !math.IsNaN(v) && !math.IsInf(v, 0)
	case float32:
		return isJSON(float64(v), depth)
	case []any:
		for _, e := range v {
			if depth > maxNesting || !isJSON(e, depth+1) {
				return false
			}
		}
		return v != nil
	case map[string]any:
		for _, e := range v {
			if depth > maxNesting || !isJSON(e, depth+1) {
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
