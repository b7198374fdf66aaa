package schema

import (
	"regexp"
	"strings"
)

// formatRule is the keyword format. It is for strings.
type formatRule struct {
	name  string
	check func(string) bool
}

// newFormat returns the rule of a format; nil for one that nobody knows, which says nothing.
func newFormat(name string) *formatRule {
	if check := formatOf(name); check != nil {
		return &formatRule{name, check}
	}
	return nil
}

func (r *formatRule) holds(w *walk, v any) bool {
	s, ok := v.(string)
	if !ok || r.check(s) {
		return true
	}
	return w.listing && w.fault("want the format "+r.name)
}

// formatOf returns what tells whether a string is of a format. These are the formats of the draft but for those of
// international host names and mailboxes, and besides them period and semver.
func formatOf(name string) func(string) bool {
	switch name {
	case "date":
		return isDate
	case "time":
		return isTime
	case "date-time":
		return isDateTime
	case "duration":
		return isDuration
	case "period":
		return isPeriod
	case "hostname":
		return isHostname
	case "ipv4":
		return isIPv4
	case "ipv6":
		return isIPv6
	case "email":
		return isEmail
	case "uri", "iri":
		return isURI
	case "uri-reference", "iri-reference":
		return isURIReference
	case "uri-template":
		return isURITemplate
	case "json-pointer":
		return isJSONPointer
	case "relative-json-pointer":
		return isRelativeJSONPointer
	case "uuid":
		return isUUID
	case "semver":
		return isSemver
	case "regex":
		return isRegex
	}
	return nil
}

// isJSONPointer: RFC 6901, section 3.
func isJSONPointer(s string) bool {
	return (s == "" || s[0] == '/') && isEscaped(s)
}

// isRelativeJSONPointer: draft-handrews-relative-json-pointer-01, section 3.
func isRelativeJSONPointer(s string) bool {
	rest := strings.TrimLeft(s, "0123456789")
	return isWhole(s[:len(s)-len(rest)]) && (rest == "#" || isJSONPointer(rest))
}

// isUUID: RFC 9562, section 4.
func isUUID(s string) bool {
	if len(s) != 36 {
		return false
	}
	for i := range len(s) {
		switch i {
		case 8, 13, 18, 23:
			if s[i] != '-' {
				return false
			}
		default:
			if !isHexDigit(s[i]) {
				return false
			}
		}
	}
	return true
}

// isSemver: Semantic Versioning 2.0.0, "Backus–Naur Form Grammar for Valid SemVer Versions".
func isSemver(s string) bool {
	version, build, hasBuild := strings.Cut(s, "+")
	core, pre, hasPre := strings.Cut(version, "-")
	numbers := strings.Split(core, ".")
	if len(numbers) != 3 || !all(numbers, isWhole) {
		return false
	}
	return (!hasPre || all(strings.Split(pre, "."), isPrerelease)) &&
		(!hasBuild || all(strings.Split(build, "."), isSemverPart))
}

func isPrerelease(s string) bool { return isSemverPart(s) && (!isDigits(s) || isWhole(s)) }

func isSemverPart(s string) bool {
	for i := range len(s) {
		if !isLetterOrDigit(s[i]) && s[i] != '-' {
			return false
		}
	}
	return s != ""
}

// isRegex: those that pattern takes, which are RE2's.
func isRegex(s string) bool {
	_, err := regexp.Compile(s)
	return err == nil
}

func isHexDigit(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F'
}

func isLetterOrDigit(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}

// all reports whether each part holds.
func all(parts []string, holds func(string) bool) bool {
	for _, p := range parts {
		if !holds(p) {
			return false
		}
	}
	return true
}
