package schema

import (
	"net/netip"
	"net/url"
	"strings"
)

// isHostname: RFC 1123, section 2.1, with the lengths of RFC 1035, section 2.3.4, and the dot of the root or without it.
func isHostname(s string) bool {
	s = strings.TrimSuffix(s, ".")
	return len(s) <= 253 && all(strings.Split(s, "."), isLabel)
}

func isLabel(s string) bool {
	for i := range len(s) {
		if !isLetterOrDigit(s[i]) && s[i] != '-' {
			return false
		}
	}
	return s != "" && len(s) <= 63 && s[0] != '-' && s[len(s)-1] != '-'
}

// isIPv4: dotted-quad of RFC 2673, section 3.2.
func isIPv4(s string) bool {
	addr, err := netip.ParseAddr(s)
	return err == nil && addr.Is4()
}

// isIPv6: RFC 4291, section 2.2; a zone is no part of the address.
func isIPv6(s string) bool {
	addr, err := netip.ParseAddr(s)
	return err == nil && addr.Is6() && addr.Zone() == ""
}

// isEmail: Mailbox of RFC 5321, section 4.1.2, with its lengths of section 4.5.3.1. Quoted ones have no escapes.
func isEmail(s string) bool {
	at := strings.LastIndexByte(s, '@')
	if at < 0 || at > 64 || len(s) > 254 {
		return false
	}
	local, domain := s[:at], s[at+1:]
	if quoted, ok := enclosed(local, `"`, `"`); ok {
		if strings.ContainsAny(quoted, `"\`) {
			return false
		}
	} else if !isDotAtom(local) {
		return false
	}
	literal, ok := enclosed(domain, "[", "]")
	if !ok {
		return isHostname(domain)
	}
	if address, ok := strings.CutPrefix(literal, "IPv6:"); ok {
		return isIPv6(address)
	}
	return isIPv4(literal)
}

// enclosed returns what is between two marks.
func enclosed(s, first, last string) (string, bool) {
	if len(s) < 2 || !strings.HasPrefix(s, first) || !strings.HasSuffix(s, last) {
		return "", false
	}
	return s[1 : len(s)-1], true
}

// isDotAtom: Dot-string of RFC 5321; an empty one is let pass.
func isDotAtom(s string) bool {
	for i := range len(s) {
		if !isLetterOrDigit(s[i]) && strings.IndexByte(".!#$%&'*+-/=?^_`{|}~", s[i]) < 0 {
			return false
		}
	}
	return !strings.HasPrefix(s, ".") && !strings.HasSuffix(s, ".") && !strings.Contains(s, "..")
}

// isURI: RFC 3986, and RFC 3987 by the same rules: an absolute one.
func isURI(s string) bool {
	u, ok := parseURI(s)
	return ok && u.IsAbs()
}

// isURIReference is isURI for relative ones, too.
func isURIReference(s string) bool {
	_, ok := parseURI(s)
	return ok && !strings.Contains(s, `\`)
}

// parseURI parses a URI as Go does, and is strict about addresses in the place of hosts.
func parseURI(s string) (*url.URL, bool) {
	u, err := url.Parse(s)
	if err != nil {
		return nil, false
	}
	host := u.Hostname()
	if strings.Contains(host, ":") && (!strings.HasPrefix(u.Host, "[") || !isIPv6(host)) {
		return nil, false
	}
	return u, true
}

// isURITemplate: a URI with expressions of RFC 6570 in its path, as far as their braces go.
func isURITemplate(s string) bool {
	u, ok := parseURI(s)
	if !ok {
		return false
	}
	path := u.RawPath
	for part := range strings.SplitSeq(path, "/") {
		for part != "" {
			literal, rest, opens := strings.Cut(part, "{")
			if strings.Contains(literal, "}") {
				return false
			}
			if !opens {
				break
			}
			var expression string
			expression, part, ok = strings.Cut(rest, "}")
			if !ok || strings.Contains(expression, "{") {
				return false
			}
		}
	}
	return true
}
