package schema

import (
	"regexp"
	"unicode/utf8"
)

// textRules are the keywords for strings.
type textRules struct {
	minLength, maxLength int // in characters
	pattern              *regexp.Regexp
}

func (r *textRules) holds(w *walk, s string) bool {
	ok := true
	if r.minLength > 0 || r.maxLength < len(s) { // no string has more characters than bytes
		n := utf8.RuneCountInString(s)
		if n < r.minLength {
			ok = w.wantsCount("at least", r.minLength, "characters", n)
		}
		if n > r.maxLength {
			ok = w.wantsCount("at most", r.maxLength, "characters", n)
		}
	}
	if w.goesOn(ok) && r.pattern != nil && !r.pattern.MatchString(s) {
		return w.listing && w.fault("want a match of the pattern "+r.pattern.String())
	}
	return ok
}
