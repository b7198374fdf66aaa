package schema

import (
	"encoding/json"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// plan accepts values that surely hold under a schema, in a fraction of the library's time. It never decides that one
// does not hold: whatever it has no opinion on is the library's to judge.
type plan struct {
	typ        string // empty for any
	enum       []any  // strings, bools, nil and float64s; nil for any
	properties map[string]*plan
	members    []member // the properties, which is faster to go through
	required   []string
	additional *plan // for members that are not among the properties; nil accepts none
	items      *plan
	pattern    *regexp.Regexp

	minimum, maximum     float64 // infinite where there is none
	minLength, maxLength int
	minItems, maxItems   int

	// ask: there is more to the schema than the above, and the library judges its values. Part leads to the library's
	// form of it.
	ask  bool
	part finder
}

// member is a property.
type member struct {
	name string
	plan *plan
}

// finder leads from a whole schema to a part of it; nil where it is not found.
type finder func(*jsonschema.Schema) *jsonschema.Schema

// whole is the finder of a schema that is no part of another.
func whole(s *jsonschema.Schema) *jsonschema.Schema { return s }

// library returns the library's form of a schema.
type library func() (*jsonschema.Schema, error)

// unbounded returns a plan that accepts every JSON value but arrays and objects with something in them.
func unbounded() *plan {
	return &plan{minimum: math.Inf(-1), maximum: math.Inf(1), maxLength: math.MaxInt, maxItems: math.MaxInt}
}

// anything accepts every JSON value.
var anything = func() *plan {
	p := unbounded()
	p.additional, p.items = p, p
	return p
}()

// maxNesting bounds how deep a value is looked into: one of the host's may contain itself.
const maxNesting = 1000

// accepts reports whether a value surely holds.
func (p *plan) accepts(v any, lib library, depth int) bool {
	if depth > maxNesting {
		return false
	}
	if p.ask {
		return p.askLibrary(v, lib, depth)
	}
	if p.enum != nil && !p.enumerates(v) {
		return false
	}
	switch v := v.(type) {
	case map[string]any:
		return p.takes("object") && v != nil && p.acceptsObject(v, lib, depth)
	case []any:
		return p.takes("array") && v != nil && p.acceptsArray(v, lib, depth)
	case string:
		return p.takes("string") && p.acceptsString(v)
	case bool:
		return p.takes("boolean")
	case nil:
		return p.takes("null")
	default:
		return p.acceptsNumber(v)
	}
}

func (p *plan) takes(typ string) bool { return p.typ == typ || p.typ == "" }

func (p *plan) askLibrary(v any, lib library, depth int) bool {
	root, err := lib()
	if err != nil || !isJSON(v, depth) {
		return false
	}
	part := p.part(root)
	return part != nil && len(badNumbers(v, nil, nil)) == 0 && validate(part, v) == nil
}

func (p *plan) acceptsObject(object map[string]any, lib library, depth int) bool {
	known := 0
	for _, m := range p.members {
		if v, ok := object[m.name]; ok {
			if m.plan == nil || !m.plan.accepts(v, lib, depth+1) {
				return false
			}
			known++
		}
	}
	if known < len(object) && !p.acceptsAdditional(object, lib, depth) {
		return false
	}
	for _, name := range p.required {
		if _, ok := object[name]; !ok {
			return false
		}
	}
	return true
}

func (p *plan) acceptsAdditional(object map[string]any, lib library, depth int) bool {
	if p.additional == nil {
		return false
	}
	for name, v := range object {
		if _, known := p.properties[name]; !known && !p.additional.accepts(v, lib, depth+1) {
			return false
		}
	}
	return true
}

func (p *plan) acceptsArray(list []any, lib library, depth int) bool {
	if len(list) < p.minItems || len(list) > p.maxItems {
		return false
	}
	for _, v := range list {
		if !p.items.accepts(v, lib, depth+1) {
			return false
		}
	}
	return true
}

func (p *plan) acceptsString(s string) bool {
	if p.minLength > 0 || p.maxLength < len(s) {
		if n := utf8.RuneCountInString(s); n < p.minLength || n > p.maxLength {
			return false
		}
	}
	return p.pattern == nil || p.pattern.MatchString(s)
}

func (p *plan) acceptsNumber(v any) bool {
	f, ok := exact(v)
	switch {
	case !ok || f < p.minimum || f > p.maximum:
		return false
	case p.typ == "integer":
		return f == math.Trunc(f)
	default:
		return p.takes("number")
	}
}

func (p *plan) enumerates(v any) bool {
	if f, ok := exact(v); ok {
		v = f
	}
	switch v.(type) {
	case string, bool, nil, float64:
		return slices.Contains(p.enum, v)
	default:
		return false
	}
}

// exact returns a number as the float64 that compares with others as the number does; false for what is no number, and
// for numbers where that is not sure.
func exact(v any) (float64, bool) {
	const most = 1 << 53
	var n int64
	switch v := v.(type) {
	case float64:
		return v, !math.IsNaN(v) && !math.IsInf(v, 0)
	case json.Number:
		return exactText(string(v))
	case int:
		n = int64(v)
	case int64:
		n = v
	case int32:
		n = int64(v)
	case uint64:
		if v > most {
			return 0, false
		}
		n = int64(v)
	case uint:
		return exact(uint64(v))
	case uint32:
		n = int64(v)
	default:
		return 0, false
	}
	return float64(n), -most <= n && n <= most
}

// exactText is exact for the text of a number: one without an exponent and of up to 15 digits, which a float64 tells
// apart from all others.
func exactText(text string) (float64, bool) {
	digits := strings.TrimPrefix(text, "-")
	whole, fraction, hasFraction := strings.Cut(digits, ".")
	if !isDigits(whole) || len(whole) > 1 && whole[0] == '0' || hasFraction && !isDigits(fraction) ||
		len(whole)+len(fraction) > 15 {
		return 0, false
	}
	f, err := strconv.ParseFloat(text, 64)
	return f, err == nil
}

func isDigits(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }
