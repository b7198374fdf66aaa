package config

import (
	"math"
	"strings"

	"github.com/goccy/go-yaml/ast"
)

// text is a string value, with the references in it.
type text struct {
	at    pos
	label string
	raw   string
	parts []part
	// hidden: no part of the value is ever shown.
	hidden bool
	set    bool
}

func (t *text) read(d *decoder, v value) { t.readAs(d, v, wantString) }

const (
	wantString   = "a string"
	wantDuration = "a duration such as 30s or 5m"
)

// readAs reads a string; want says what kind of string to write.
func (t *text) readAs(d *decoder, v value, want string) {
	t.at, t.label = v.at, v.label
	got, ok := d.scalar(v, t.hidden)
	if !ok {
		return
	}
	s, ok := got.(string)
	if !ok {
		fix := ""
		if got != nil && want == wantString {
			fix = ": put it in quotes"
		}
		d.add(v.at, "%s: want %s, got %s%s", v.label, want, describe(v.node, t.hidden), fix)
		return
	}
	parts, err := split(s)
	switch {
	case err != nil && t.hidden:
		d.add(v.at, "%s: a reference in it is neither ${env:NAME} nor ${file:PATH}; write $${ for ${ itself", v.label)
		return
	case err != nil:
		d.add(v.at, "%s: %v", v.label, err)
		return
	}
	t.raw, t.parts, t.set = s, parts, true
}

// hasReferences reports whether the value has to be looked up.
func (t *text) hasReferences() bool {
	for _, p := range t.parts {
		if p.isReference() {
			return true
		}
	}
	return false
}

// lookup returns the value as it is now.
func (t *text) lookup(dir string) (string, error) {
	var b strings.Builder
	for _, p := range t.parts {
		s, err := p.lookup(dir)
		if err != nil {
			return "", err
		}
		b.WriteString(s)
	}
	return b.String(), nil
}

// secret is a text whose value is not shown.
type secret struct{ text }

func (s *secret) read(d *decoder, v value) {
	s.hidden = true
	s.readAs(d, v, wantString)
}

// duration is a text that holds a time.Duration.
type duration struct{ text }

func (t *duration) read(d *decoder, v value) {
	t.readAs(d, v, wantDuration)
}

// count is a whole number above zero. It is zero where it is left out.
type count struct{ n int64 }

func (c *count) read(d *decoder, v value) {
	c.n, _ = d.whole(v, 1, "a whole number above 0")
}

// length is how many may wait, as engine.Policy has it: zero where it is left out, and negative where it is 0.
type length struct{ n int }

func (l *length) read(d *decoder, v value) {
	n, ok := d.whole(v, 0, "a whole number, 0 for none")
	if l.n = int(n); ok && n == 0 {
		l.n = -1
	}
}

// whole returns a whole number that is not below least. It reports false where it has noted what is wrong.
func (d *decoder) whole(v value, least int64, want string) (int64, bool) {
	got, ok := d.scalar(v, false)
	if n, isInt := got.(int64); isInt && n >= least && n <= math.MaxInt {
		return n, true
	}
	if ok {
		d.add(v.at, "%s: want %s, got %s", v.label, want, describe(v.node, false))
	}
	return 0, false
}

// flag is true or false.
type flag struct{ on, set bool }

func (f *flag) read(d *decoder, v value) {
	got, ok := d.scalar(v, false)
	if on, isBool := got.(bool); isBool {
		f.on, f.set = on, true
	} else if ok {
		d.add(v.at, "%s: want true or false, got %s", v.label, describe(v.node, false))
	}
}

// scalar returns the Go value of a scalar, nil of anything else. It reports false where it has noted what is wrong.
func (d *decoder) scalar(v value, hidden bool) (any, bool) {
	if !isScalar(v.node) {
		return nil, true
	}
	got, err := scalar(v.node)
	switch {
	case err == nil:
		return got, true
	case hidden:
		d.add(v.at, "%s: the value %s", v.label, err.why)
	default:
		d.add(v.at, "%s: %s", v.label, err)
	}
	return nil, false
}

func isScalar(n ast.Node) bool {
	switch n.(type) {
	case *ast.MappingNode, *ast.MappingValueNode, *ast.SequenceNode:
		return false
	}
	return true
}
