package config

import (
	"github.com/scriptd/scriptd/sources"
	"github.com/scriptd/scriptd/sources/trust"
)

// kinds are the kinds of sources there are: each has its key in a source, and what stands under it.
var kinds = []kind{
	{"filesystem", func() origin { return new(filesystemSection) }},
	{"git", func() origin { return new(gitSection) }},
	{"s3", func() origin { return new(s3Section) }},
}

type kind struct {
	name string
	new  func() origin
}

// origin is the section of a kind.
type origin interface {
	self() *section
	// prepare looks up the values. It returns what opens the source, which fails for values that do not hold; what
	// tells the origin from others, without credentials; and the place to blame for a failure.
	prepare(b *builder, common common) (open func() (sources.Source, error), id string, at pos)
}

// common is what the kinds are told of the source that they are in.
type common struct {
	insecure bool
	limits   sources.Limits
	verify   trust.Keys
	tag      bool
}

// kindSections are the sections of a source that are kinds, in the order of the file. One is right.
type kindSections struct {
	found []foundKind
}

type foundKind struct {
	name    string
	section origin
}

var _ inline = (*kindSections)(nil)

func (ks *kindSections) noun() string { return "kinds of a source" }

func (ks *kindSections) names() []string {
	names := make([]string, len(kinds))
	for i, k := range kinds {
		names[i] = k.name
	}
	return names
}

func (ks *kindSections) field(name string) any {
	for _, k := range kinds {
		if k.name == name {
			section := k.new()
			ks.found = append(ks.found, foundKind{name, section})
			return section
		}
	}
	panic("config: no kind " + name)
}
