package schema

import (
	"maps"
	"slices"
	"strconv"
	"strings"
)

// fixedRules are const and enum.
type fixedRules struct {
	isConst  bool
	constant any
	isEnum   bool
	enum     []any
}

func (r *fixedRules) holds(w *walk, v any) bool {
	if r.isConst && !equal(v, r.constant) {
		return w.listing && w.fault("want "+list([]any{r.constant}))
	}
	if !r.isEnum {
		return true
	}
	for _, e := range r.enum {
		if equal(v, e) {
			return true
		}
	}
	return w.listing && w.fault("want one of "+list(r.enum))
}

// equal compares JSON values.
func equal(a, b any) bool {
	switch a := a.(type) {
	case nil:
		return b == nil
	case bool:
		b, ok := b.(bool)
		return ok && a == b
	case string:
		b, ok := b.(string)
		return ok && a == b
	case []any:
		b, ok := b.([]any)
		return ok && slices.EqualFunc(a, b, equal)
	case map[string]any:
		b, ok := b.(map[string]any)
		return ok && maps.EqualFunc(a, b, equal)
	default:
		if typeOf(b) != jsonNumber {
			return false
		}
		x, y := newNumber(a), newNumber(b)
		return x.compare(&y) == 0
	}
}

// appendKey appends a text that equal values share and others do not have.
func appendKey(key []byte, v any) []byte {
	switch v := v.(type) {
	case nil:
		return append(key, 'z')
	case bool:
		return strconv.AppendBool(key, v)
	case string:
		return strconv.AppendQuote(key, v)
	case []any:
		key = append(key, '[')
		for _, e := range v {
			key = append(appendKey(key, e), ',')
		}
		return append(key, ']')
	case map[string]any:
		key = append(key, '{')
		for _, name := range slices.Sorted(maps.Keys(v)) {
			key = append(strconv.AppendQuote(key, name), ':')
			key = append(appendKey(key, v[name]), ',')
		}
		return append(key, '}')
	default:
		n := newNumber(v)
		if n.isSmallInteger() {
			return strconv.AppendInt(key, int64(n.float), 10)
		}
		return append(key, strings.TrimSuffix(n.rat().String(), "/1")...)
	}
}
