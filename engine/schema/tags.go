package schema

import (
	"fmt"
	"math"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// numberTags are the tags that are numbers, in the order in which they are read: for which JSON types they are, and
// whether they count something.
var numberTags = []struct {
	name   string
	of     []string
	counts bool
}{
	{"minimum", []string{"integer", "number"}, false},
	{"maximum", []string{"integer", "number"}, false},
	{"exclusiveMinimum", []string{"integer", "number"}, false},
	{"exclusiveMaximum", []string{"integer", "number"}, false},
	{"multipleOf", []string{"integer", "number"}, false},
	{"minLength", []string{"string"}, true},
	{"maxLength", []string{"string"}, true},
	{"minItems", []string{"array"}, true},
	{"maxItems", []string{"array"}, true},
}

// applyTags adds to a property what the tags of its field ask for. The names are those of huma.
func applyTags(f Field, doc map[string]any) error {
	for _, t := range numberTags {
		if err := numberTag(f, doc, t.name, t.of, t.counts); err != nil {
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
	if _, err := regexp.Compile(f.Tag.Get("pattern")); err != nil {
		return badTag(f, "pattern", err.Error())
	}
	if text, ok := f.Tag.Lookup("secret"); ok {
		secret, err := strconv.ParseBool(text)
		if err != nil {
			return badTag(f, "secret", "want true or false")
		}
		if secret {
			doc["writeOnly"] = true
		}
	}
	if err := enumTag(f, doc); err != nil {
		return err
	}
	return defaultTag(f, doc)
}

func badTag(f Field, name, why string) error {
	return &TypeError{Pos: f.Var.Pos(), Message: fmt.Sprintf("field %s: tag %s:%q: %s", f.Var.Name(), name, f.Tag.Get(name), why)}
}

// numberTag copies a tag that is a number to a property of one of the types. What the field's own type demands stays
// where it demands more.
func numberTag(f Field, doc map[string]any, name string, of []string, counts bool) error {
	text, ok := f.Tag.Lookup(name)
	if !ok {
		return nil
	}
	n, err := strconv.ParseFloat(text, 64)
	switch {
	case err != nil || math.IsNaN(n) || math.IsInf(n, 0):
		return badTag(f, name, "want a number")
	case counts && (n < 0 || n != math.Trunc(n)):
		return badTag(f, name, "want a whole number")
	case name == "multipleOf" && n <= 0:
		return badTag(f, name, "want a number above 0")
	case !slices.Contains(of, fmt.Sprint(doc["type"])):
		return badTag(f, name, fmt.Sprintf("only fields of JSON type %s have one", strings.Join(of, " or ")))
	}
	if own, ok := doc[name].(float64); ok {
		switch name {
		case "minimum":
			n = max(n, own)
		case "maximum", "maxItems":
			n = min(n, own)
		}
	}
	doc[name] = n
	return nil
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
		if err == nil {
			err = holds(v, target)
		}
		switch {
		case err != nil:
			return badTag(f, "enum", err.Error())
		case slices.ContainsFunc(values, func(other any) bool { return reflect.DeepEqual(other, v) }):
			return badTag(f, "enum", fmt.Sprintf("%v is there twice", v))
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
	if err == nil {
		err = holds(v, doc)
	}
	if err != nil {
		return badTag(f, "default", err.Error())
	}
	doc["default"] = v
	return nil
}

// holds reports what is wrong with a value under a property's schema. A schema that refers to definitions, which are not
// there yet, does not compile: its values are left to those who use it.
func holds(v any, doc map[string]any) error {
	s, err := Compile(doc)
	if err != nil {
		return nil //nolint:nilerr // see above
	}
	faults := badNumbers(v)
	if len(faults) == 0 && !s.root.accepts(v) {
		faults = s.root.faults(v)
	}
	if len(faults) > 0 {
		return faults[0].err()
	}
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
		if text == "" {
			values = []any{}
		}
		return values, nil
	}
	v, err := decode([]byte(text))
	if err != nil {
		return nil, fmt.Errorf("want a value of JSON type %v", doc["type"])
	}
	return v, nil
}
