package config

import (
	"net"
	"strconv"
	"strings"
	"time"

	"github.com/scriptd/scriptd/sources"
)

// builder makes options of what was decoded. It notes what is wrong and goes on; what it returns then is of no use.
type builder struct {
	*problems
	// dir is the folder of the file, absolute.
	dir string
	// webhooks are the secrets of the sources that have one, by name.
	webhooks map[string]sources.Secret
	// looked holds the values that references stood for, to keep them out of messages.
	looked []lookedUp
}

type lookedUp struct {
	value, raw string
}

// text returns the value of t, "" where it is left out. It reports false where there is nothing to go on with.
func (b *builder) text(t *text) (string, bool) {
	s, err := t.lookup(b.dir)
	if err != nil {
		b.add(t.at, "%s: %v", t.label, err)
		return "", false
	}
	if t.hasReferences() && s != "" {
		b.looked = append(b.looked, lookedUp{s, t.raw})
	}
	return s, t.set
}

// refuse notes an error of another package, which may repeat what it was given.
func (b *builder) refuse(at pos, label string, err error) {
	message := err.Error()
	for _, l := range b.looked {
		message = strings.ReplaceAll(message, l.value, l.raw)
		message = strings.ReplaceAll(message, sources.RedactURL(l.value), l.raw)
	}
	b.add(at, "%s: %s", label, message)
}

// secret returns the value of s, which is read again each time it is needed.
func (b *builder) secret(s *secret) sources.Secret {
	if !s.hasReferences() {
		return sources.Literal(b.value(&s.text))
	}
	b.value(&s.text) // what is missing now is an error now
	return sources.NewSecret(func() (string, error) { return b.again(&s.text) })
}

// again looks a text up after Load is done.
func (b *builder) again(t *text) (string, error) {
	s, err := t.lookup(b.dir)
	if err != nil {
		return "", Error{File: b.file, Line: t.at.line, Column: t.at.column, Message: err.Error(), err: err}
	}
	return s, nil
}

// value returns the value of t, "" where it is left out.
func (b *builder) value(t *text) string {
	s, _ := b.text(t)
	return s
}

// path returns the value of t as an absolute path, "" where it is left out.
func (b *builder) path(t *text) string {
	s, ok := b.text(t)
	if !ok {
		return ""
	}
	if s == "" {
		b.add(t.at, "%s: the path is empty", t.label)
		return ""
	}
	return absolute(b.dir, s)
}

func (b *builder) duration(t *duration) time.Duration {
	s, ok := b.text(&t.text)
	if !ok {
		return 0
	}
	d, err := time.ParseDuration(s)
	if err != nil || d <= 0 {
		b.add(t.at, "%s: want %s, got %q", t.label, wantDuration, t.raw)
	}
	return d
}

func (b *builder) listen(t *text) string {
	s, ok := b.text(t)
	if !ok {
		return DefaultListen
	}
	_, port, err := net.SplitHostPort(s)
	if _, portErr := strconv.ParseUint(port, 10, 16); err != nil || portErr != nil {
		b.add(t.at, "%s: want host:port such as %s, got %q", t.label, DefaultListen, t.raw)
	}
	return s
}
