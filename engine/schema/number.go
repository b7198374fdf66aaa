package schema

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"math/big"
	"slices"
	"strconv"
	"strings"
)

// number is a number of a value or of a schema. What compares exactly as a float64 is compared so; the rest is computed
// with as a fraction. A float is what its shortest decimal form says: 0.1 is a tenth.
type number struct {
	value any
	float float64
	exact bool // float compares with others as the number does
}

func newNumber(v any) number {
	f, ok := exact(v)
	return number{v, f, ok}
}

func (n *number) compare(other *number) int {
	if n.exact && other.exact {
		return cmp.Compare(n.float, other.float)
	}
	return n.rat().Cmp(other.rat())
}

func (n *number) isInteger() bool {
	if n.exact {
		return n.float == math.Trunc(n.float)
	}
	return n.rat().IsInt()
}

// isMultipleOf reports whether dividing by unit, which is above 0, leaves nothing.
func (n *number) isMultipleOf(unit *number) bool {
	if n.isSmallInteger() && unit.isSmallInteger() {
		return math.Mod(n.float, unit.float) == 0
	}
	return new(big.Rat).Quo(n.rat(), unit.rat()).IsInt()
}

// maxExact is the integer up to which a float64 tells all integers apart.
const maxExact = 1 << 53

func (n *number) isSmallInteger() bool {
	return n.exact && math.Abs(n.float) <= maxExact && n.isInteger()
}

func (n *number) rat() *big.Rat {
	r, ok := new(big.Rat).SetString(fmt.Sprint(n.value))
	if !ok { // isJSON and badNumbers let none pass that is not a number
		return new(big.Rat)
	}
	return r
}

// String is the number as messages have it.
func (n *number) String() string {
	r := n.rat()
	if r.IsInt() {
		return r.Num().String()
	}
	f, _ := r.Float64()
	return fmt.Sprint(f)
}

// exact returns a number as the float64 that compares with others as the number does; false for what is no number, and
// for numbers where that is not sure.
func exact(v any) (float64, bool) {
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
	case int16:
		n = int64(v)
	case int8:
		n = int64(v)
	case uint64:
		if v > maxExact {
			return 0, false
		}
		n = int64(v)
	case uint:
		return exact(uint64(v))
	case uint32:
		n = int64(v)
	case uint16:
		n = int64(v)
	case uint8:
		n = int64(v)
	default:
		return 0, false
	}
	return float64(n), -maxExact <= n && n <= maxExact
}

// exactText is exact for the text of a number: one without an exponent and of up to 15 digits, which a float64 tells
// apart from all others.
func exactText(text string) (float64, bool) {
	digits := strings.TrimPrefix(text, "-")
	whole, fraction, hasFraction := strings.Cut(digits, ".")
	if !isWhole(whole) || hasFraction && !isDigits(fraction) || len(whole)+len(fraction) > 15 {
		return 0, false
	}
	f, err := strconv.ParseFloat(text, 64)
	return f, err == nil
}

// isWhole reports whether a text is a whole number as JSON has it.
func isWhole(s string) bool { return isDigits(s) && (len(s) == 1 || s[0] != '0') }

func isDigits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}

// maxDigits bounds the text of a number. Exponents have three digits at most: fractions of large ones take long to
// compute with.
const maxDigits = 400

// plausible reports whether n is a number of JSON (RFC 8259) that is not out of all range.
func plausible(n json.Number) bool {
	if len(n) > maxDigits {
		return false
	}
	mantissa, exponent := strings.TrimPrefix(string(n), "-"), "0"
	if i := strings.IndexAny(mantissa, "eE"); i >= 0 {
		mantissa, exponent = mantissa[:i], mantissa[i+1:]
		if exponent != "" && (exponent[0] == '+' || exponent[0] == '-') {
			exponent = exponent[1:]
		}
	}
	whole, fraction, hasFraction := strings.Cut(mantissa, ".")
	return isWhole(whole) && (!hasFraction || isDigits(fraction)) &&
		isDigits(exponent) && len(strings.TrimLeft(exponent, "0")) <= 3
}

// anyNumber is in the place of plausible where badNumbers tells what is wrong.
func anyNumber(json.Number) bool { return true }

// badNumbers lists the numbers of a value that are none, or out of all range.
func badNumbers(v any) []Fault {
	var s numberSearch
	s.value(v)
	return s.faults
}

type numberSearch struct {
	at     []string
	faults []Fault
}

func (s *numberSearch) value(v any) {
	switch v := v.(type) {
	case json.Number:
		if !plausible(v) {
			s.faults = append(s.faults, Fault{Pointer(s.at...), "the number is out of range"})
		}
	case []any:
		for i, e := range v {
			s.part(strconv.Itoa(i), e)
		}
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(v)) {
			s.part(name, v[name])
		}
	}
}

func (s *numberSearch) part(token string, v any) {
	s.at = append(s.at, token)
	s.value(v)
	s.at = s.at[:len(s.at)-1]
}

// numberRules are the keywords for numbers; nil where there is none.
type numberRules struct {
	minimum, maximum, above, below, unit *number
}

func (r *numberRules) holds(w *walk, v any) bool {
	n, ok := newNumber(v), true
	if r.minimum != nil && n.compare(r.minimum) < 0 {
		ok = w.wants("at least", r.minimum)
	}
	if r.maximum != nil && n.compare(r.maximum) > 0 {
		ok = w.wants("at most", r.maximum)
	}
	if r.above != nil && n.compare(r.above) <= 0 {
		ok = w.wants("more than", r.above)
	}
	if r.below != nil && n.compare(r.below) >= 0 {
		ok = w.wants("less than", r.below)
	}
	if r.unit != nil && !n.isMultipleOf(r.unit) {
		ok = w.wants("a multiple of", r.unit)
	}
	return ok
}
