package schema

import (
	"math"
	"regexp"
	"slices"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// newPlan makes the plan of a schema. It is sure where it has understood each keyword, so that the library would compile
// the schema, too; part leads to the library's form of it.
func newPlan(schema any, part finder) (p *plan, sure bool) {
	doc, ok := schema.(map[string]any)
	if !ok {
		b, isBool := schema.(bool)
		if isBool && b {
			return anything, true
		}
		return &plan{ask: true, part: part}, isBool
	}
	if len(doc) == 0 {
		return anything, true
	}
	b := builder{plan: unbounded(), part: part, sure: true}
	b.plan.additional, b.plan.items = anything, anything
	for keyword, value := range doc {
		b.keyword(keyword, value)
	}
	b.plan.part = part
	return b.plan, b.sure
}

type builder struct {
	plan *plan
	part finder
	sure bool
}

// unless records whether a keyword was understood.
func (b *builder) unless(ok bool) {
	if !ok {
		b.sure, b.plan.ask = false, true
	}
}

// annotations are keywords that say nothing about values, with whether their values are strings, else bools.
var annotations = map[string]bool{
	"title": true, "description": true, "$comment": true, "contentEncoding": true,
	"readOnly": false, "writeOnly": false, "deprecated": false,
}

var typeNames = []string{"object", "array", "string", "boolean", "integer", "number", "null"}

func (b *builder) keyword(keyword string, value any) {
	p := b.plan
	var ok bool
	switch keyword {
	case "default":
		ok = isJSON(value, 0)
	case "type":
		p.typ, ok = value.(string)
		ok = ok && slices.Contains(typeNames, p.typ)
	case "enum":
		p.enum, ok = enumValues(value)
	case "properties":
		ok = b.properties(value)
	case "required":
		p.required, ok = names(value)
	case "additionalProperties":
		ok = b.additional(value)
	case "items":
		_, isObject := value.(map[string]any)
		if ok = isObject; ok {
			b.items(value)
		}
	case "minimum":
		p.minimum, ok = exact(value)
	case "maximum":
		p.maximum, ok = exact(value)
	case "minLength":
		p.minLength, ok = count(value)
	case "maxLength":
		p.maxLength, ok = count(value)
	case "minItems":
		p.minItems, ok = count(value)
	case "maxItems":
		p.maxItems, ok = count(value)
	case "pattern":
		text, isString := value.(string)
		re, err := regexp.Compile(text)
		p.pattern, ok = re, isString && err == nil
	case "format": // the library's to judge, and known to compile
		_, ok = value.(string)
		p.ask = true
	default:
		if isString, known := annotations[keyword]; known {
			_, s := value.(string)
			_, t := value.(bool)
			ok = isString && s || !isString && t
		}
	}
	b.unless(ok)
}

func (b *builder) properties(value any) bool {
	members, ok := value.(map[string]any)
	if !ok {
		return false
	}
	b.plan.properties = make(map[string]*plan, len(members))
	for name, doc := range members {
		p, sure := newPlan(doc, func(s *jsonschema.Schema) *jsonschema.Schema {
			if s = b.part(s); s == nil {
				return nil
			}
			return s.Properties[name]
		})
		b.plan.properties[name] = p
		b.plan.members = append(b.plan.members, member{name, p})
		b.sure = b.sure && sure
	}
	return true
}

func (b *builder) additional(value any) bool {
	switch value := value.(type) {
	case bool:
		if !value {
			b.plan.additional = nil
		}
		return true
	case map[string]any:
		p, sure := newPlan(value, func(s *jsonschema.Schema) *jsonschema.Schema {
			if s = b.part(s); s == nil {
				return nil
			}
			part, _ := s.AdditionalProperties.(*jsonschema.Schema)
			return part
		})
		b.plan.additional = p
		b.sure = b.sure && sure
		return true
	}
	return false
}

func (b *builder) items(value any) {
	p, sure := newPlan(value, func(s *jsonschema.Schema) *jsonschema.Schema {
		if s = b.part(s); s == nil {
			return nil
		}
		return s.Items2020
	})
	b.plan.items = p
	b.sure = b.sure && sure
}

// enumValues are the values of an enum as plan.enumerates compares them.
func enumValues(value any) ([]any, bool) {
	list, ok := value.([]any)
	values := make([]any, 0, len(list))
	for _, v := range list {
		if f, isNumber := exact(v); isNumber {
			v = f
		}
		switch v.(type) {
		case string, bool, nil, float64:
		default:
			ok = false
			continue
		}
		ok = ok && !slices.Contains(values, v)
		values = append(values, v)
	}
	return values, ok && len(values) > 0
}

// names reads a list of different strings.
func names(value any) ([]string, bool) {
	list, ok := value.([]any)
	out := make([]string, 0, len(list))
	for _, v := range list {
		s, isString := v.(string)
		ok = ok && isString && !slices.Contains(out, s)
		out = append(out, s)
	}
	return out, ok
}

// count reads a length.
func count(value any) (int, bool) {
	f, ok := exact(value)
	return int(f), ok && f >= 0 && f == math.Trunc(f) && f <= math.MaxInt32
}
