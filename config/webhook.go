package config

import (
	"maps"

	"github.com/scriptd/scriptd/sources"
)

// Webhooks returns, by the names of the sources, the secrets that requests to their webhooks are signed with. A source
// without a webhook is not among them. The secrets are read again at each use; one that is empty by then is an error of
// Reveal, so that nothing is ever signed with nothing. The caller may change the map.
func (c *Config) Webhooks() map[string]sources.Secret { return maps.Clone(c.webhooks) }

// webhook notes the secret of a source's webhook, if it has one.
func (b *builder) webhook(name string, s *webhookSection) {
	if !s.there() {
		return
	}
	if b.webhooks == nil {
		b.webhooks = map[string]sources.Secret{}
	}
	b.webhooks[name] = b.nonEmpty(&s.Secret)
}

// nonEmpty returns the value of s, which is read again each time it is needed, and is an error where it is empty.
func (b *builder) nonEmpty(s *secret) sources.Secret {
	if now, ok := b.text(&s.text); ok && now == "" {
		b.add(s.at, "%s: %s", s.label, s.isEmpty())
	}
	return sources.NewSecret(func() (string, error) {
		now, err := b.again(&s.text)
		if err == nil && now == "" {
			err = Error{File: b.file, Line: s.at.line, Column: s.at.column, Message: s.isEmpty()}
		}
		return now, err
	})
}

// isEmpty says that the value is empty. The references may be shown then, since nothing else is there.
func (s *secret) isEmpty() string {
	if s.raw == "" {
		return "the secret is empty"
	}
	return s.raw + ": the secret is empty"
}
