package schema

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
)

// applyTags adds to a property what the tags of its field ask for. The names are those of huma.
func applyTags(f Field, doc map[string]any) error {
	for _, name := range []string{"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"} {
		if err := numberTag(f, doc, name, "integer", "number"); err != nil {
			return err
		}
	}
	for name, of := range map[string]string{"minLength": "string", "maxLength": "string", "minItems": "array", "maxItems": "array"} {
		if err := numberTag(f, doc, name, of); err != nil {
			return err
		}
	}
	for _, name := range []string{"pattern", "format"} {
		if v, ok := f.Tag.Lookup(name); ok {
			if doc["type"] != "string" {
				return badTag(f, name, "only strings have one")
			}
			doc[name] = v
		}
	}
	if f.Tag.Get("secret") == "true" {
		doc["writeOnly"] = true
	}
	if err := enumTag(f, doc); err != nil {
		return err
	}
	return defaultTag(f, doc)
}

func badTag(f Field, name, why string) error {
	return &TypeError{Pos: f.Var.Pos(), Message: fmt.Sprintf("field %s: tag %s:%q: %s", f.Var.Name(), name, f.Tag.Get(name), why)}
}

// numberTag copies a tag that is a number to a property of one of the types.
func numberTag(f Field, doc map[string]any, name string, of ...string) error {
	text, ok := f.Tag.Lookup(name)
	if !ok {
		return nil
	}
	n, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return badTag(f, name, "want a number")
	}
	for _, t := range of {
		if doc["type"] == t {
			doc[name] = n
			return nil
		}
	}
	return badTag(f, name, fmt.Sprintf("only fields of JSON type %s have one", strings.Join(of, " or ")))
}

// enumTag lists the values of a property, or of the items of one that is an array.
func enumTag(f Field, doc map[string]any) error {
	text, ok := f.Tag.Lookup("enum")
	if !ok {
		return nil
	}
	target := doc
	if items, ok := doc["items"].(map[string]any); ok {
		target = items
	}
	var values []any
	for item := range strings.SplitSeq(text, ",") {
		v, err := tagValue(strings.TrimSpace(item), target)
		if err != nil {
			return badTag(f, "enum", err.Error())
		}
		values = append(values, v)
	}
	target["enum"] = values
	return nil
}

func defaultTag(f Field, doc map[string]any) error {
	text, ok := f.Tag.Lookup("default")
	if !ok {
		return nil
	}
	v, err := tagValue(text, doc)
	if err != nil {
		return badTag(f, "default", err.Error())
	}
	doc["default"] = v // Compile holds it against the rest
	return nil
}

// tagValue reads a value for a property from the text of a tag: a string as it stands, a list of strings with commas or
// as JSON, anything else as JSON.
func tagValue(text string, doc map[string]any) (any, error) {
	if doc["type"] == "string" {
		return text, nil
	}
	items, _ := doc["items"].(map[string]any)
	if doc["type"] == "array" && items["type"] == "string" && !strings.HasPrefix(text, "[") {
		values := []any{}
		for item := range strings.SplitSeq(text, ",") {
			values = append(values, strings.TrimSpace(item))
		}
		return values, nil
	}
	var v any
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		return nil, fmt.Errorf("want a value of JSON type %v", doc["type"])
	}
	return v, nil
}
