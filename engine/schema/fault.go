package schema

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

// Fault is a place in a value that does not hold.
type Fault struct {
	// Pointer is its JSON pointer (RFC 6901); empty for the value as a whole.
	Pointer string `json:"pointer"`
	// Message says what was expected. It does not repeat the value, which may be a secret.
	Message string `json:"message"`
}

func (f Fault) String() string {
	if f.Pointer == "" {
		return f.Message
	}
	return f.Pointer + ": " + f.Message
}

// err is what is wrong with a schema.
func (f Fault) err() error { return errors.New(f.String()) }

// Pointer makes a JSON pointer.
func Pointer(tokens ...string) string {
	var b strings.Builder
	for _, t := range tokens {
		b.WriteByte('/')
		b.WriteString(escaped(t))
	}
	return b.String()
}

// escaped is a token as a JSON pointer has it.
func escaped(token string) string {
	if !strings.ContainsAny(token, "~/") {
		return token
	}
	return strings.ReplaceAll(strings.ReplaceAll(token, "~", "~0"), "/", "~1")
}

// unescaped is the token that a JSON pointer has; false for what no token is written as.
func unescaped(text string) (string, bool) {
	token := strings.ReplaceAll(strings.ReplaceAll(text, "~1", "/"), "~0", "~")
	return token, isEscaped(text)
}

// isEscaped reports whether each ~ of a text is that of ~0 or ~1.
func isEscaped(text string) bool {
	return strings.Count(text, "~") == strings.Count(text, "~0")+strings.Count(text, "~1")
}

// list is values of a schema as messages have them.
func list(values []any) string {
	texts := make([]string, len(values))
	for i, v := range values {
		text, err := json.Marshal(v)
		if err != nil {
			text = []byte(fmt.Sprint(v))
		}
		texts[i] = string(text)
	}
	return strings.Join(texts, ", ")
}
