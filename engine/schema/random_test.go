package schema

import (
	"encoding/json"
	"maps"
	"math/rand/v2"
	"slices"
)

// randomSchema makes a schema as those of plugins are, and randomValue a value for it, more or less.
func randomSchema(r *rand.Rand, depth int) map[string]any {
	doc := map[string]any{}
	maybe := func(keyword string, value any) {
		if r.IntN(3) == 0 {
			doc[keyword] = value
		}
	}
	if r.IntN(4) > 0 {
		doc["type"] = typeNames[r.IntN(len(typeNames))]
	}
	if depth == 3 {
		doc["type"] = "object"
	}
	maybe("minimum", float64(r.IntN(4)))
	maybe("maximum", float64(r.IntN(6))/2+0.5)
	maybe("minLength", r.IntN(2))
	maybe("maxLength", r.IntN(4))
	maybe("minItems", r.IntN(2))
	maybe("maxItems", r.IntN(3))
	if r.IntN(6) == 0 {
		doc["enum"] = []any{"x", 1.0, true}[r.IntN(3):]
	}
	if r.IntN(6) == 0 {
		doc["pattern"] = []string{"^a", "x", ""}[r.IntN(3)]
	}
	if r.IntN(8) == 0 {
		doc["format"] = []string{"date-time", "uri", "nosuch"}[r.IntN(3)]
	}
	if r.IntN(10) == 0 {
		doc["multipleOf"] = 0.5
	}
	if depth == 0 {
		return doc
	}
	if r.IntN(2) == 0 || depth == 3 {
		properties := map[string]any{}
		for _, name := range []string{"a", "b", "c"}[:r.IntN(4)] {
			properties[name] = randomSchema(r, depth-1)
		}
		doc["properties"] = properties
		maybe("required", []string{"a", "b", "d"}[:r.IntN(4)])
		maybe("additionalProperties", r.IntN(2) == 0)
	}
	if r.IntN(4) == 0 {
		doc["additionalProperties"] = randomSchema(r, depth-1)
	}
	if r.IntN(3) == 0 {
		doc["items"] = randomSchema(r, depth-1)
	}
	if r.IntN(6) == 0 {
		doc["default"] = randomValue(r, doc, depth)
	}
	return doc
}

func randomValue(r *rand.Rand, doc map[string]any, depth int) any {
	typ, _ := doc["type"].(string)
	if typ == "" || r.IntN(10) == 0 && depth < 3 {
		typ = typeNames[r.IntN(len(typeNames))]
	}
	switch typ {
	case "object":
		object := map[string]any{}
		properties, _ := doc["properties"].(map[string]any)
		for _, name := range slices.Sorted(maps.Keys(properties)) {
			if r.IntN(5) > 0 {
				object[name] = randomValue(r, properties[name].(map[string]any), depth-1)
			}
		}
		if r.IntN(3) == 0 && depth > 0 {
			additional, _ := doc["additionalProperties"].(map[string]any)
			object["d"] = randomValue(r, additional, depth-1)
		}
		return object
	case "array":
		list := []any{}
		items, _ := doc["items"].(map[string]any)
		for range r.IntN(3) {
			list = append(list, randomValue(r, items, depth-1))
		}
		return list
	case "string":
		return []string{"", "x", "a", "aé", "ax", "2026-01-02T03:04:05Z"}[r.IntN(6)]
	case "boolean":
		return r.IntN(2) == 0
	case "integer":
		return []any{0.0, 1.0, 2.0, json.Number("3"), 4, 2.5}[r.IntN(6)]
	case "number":
		return []any{0.0, 0.5, 1.0, json.Number("1.25"), 3, 100.0}[r.IntN(6)]
	default:
		return nil
	}
}
