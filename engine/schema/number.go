package schema

import (
	"encoding/json"
	"maps"
	"regexp"
	"slices"
	"strconv"
)

// maxDigits bounds the text of a number. Exponents have three digits at most: the library computes with fractions, and
// takes its time for large ones.
const maxDigits = 400

var plausible = regexp.MustCompile(`^-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?0*[0-9]{1,3})?$`)

// badNumbers adds the numbers that are none, or out of all range, to faults. At is where the value is.
func badNumbers(v any, at []string, faults []Fault) []Fault {
	switch v := v.(type) {
	case json.Number:
		if len(v) > maxDigits || !plausible.MatchString(string(v)) {
			return append(faults, Fault{Pointer(at...), "the number is out of range"})
		}
	case []any:
		for i, e := range v {
			faults = badNumbers(e, append(slices.Clip(at), strconv.Itoa(i)), faults)
		}
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(v)) {
			faults = badNumbers(v[name], append(slices.Clip(at), name), faults)
		}
	}
	return faults
}
