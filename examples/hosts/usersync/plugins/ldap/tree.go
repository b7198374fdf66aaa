package ldap

import (
	"fmt"
	"strings"

	"github.com/scriptd/scriptd/examples/hosts/usersync/usersync"
)

// tree are entries, with their codes by DN.
type tree struct {
	entries []usersync.LDAPEntry
	codes   map[string]string
}

func newTree(entries []usersync.LDAPEntry, code string) (*tree, error) {
	t := &tree{entries: entries, codes: make(map[string]string)}
	for _, e := range entries {
		c := first(e, code)
		if c == "" {
			return nil, fmt.Errorf("%w: %s has no attribute %s, which is to be its code", usersync.ErrWrongFormat, e.DN, code)
		}
		t.codes[normal(e.DN)] = c
	}
	return t, nil
}

// above returns the code of the nearest entry that a DN is below, "" for none.
func (t *tree) above(dn string) string {
	parts := split(dn)
	for i := 1; i < len(parts); i++ {
		if code, ok := t.codes[strings.Join(parts[i:], ",")]; ok {
			return code
		}
	}
	return ""
}

// normal writes a DN in the one way that tells whether two are the same, as far as directories write them themselves.
func normal(dn string) string { return strings.Join(split(dn), ",") }

// split returns the parts of a DN, in lower case, without the spaces around commas. A backslash takes the next character as it is.
func split(dn string) []string {
	var parts []string
	var part strings.Builder
	escaped := false
	for _, r := range dn {
		switch {
		case escaped:
			escaped = false
		case r == '\\':
			escaped = true
		case r == ',':
			parts = append(parts, strings.ToLower(strings.TrimSpace(part.String())))
			part.Reset()
			continue
		}
		part.WriteRune(r)
	}
	return append(parts, strings.ToLower(strings.TrimSpace(part.String())))
}
