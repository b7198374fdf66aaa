package plugin

import (
	"fmt"
	"time"
)

// Category says what calling a plugin does to the world.
type Category string

const (
	// Diagnostic plugins only read. It is the default.
	Diagnostic Category = "diagnostic"
	// Remediation plugins change something: the shell asks before it runs one.
	Remediation Category = "remediation"
)

// Spec describes a plugin to those who call it.
type Spec struct {
	// Name is how the plugin is called, unique in an engine: [a-z0-9][a-z0-9_-]{0,63}.
	Name string
	// Description is a sentence for lists and for people and programs that choose among plugins.
	Description string
	// Category is Diagnostic where it is left empty.
	Category Category
	// Parameters is a JSON Schema for the parameters, as JSON text (string, []byte, json.RawMessage) or as a value that
	// encodes to it. Nil derives the schema from the handler's parameter struct.
	Parameters any
	// Timeout bounds one call. Zero leaves it to the configuration.
	Timeout time.Duration
	// Concurrency bounds the calls that run at a time. Zero is no bound.
	Concurrency int
}

// Validate returns an error that names the first field that does not hold, or nil.
func (s Spec) Validate() error {
	switch {
	case s.Name == "":
		return fmt.Errorf("plugin without a name: set Spec.Name")
	case !isName(s.Name):
		return fmt.Errorf("plugin name %q: want lower-case letters, digits, _ and -, at most 64, the first a letter or digit", s.Name)
	case s.Category != "" && s.Category != Diagnostic && s.Category != Remediation:
		return fmt.Errorf("plugin %s: category %q: want plugin.Diagnostic or plugin.Remediation", s.Name, s.Category)
	case s.Timeout < 0:
		return fmt.Errorf("plugin %s: negative timeout %s", s.Name, s.Timeout)
	case s.Concurrency < 0:
		return fmt.Errorf("plugin %s: negative concurrency %d", s.Name, s.Concurrency)
	}
	return nil
}

func isName(s string) bool {
	for i, c := range []byte(s) {
		switch {
		case 'a' <= c && c <= 'z', '0' <= c && c <= '9':
		case i > 0 && (c == '_' || c == '-'):
		default:
			return false
		}
	}
	return 0 < len(s) && len(s) <= 64
}
