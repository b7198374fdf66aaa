package schema

import "encoding/json"

// grammar makes schemas and values of bytes, which are the choices that it makes; when they are used up it chooses what
// ends soonest. Few names and few values make it likely that they meet.
type grammar struct{ choices []byte }

// choose returns a number below n.
func (g *grammar) choose(n int) int {
	if len(g.choices) == 0 {
		return 0
	}
	c := int(g.choices[0])
	g.choices = g.choices[1:]
	return c % n
}

func pick[T any](g *grammar, of ...T) T { return of[g.choose(len(of))] }

func (g *grammar) name() string { return pick(g, "a", "b", "c", "a/b", "~", "") }

func (g *grammar) names() []any {
	list := []any{}
	for i, name := range []string{"a", "b", "c"} {
		if g.choose(2) == 1 || i == 3 {
			list = append(list, name)
		}
	}
	return list
}

func (g *grammar) number() any {
	return pick[any](g, 0.0, 1, 2.0, json.Number("1.0"), json.Number("1e0"), 0.5, -1, json.Number("0.1"), 0.3, json.Number("9007199254740993"),
		9007199254740992.0, json.Number("1e300"), float32(0.1), uint8(3), json.Number("0.30000000000000001"), json.Number("-0"))
}

func (g *grammar) text() string {
	return pick(g, "", "a", "b", "é", "aa", "2026-01-02T03:04:05Z", "1.2.3.4", "::1", "http://x/y", "a@b.c", "P1D", "/a~0", "a-b")
}

func (g *grammar) value(depth int) any {
	n := 7
	if depth <= 0 {
		n = 5
	}
	switch g.choose(n) {
	case 0:
		return nil
	case 1:
		return g.choose(2) == 1
	case 2, 3:
		return g.number()
	case 4:
		return g.text()
	case 5:
		list := []any{}
		for range g.choose(4) {
			list = append(list, g.value(depth-1))
		}
		return list
	default:
		object := map[string]any{}
		for range g.choose(4) {
			object[g.name()] = g.value(depth - 1)
		}
		return object
	}
}

func (g *grammar) schema(depth int) any {
	if g.choose(8) == 1 || depth <= 0 {
		return g.choose(3) != 1
	}
	return g.object(depth)
}

func (g *grammar) object(depth int) map[string]any {
	doc := map[string]any{}
	for range 1 + g.choose(3) {
		g.keyword(doc, depth)
	}
	return doc
}

// document is a schema with definitions to refer to.
func (g *grammar) document(depth int) map[string]any {
	doc := g.object(depth)
	if g.choose(2) == 1 {
		doc["$defs"] = map[string]any{"d": g.schema(depth - 1), "e": g.object(depth - 1)}
	}
	return doc
}

func (g *grammar) keyword(doc map[string]any, depth int) {
	switch g.choose(6) {
	case 0:
		g.assertion(doc)
	case 1:
		g.inArray(doc, depth)
	case 2:
		g.inObject(doc, depth)
	case 3, 4:
		g.inPlace(doc, depth)
	default:
		g.identity(doc)
	}
}

func (g *grammar) assertion(doc map[string]any) {
	switch g.choose(14) {
	case 0:
		doc["type"] = pick(g, typeNames[:]...)
	case 1:
		doc["type"] = []any{"string", pick(g, "integer", "null", "array", "number")}
	case 2:
		doc["enum"] = []any{g.value(1), g.value(1)}
	case 3:
		doc["const"] = g.value(1)
	case 4:
		doc["minimum"] = g.number()
	case 5:
		doc["maximum"] = g.number()
	case 6:
		doc["exclusiveMinimum"] = g.number()
	case 7:
		doc["exclusiveMaximum"] = g.number()
	case 8:
		doc["multipleOf"] = pick[any](g, 1, 0.5, json.Number("0.1"), 3.0, json.Number("1e-2"))
	case 9:
		doc["minLength"] = g.choose(3)
	case 10:
		doc["maxLength"] = pick[any](g, 1, 2.0, json.Number("2e0"))
	case 11:
		doc["pattern"] = pick(g, "^a", "b$", "", "[é-]")
	case 12:
		doc["format"] = pick(g, "date-time", "ipv4", "ipv6", "uri", "email", "duration", "json-pointer", "hostname", "regex", "nosuch")
	default:
		doc[pick(g, "title", "default", "minLength", "required", "enum", "deprecated")] = pick(g, g.value(1), -1, 1.5)
		if doc["minLength"] == json.Number("1e300") { // of which the peer makes a small one
			delete(doc, "minLength")
		}
	}
}

func (g *grammar) inArray(doc map[string]any, depth int) {
	switch g.choose(9) {
	case 0:
		doc["items"] = g.schema(depth - 1)
	case 1:
		doc["prefixItems"] = []any{g.schema(depth - 1), g.schema(depth - 1)}
	case 2:
		doc["contains"] = g.schema(depth - 1)
	case 3:
		doc["minContains"] = g.choose(3)
	case 4:
		doc["maxContains"] = g.choose(3)
	case 5:
		doc["uniqueItems"] = g.choose(2) == 0
	case 6:
		doc["minItems"] = g.choose(3)
	case 7:
		doc["maxItems"] = g.choose(3)
	default:
		doc["unevaluatedItems"] = g.schema(depth - 1)
	}
}

func (g *grammar) inObject(doc map[string]any, depth int) {
	switch g.choose(10) {
	case 0, 1:
		doc["properties"] = map[string]any{g.name(): g.schema(depth - 1), g.name(): g.schema(depth - 1)}
	case 2:
		doc["patternProperties"] = map[string]any{pick(g, "^a", "b", ""): g.schema(depth - 1)}
	case 3:
		doc["additionalProperties"] = g.schema(depth - 1)
	case 4:
		doc["propertyNames"] = g.schema(depth - 1)
	case 5:
		doc["required"] = g.names()
	case 6:
		doc["dependentRequired"] = map[string]any{g.name(): g.names()}
	case 7:
		doc["dependentSchemas"] = map[string]any{g.name(): g.schema(depth - 1)}
	case 8:
		doc[pick(g, "minProperties", "maxProperties")] = g.choose(3)
	default:
		doc["unevaluatedProperties"] = g.schema(depth - 1)
	}
}

func (g *grammar) inPlace(doc map[string]any, depth int) {
	schemas := func() []any { return []any{g.schema(depth - 1), g.schema(depth - 1)} }
	switch g.choose(9) {
	case 0:
		doc["not"] = g.schema(depth - 1)
	case 1:
		doc["allOf"] = schemas()
	case 2:
		doc["anyOf"] = schemas()
	case 3:
		doc["oneOf"] = schemas()
	case 4:
		doc["if"] = g.schema(depth - 1)
	case 5:
		doc["then"], doc["if"] = g.schema(depth-1), g.schema(depth-1)
	case 6:
		doc["else"], doc["if"] = g.schema(depth-1), g.schema(depth-1)
	case 7:
		doc["$ref"] = g.reference()
	default:
		doc["$dynamicRef"] = g.reference()
	}
}

func (g *grammar) reference() string {
	return pick(g, "#", "#/$defs/d", "#/$defs/e", "#x", "#y", "i", "i#x", "i#y", "i#/$defs/d", "#/properties/a", "#/allOf/0", "http://h/j", "j#y", "#/properties/a~1b")
}

func (g *grammar) identity(doc map[string]any) {
	switch g.choose(4) {
	case 0:
		doc["$id"] = pick(g, "i", "http://h/i", "http://h/j", "j")
	case 1:
		doc["$anchor"] = pick(g, "x", "y")
	case 2:
		doc["$dynamicAnchor"] = pick(g, "x", "y")
	default:
		doc["$defs"] = map[string]any{"d": map[string]any{pick(g, "$anchor", "$dynamicAnchor"): pick(g, "x", "y"), "type": "object"}}
	}
}
