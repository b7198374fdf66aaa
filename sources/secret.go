package sources

import "log/slog"

const redacted = "[redacted]"

// Secret is a value that may be read but is never printed: every formatting verb, encoder and logger shows
// "[redacted]". It is read anew each time it is needed, so that a rotated secret takes effect at the next poll. The
// zero Secret is unset.
type Secret struct {
	read func() (string, error)
}

// NewSecret returns a Secret that is read with read, which must be safe for concurrent use.
func NewSecret(read func() (string, error)) Secret { return Secret{read: read} }

// Literal returns a Secret that is always value. An empty value is an unset Secret.
func Literal(value string) Secret {
	if value == "" {
		return Secret{}
	}
	return Secret{read: func() (string, error) { return value, nil }}
}

// IsSet reports whether there is something to read.
func (s Secret) IsSet() bool { return s.read != nil }

// Reveal reads the secret. An unset Secret is empty. The error is of kind Misconfigured.
func (s Secret) Reveal() (string, error) {
	if s.read == nil {
		return "", nil
	}
	v, err := s.read()
	return v, Fail(Misconfigured, err, "read secret")
}

func (s Secret) String() string               { return redacted }
func (s Secret) GoString() string             { return redacted }
func (s Secret) MarshalText() ([]byte, error) { return []byte(redacted), nil }
func (s Secret) LogValue() slog.Value         { return slog.StringValue(redacted) }
