package schema

import (
	"maps"
	"regexp"
	"slices"
	"strings"
)

// keyword takes in a keyword of JSON Schema draft 2020-12, and of those before what its metaschema still knows. Other
// keywords say nothing. Those of identify are not among them.
func (b *builder) keyword(keyword string, value any) {
	n := b.node
	switch keyword {
	case "type":
		n.types = b.types(value)
	case "enum":
		if b.is(jsonArray, value, keyword) {
			b.fixed().isEnum, b.fixed().enum = true, value.([]any)
		}
	case "const":
		b.fixed().isConst, b.fixed().constant = true, value
	case "format":
		if b.is(jsonString, value, keyword) {
			n.format = newFormat(value.(string))
		}

	case "minimum":
		b.numbers().minimum = b.number(keyword, value)
	case "maximum":
		b.numbers().maximum = b.number(keyword, value)
	case "exclusiveMinimum":
		b.numbers().above = b.number(keyword, value)
	case "exclusiveMaximum":
		b.numbers().below = b.number(keyword, value)
	case "multipleOf":
		b.numbers().unit = b.unit(keyword, value)

	case "minLength":
		b.texts().minLength = b.count(keyword, value)
	case "maxLength":
		b.texts().maxLength = b.count(keyword, value)
	case "pattern":
		b.texts().pattern = b.pattern(keyword, value)

	case "minItems":
		b.arrays().minItems = b.count(keyword, value)
	case "maxItems":
		b.arrays().maxItems = b.count(keyword, value)
	case "uniqueItems":
		b.arrays().unique = b.is(jsonBoolean, value, keyword) && value.(bool)
	case "prefixItems":
		b.arrays().prefix = b.schemas(keyword, value)
	case "items":
		b.arrays().items = b.schema(value, keyword)
	case "contains":
		b.arrays().contains = b.schema(value, keyword)
	case "minContains":
		b.arrays().minContains = b.count(keyword, value)
	case "maxContains":
		b.arrays().maxContains = b.count(keyword, value)

	case "minProperties":
		b.objects().minMembers = b.count(keyword, value)
	case "maxProperties":
		b.objects().maxMembers = b.count(keyword, value)
	case "required":
		b.objects().required = b.names(value, keyword)
	case "properties":
		b.properties(value)
	case "patternProperties":
		b.patternProperties(value)
	case "additionalProperties":
		b.objects().additional = b.schema(value, keyword)
		b.objects().closed = value == false
	case "propertyNames":
		b.objects().names = b.schema(value, keyword)
	case "dependentRequired", "dependentSchemas", "dependencies":
		b.dependents(keyword, value)

	case "not":
		b.logic().not = b.schema(value, keyword)
	case "allOf":
		b.logic().all = b.schemas(keyword, value)
	case "anyOf":
		b.logic().any = b.schemas(keyword, value)
	case "oneOf":
		b.logic().one = b.schemas(keyword, value)
	case "if":
		b.logic().when = b.schema(value, keyword)
	case "then":
		b.logic().then = b.schema(value, keyword)
	case "else":
		b.logic().orElse = b.schema(value, keyword)
	case "unevaluatedItems":
		b.unevaluated().items = b.schema(value, keyword)
	case "unevaluatedProperties":
		b.unevaluated().members = b.schema(value, keyword)

	case "$ref", "$dynamicRef":
		b.reference(keyword, value)
	case "$recursiveRef":
		b.refuse("is a keyword of draft 2019-09: want $dynamicRef", keyword)
	case "$defs", "definitions":
		b.members(keyword, value)
	case "contentSchema":
		b.schema(value, keyword)
	case "$vocabulary":
		b.vocabulary(value)
	case "title", "description", "$comment", "contentEncoding", "contentMediaType":
		b.is(jsonString, value, keyword)
	case "readOnly", "writeOnly", "deprecated":
		b.is(jsonBoolean, value, keyword)
	case "examples":
		b.is(jsonArray, value, keyword)
	}
}

func (b *builder) types(value any) typeSet {
	names, ok := value.([]any)
	if !ok {
		names = []any{value}
	}
	var all typeSet
	for _, v := range names {
		name, _ := v.(string)
		t, known := typeNamed(name)
		ok = known && all&t == 0
		if !ok {
			break
		}
		all |= t
	}
	if !ok || all == 0 {
		b.refuse("want one or several of "+strings.Join(typeNames[:], ", "), "type")
	}
	return all
}

func (b *builder) unit(keyword string, value any) *number {
	n, zero := b.number(keyword, value), newNumber(0)
	if n != nil && n.compare(&zero) <= 0 {
		b.refuse("want more than 0", keyword)
	}
	return n
}

func (b *builder) pattern(keyword string, value any) *regexp.Regexp {
	if !b.is(jsonString, value, keyword) {
		return nil
	}
	re, err := regexp.Compile(value.(string))
	if err != nil {
		b.refuse("want a regular expression of package regexp: "+err.Error(), keyword)
	}
	return re
}

func (b *builder) properties(value any) {
	r := b.objects()
	r.members = b.members("properties", value)
	r.byName = make(map[string]*node, len(r.members))
	for _, m := range r.members {
		r.byName[m.name] = m.node
	}
}

func (b *builder) patternProperties(value any) {
	for _, m := range b.members("patternProperties", value) {
		re, err := regexp.Compile(m.name)
		if err != nil {
			b.refuse("its name is not allowed", "patternProperties", m.name)
		}
		b.objects().patterns = append(b.objects().patterns, patternRule{re, m.node})
	}
}

// dependents takes in what depends on a member: the names of others, or a schema. Dependencies, of the drafts before, has
// both kinds.
func (b *builder) dependents(keyword string, value any) {
	if !b.is(jsonObject, value, keyword) {
		return
	}
	byName := value.(map[string]any)
	for _, name := range slices.Sorted(maps.Keys(byName)) {
		d, v := dependent{name: name}, byName[name]
		if keyword == "dependentRequired" || keyword == "dependencies" && typeOf(v) == jsonArray {
			d.required = b.names(v, keyword, name)
		} else {
			d.node = b.schema(v, keyword, name)
		}
		b.objects().dependents = append(b.objects().dependents, d)
	}
}

// vocabulary checks what metaschemas say, which is nothing to schemas.
func (b *builder) vocabulary(value any) {
	if !b.is(jsonObject, value, "$vocabulary") {
		return
	}
	for name, v := range value.(map[string]any) {
		b.is(jsonBoolean, v, "$vocabulary", name)
		if !isURI(name) {
			b.refuse("its name is not allowed", "$vocabulary", name)
		}
	}
}
