package schema

import (
	"net/url"
	"strings"
)

// location is where a document is as long as it does not say it itself. It is never part of a message.
const location = "parameters:///"

// resource is a document, or a part of one that has a URI of its own ($id).
type resource struct {
	uri     string
	at      string
	root    *node
	anchors map[string]*node
	dynamic map[string]*node // those of the anchors that are dynamic
}

// draft is the one that is supported, and how schemas name it.
const draft = "https://json-schema.org/draft/2020-12/schema"

// identify takes in the keywords that say where a schema is and what it is called.
func (b *builder) identify(doc map[string]any) {
	id := b.id(doc)
	if id != "" || b.at == "" {
		b.openResource(id)
		b.checkDraft(doc)
	}
	b.anchor(doc, "$anchor", &b.node.resource.anchors)
	if name, ok := b.anchor(doc, "$dynamicAnchor", &b.node.resource.anchors); ok {
		setAnchor(&b.node.resource.dynamic, name, b.node)
	}
}

// id returns the URI of a schema, as it is written there.
func (b *builder) id(doc map[string]any) string {
	value, ok := doc["$id"]
	if !ok || !b.is(jsonString, value, "$id") {
		return ""
	}
	id, fragment, _ := strings.Cut(value.(string), "#")
	switch {
	case fragment != "":
		b.refuse("want no fragment", "$id")
	case !isURIReference(id):
		b.refuse("want the format uri-reference", "$id")
	default:
		return id
	}
	return ""
}

func (b *builder) openResource(id string) {
	r := &resource{uri: b.node.resource.uri}
	if id != "" {
		r.uri = join(r.uri, id)
	}
	if _, taken := b.resources[r.uri]; taken {
		b.refuse("another schema has the same", "$id")
	}
	b.resources[r.uri] = r
	b.node.resource = r
}

func (b *builder) checkDraft(doc map[string]any) {
	value, ok := doc["$schema"]
	if !ok || !b.is(jsonString, value, "$schema") {
		return
	}
	uri := value.(string)
	_, path, _ := strings.Cut(strings.TrimSuffix(uri, "#"), "://")
	switch {
	case path == strings.TrimPrefix(draft, "https://"):
	case strings.HasPrefix(path, "json-schema.org/"):
		b.refuse("want "+draft+", the only draft that is supported", "$schema")
	default:
		b.refuse("reference to another document: "+uri, "$schema")
	}
}

// anchor gives a schema a name within its resource.
func (b *builder) anchor(doc map[string]any, keyword string, anchors *map[string]*node) (name string, ok bool) {
	value, there := doc[keyword]
	if !there || !b.is(jsonString, value, keyword) {
		return "", false
	}
	name = value.(string)
	other, taken := (*anchors)[name]
	switch {
	case !isAnchor(name):
		b.refuse("want a match of the pattern ^[A-Za-z_][-A-Za-z0-9._]*$", keyword)
	case taken && other != b.node:
		b.refuse("another schema has the same", keyword)
	default:
		setAnchor(anchors, name, b.node)
		return name, true
	}
	return "", false
}

func setAnchor(anchors *map[string]*node, name string, n *node) {
	if *anchors == nil {
		*anchors = make(map[string]*node)
	}
	(*anchors)[name] = n
}

func isAnchor(name string) bool {
	for i, c := range name {
		letter := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_'
		later := c >= '0' && c <= '9' || c == '-' || c == '.'
		if !letter && (i == 0 || !later) {
			return false
		}
	}
	return name != ""
}

// join resolves a reference (RFC 3986). What is no reference is left as it is.
func join(base, ref string) string {
	b, err := url.Parse(base)
	if err != nil {
		return ref
	}
	u, err := b.Parse(ref)
	if err != nil {
		return ref
	}
	return u.String()
}
