package schema

import (
	"fmt"
	"net/url"
	"strconv"
	"strings"
)

// reference is a $ref or a $dynamicRef of a node.
type reference struct {
	node    *node
	dynamic bool
	text    string
	at      string
}

// dynamicRef leads to the schema that has the anchor in the outermost of the resources through which a value came there,
// and to target where none has it.
type dynamicRef struct {
	initial *node
	anchor  string
}

func (r *dynamicRef) target(w *walk) *node {
	for _, e := range w.entered {
		if n, ok := e.node.resource.dynamic[r.anchor]; ok {
			return n
		}
	}
	return r.initial
}

func (b *builder) reference(keyword string, value any) {
	if !b.is(jsonString, value, keyword) {
		return
	}
	if !isURIReference(value.(string)) {
		b.refuse("want the format uri-reference", keyword)
	}
	b.node.compound = true
	b.refs = append(b.refs, &reference{b.node, keyword == "$dynamicRef", value.(string), b.at + Pointer(keyword)})
}

// resolve finds where references lead to. That may be a place that was not taken for a schema, which has references of
// its own.
func (c *compiler) resolve() error {
	for i := 0; i < len(c.refs); i++ {
		ref := c.refs[i]
		target, anchor, err := c.find(ref)
		if err != nil {
			return err
		}
		switch {
		case !ref.dynamic:
			ref.node.ref = target
		case target.resource.dynamic[anchor] == target:
			ref.node.dynamic = &dynamicRef{target, anchor}
			c.dynamic = true
		default: // it begins at no dynamic anchor
			ref.node.dynamic = &dynamicRef{initial: target}
		}
	}
	return nil
}

// find returns the node that a reference leads to, and the anchor in it.
func (c *compiler) find(ref *reference) (n *node, anchor string, err error) {
	uri, fragment, _ := strings.Cut(ref.text, "#")
	in := ref.node.resource
	if uri != "" {
		var ok bool
		if in, ok = c.resources[join(in.uri, uri)]; !ok {
			return nil, "", Fault{ref.at, "reference to another document: " + ref.text}.err()
		}
	}
	if fragment, err = url.PathUnescape(fragment); err != nil {
		return nil, "", Fault{ref.at, "want the format uri-reference"}.err()
	}
	if fragment == "" {
		return in.root, "", nil
	}
	if strings.HasPrefix(fragment, "/") {
		n, err = c.at(in.at+fragment, ref.text)
		return n, "", err
	}
	if n, ok := in.anchors[fragment]; ok {
		return n, fragment, nil
	}
	return nil, "", fmt.Errorf("anchor in %q not found", ref.text)
}

// at returns the node of the schema at a JSON pointer, which ref leads to.
func (c *compiler) at(pointer, ref string) (*node, error) {
	if n, ok := c.nodes[pointer]; ok {
		return n, nil
	}
	value, in := c.doc, c.nodes[""].resource
	for i, token := range strings.Split(pointer, "/") {
		if i == 0 {
			continue
		}
		var ok bool
		if value, ok = step(value, token); !ok {
			return nil, fmt.Errorf("json-pointer in %q not found", ref)
		}
	}
	for end := len(pointer); end >= 0; end = strings.LastIndexByte(pointer[:end], '/') {
		if n, ok := c.nodes[pointer[:end]]; ok {
			in = n.resource
			break
		}
	}
	n := c.schema(value, pointer, in)
	if c.fault != nil {
		return nil, c.fault.err()
	}
	return n, nil
}

// step returns the part of a value that a token of a JSON pointer leads to.
func step(v any, text string) (any, bool) {
	token, ok := unescaped(text)
	if !ok {
		return nil, false
	}
	switch v := v.(type) {
	case map[string]any:
		part, ok := v[token]
		return part, ok
	case []any:
		i, err := strconv.Atoi(token)
		if err != nil || i < 0 || i >= len(v) {
			return nil, false
		}
		return v[i], true
	}
	return nil, false
}
