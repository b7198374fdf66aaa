package usersync

import (
	"slices"
	"strings"
)

// Config is the configuration of a data source. It prints without what is secret.
type Config map[string]any

// Text returns a field of the kind Text, "" for one that was left out.
func (c Config) Text(name string) string { return field[string](c, name) }

// Secret returns a field of the kind Sensitive.
func (c Config) Secret(name string) Secret { return field[Secret](c, name) }

// Number returns a field of the kind Number.
func (c Config) Number(name string) int { return field[int](c, name) }

// Flag returns a field of the kind Flag.
func (c Config) Flag(name string) bool { return field[bool](c, name) }

// List returns a field of the kind List.
func (c Config) List(name string) []string { return field[[]string](c, name) }

func field[T any](c Config, name string) T {
	v, _ := c[name].(T)
	return v
}

// Redact takes the secrets of the configuration out of a text, such as an error that quotes what it got.
func (c Config) Redact(text string) string {
	var secrets []string
	for _, v := range c {
		if s, ok := v.(Secret); ok && s != "" {
			secrets = append(secrets, string(s))
		}
	}
	slices.SortFunc(secrets, func(a, b string) int { return len(b) - len(a) }) // one may be in another
	for _, s := range secrets {
		text = strings.ReplaceAll(text, s, redacted)
	}
	return text
}

// Secret is a password or a token. Whatever prints or encodes it gets something else; string(s) is what it holds.
type Secret string

const redacted = "[secret]"

// String says that there is something, and not what.
func (s Secret) String() string {
	if s == "" {
		return ""
	}
	return redacted
}

// GoString is String for the verb %#v.
func (s Secret) GoString() string { return s.String() }

// MarshalText is String for JSON, YAML and logs.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }
