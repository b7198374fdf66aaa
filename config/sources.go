package config

import (
	"fmt"
	"path"
	"strconv"
	"strings"

	"github.com/scriptd/scriptd/engine"
	"github.com/scriptd/scriptd/sources"
	"github.com/scriptd/scriptd/sources/trust"
)

var isDigest = lazily(`^sha256:[0-9a-f]{64}$`)

var sourceName = lazily(`^[a-z0-9][a-z0-9_-]{0,63}$`)

func (b *builder) sources(sections []sourceSection) []engine.Source {
	out := make([]engine.Source, 0, len(sections))
	taken := map[string]pos{}
	for i := range sections {
		s := &sections[i]
		source := b.source(s)
		if first, ok := taken[source.Name]; ok && source.Name != "" {
			b.add(s.Name.at, "name: %q is the name of the source in line %d too", s.Name.raw, first.line)
		}
		taken[source.Name] = s.Name.at
		b.webhook(source.Name, &s.Webhook)
		out = append(out, source)
	}
	return out
}

func (b *builder) source(s *sourceSection) engine.Source {
	source := engine.Source{
		Name:    b.name(&s.Name),
		Dir:     b.treePath(&s.Dir),
		Include: b.patterns(s.Include),
		Exclude: b.patterns(s.Exclude),

		MaxDelete: b.percentage(&s.MaxDelete),

		Interval: b.duration(&s.Interval),
		Timeout:  b.duration(&s.Timeout),
		Limits: sources.Limits{
			Bytes:     s.Limits.Bytes.n,
			Files:     int(s.Limits.Files.n),
			FileBytes: s.Limits.FileBytes.n,
			PathBytes: int(s.Limits.PathBytes.n),
			Depth:     int(s.Limits.Depth.n),
		},
		ProcessLimits: s.Limits.usage(),
		Permissions:   b.permissions(&s.Permissions),
		Packages:      b.packages(s.Packages),
		Activate:      b.activation(&s.Activate),
		Policy:        b.policy(&s.Calls.callKeys),
	}
	if digest, ok := b.text(&s.Digest); ok {
		if !isDigest().MatchString(digest) {
			b.add(s.Digest.at, "digest: want sha256: and 64 hexadecimal digits, as scriptd sources -o json prints it, got %q", s.Digest.raw)
		}
		source.Digest = digest
	}
	b.origin(s, &source)
	return source
}

func (b *builder) name(t *text) string {
	s, ok := b.text(t)
	if ok && !sourceName().MatchString(s) {
		b.add(t.at, "%s: want lower-case letters, digits, _ and -, at most 64, the first a letter or digit, got %q",
			t.label, t.raw)
	}
	return s
}

// treePath returns the slash-separated path of a folder in a tree, cleaned, "" where it is left out.
func (b *builder) treePath(t *text) string {
	s, ok := b.text(t)
	if !ok {
		return ""
	}
	clean, inside := cleanPath(s)
	if !inside {
		b.add(t.at, "%s: want a folder of the source, with slashes, got %q", t.label, t.raw)
	}
	return clean
}

// origin fills in what depends on the kind of a source.
func (b *builder) origin(s *sourceSection, source *engine.Source) {
	switch found := s.Kinds.found; {
	case len(found) == 1:
		b.open(found[0], b.common(s, source), source)
	case len(found) > 1:
		b.add(s.place(found[1].name), "a source is of one kind: this one has %s and %s", found[0].name, found[1].name)
	case !s.unknown:
		b.add(s.at, "the source has no kind: add %s", oneOf(s.Kinds.names()))
	}
}

// common is what the kinds are told of their source.
func (b *builder) common(s *sourceSection, source *engine.Source) common {
	c := common{
		insecure: s.Insecure.on, limits: source.Limits, tag: s.Verify.Tag.on,
		verify: trust.Keys{SSH: b.secret(&s.Verify.SSH), GPG: b.secret(&s.Verify.GPG), Minisign: b.secret(&s.Verify.Minisign)},
	}
	source.Verified = c.verify.IsSet()
	if s.Verify.at != (pos{}) && !source.Verified {
		b.add(s.Verify.at, "verify: want ssh, gpg or minisign, with the keys that may sign")
	}
	if c.tag && len(s.Kinds.found) > 0 && s.Kinds.found[0].name != "git" {
		b.add(s.Verify.at, "tag: only git has tags")
	}
	return c
}

func (b *builder) open(k foundKind, common common, source *engine.Source) {
	before := len(b.list)
	open, id, at := k.section.prepare(b, common)
	if !k.section.self().sound || len(b.list) > before {
		return // what is missing would be blamed twice
	}
	from, err := open()
	if err != nil {
		b.refuse(at, k.name, err)
		return
	}
	source.Type, source.From = k.name, from
	// The folder is part of it, since the tree has only what lies in there.
	source.Origin = fmt.Sprintf("%s %s dir %q", k.name, id, path.Clean(source.Dir))
	if source.Verified {
		source.Origin += " verified"
	}
	for _, pattern := range source.Include {
		source.Origin += fmt.Sprintf(" include %q", pattern)
	}
	for _, pattern := range source.Exclude {
		source.Origin += fmt.Sprintf(" exclude %q", pattern)
	}
}

// patterns returns patterns of files, each of which holds.
func (b *builder) patterns(texts []text) []string {
	var out []string
	for i := range texts {
		s, set := b.text(&texts[i])
		if set {
			if err := (sources.Selection{Include: []string{s}}).Check(); err != nil {
				b.refuse(texts[i].at, texts[i].label, err)
			}
		}
		out = append(out, s)
	}
	return out
}

// percentage returns a share, 1 for 100%; 0 where it is left out.
func (b *builder) percentage(t *text) float64 {
	s, ok := b.text(t)
	if !ok {
		return 0
	}
	digits, percent := strings.CutSuffix(s, "%")
	n, err := strconv.ParseFloat(digits, 64)
	if !percent || err != nil || !(n > 0 && n <= 100) {
		b.add(t.at, "%s: want a percentage of more than 0 up to 100%%, such as 50%%, got %q", t.label, t.raw)
	}
	return n / 100
}

func (b *builder) packages(sections []packageSection) []engine.Package {
	var out []engine.Package
	taken := map[string]pos{}
	for i := range sections {
		s := &sections[i]
		p := engine.Package{
			Path:          b.treePath(&s.Path),
			Config:        b.values(&s.Config),
			Permissions:   b.permissions(&s.Permissions),
			ProcessLimits: s.Limits.usage(),
			SelfTest:      b.selfTest(&s.SelfTest),
			Policy:        b.policy(&s.callKeys),
		}
		if first, ok := taken[p.Path]; ok && p.Path != "" {
			b.add(s.Path.at, "path: the package %q is in line %d too", s.Path.raw, first.line)
		}
		taken[p.Path] = s.Path.at
		out = append(out, p)
	}
	return out
}

// values returns what a package is configured with, looked up anew at each call. It is nil where that is nothing.
func (b *builder) values(vs *values) func() (map[string]any, error) {
	if vs.root == nil {
		return nil
	}
	walk(vs.root, func(t *text) { b.text(t) }) // what is missing now is an error now
	return func() (map[string]any, error) { return resolveMap(vs.root, b.again) }
}
