package config

import (
	"reflect"
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"
)

// decoder fills the structs of schema.go from a YAML document. It notes what is wrong and goes on.
type decoder struct {
	*problems
	anchors   map[string]ast.Node
	nodes     int
	exhausted bool
}

// leaf is a value that knows how it is written.
type leaf interface {
	read(d *decoder, v value)
}

// section is part of every struct that stands for a mapping.
type section struct {
	at pos
	// keys are the places of the keys that are there.
	keys map[string]pos
	// unknown: something is there that is none of the keys. Sound: nothing in the section was wrong.
	unknown, sound bool
}

func (s *section) self() *section { return s }

// there reports whether the section is in the file.
func (s *section) there() bool { return s.keys != nil }

// place returns where key is, or the section where it is left out.
func (s *section) place(key string) pos {
	if at, ok := s.keys[key]; ok {
		return at
	}
	return s.at
}

// inline is a part of a section whose keys are no struct fields. Their values are mappings.
type inline interface {
	names() []string
	// field returns a pointer to what the value of the key is to be decoded into.
	field(name string) any
	// noun says what the keys are.
	noun() string
}

func (d *decoder) decode(v value, into any) {
	if !d.enter(&v) {
		return
	}
	switch into := into.(type) {
	case leaf:
		into.read(d, v)
		return
	case interface{ self() *section }:
		d.section(v, into, into.self())
		return
	}
	ptr := reflect.ValueOf(into).Elem()
	if ptr.Kind() != reflect.Slice {
		panic("config: no way to decode " + ptr.Type().String())
	}
	if _, null := v.node.(*ast.NullNode); null {
		return
	}
	items, ok := v.list()
	if !ok {
		d.add(v.at, "%s: want a list, got %s", v.label, describe(v.node, false))
		return
	}
	for _, item := range items {
		element := reflect.New(ptr.Type().Elem())
		d.decode(item, element.Interface())
		ptr.Set(reflect.Append(ptr, element.Elem()))
	}
}

// section decodes a mapping into a struct.
func (d *decoder) section(v value, into any, s *section) {
	before := len(d.list)
	s.at, s.keys = v.at, map[string]pos{}
	defer func() { s.sound = len(d.list) == before }()
	pairs, ok := d.pairs(v)
	if _, null := v.node.(*ast.NullNode); !ok && !null {
		d.add(v.at, "%s: want a mapping, got %s", v.label, describe(v.node, true))
		s.unknown = true
		return
	}
	fields, in := fieldsOf(reflect.ValueOf(into).Elem())
	var meant []string
	for _, p := range pairs {
		i := slices.IndexFunc(fields, func(f field) bool { return f.name == p.key })
		if i < 0 {
			meant = append(meant, d.unknown(p, fields, in))
			s.unknown = true
			continue
		}
		s.keys[p.key] = p.at
		d.decode(p.value, fields[i].target())
	}
	for _, f := range fields {
		if _, there := s.keys[f.name]; f.required && !there && !slices.Contains(meant, f.name) {
			d.add(v.at, "%s: %s is missing", v.label, f.name)
		}
	}
}

// unknown notes a key that is not among fields, and returns the one that may have been meant.
func (d *decoder) unknown(p pair, fields []field, in inline) string {
	names := make([]string, len(fields))
	for i, f := range fields {
		names[i] = f.name
	}
	meant := nearest(p.key, names)
	_, mapping := p.value.node.(*ast.MappingNode)
	switch {
	case meant != "":
		d.add(p.at, "unknown key %q: did you mean %q?", p.key, meant)
	case mapping && in != nil:
		d.add(p.at, "unknown key %q: the %s are %s", p.key, in.noun(), allOf(in.names()))
	default:
		d.add(p.at, "unknown key %q: the keys here are %s", p.key, allOf(names))
	}
	return meant
}

// field is a key that a section may have.
type field struct {
	name     string
	required bool
	target   func() any
}

// fieldsOf returns the keys of a section, in the order of its struct: those of the yaml tags, of embedded structs too,
// and those of its inline part, which it returns. Nothing else says which keys there are.
func fieldsOf(v reflect.Value) (fields []field, in inline) {
	for i := range v.NumField() {
		name, option, _ := strings.Cut(v.Type().Field(i).Tag.Get("yaml"), ",")
		target := v.Field(i).Addr()
		switch {
		case v.Type().Field(i).Anonymous:
			embedded, _ := fieldsOf(v.Field(i))
			fields = append(fields, embedded...)
		case option == "inline":
			in = target.Interface().(inline)
			for _, name := range in.names() {
				fields = append(fields, field{name: name, target: func() any { return in.field(name) }})
			}
		case name != "":
			fields = append(fields, field{name, option == "required", target.Interface})
		}
	}
	return fields, in
}
