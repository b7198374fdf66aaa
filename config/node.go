package config

import (
	"fmt"

	"github.com/goccy/go-yaml/ast"
)

// value is a node of the file.
type value struct {
	// label is the key that the value stands under, for messages.
	label string
	node  ast.Node
	at    pos
	depth int
}

func (v value) child(label string, n ast.Node) value {
	return value{label: label, node: n, at: position(n), depth: v.depth + 1}
}

// pair is a key of a mapping with its value.
type pair struct {
	key   string
	at    pos
	value value
}

const (
	// maxDepth is how deep values may nest, aliases followed.
	maxDepth = 50
	// maxNodes bounds what aliases expand to. A file of the largest size has fewer by itself.
	maxNodes = 1 << 20
)

// enter follows aliases to what they stand for. It reports false for what cannot be used, and says why.
func (d *decoder) enter(v *value) bool {
	for {
		d.nodes++
		if v.depth > maxDepth || d.nodes > maxNodes {
			// One line is enough: what is above in the file is above the limit too.
			if !d.exhausted {
				d.add(v.at, "%s: nested too deep, or too large", v.label)
			}
			d.exhausted = true
			return false
		}
		switch n := v.node.(type) {
		case *ast.AnchorNode:
			v.node = n.Value
		case *ast.AliasNode:
			name := n.Value.GetToken().Value
			target, ok := d.anchors[name]
			if !ok {
				d.add(v.at, "*%s: there is no anchor &%s", name, name)
				return false
			}
			v.node = target
		case *ast.TagNode:
			d.add(v.at, "%s: tags are not supported: leave %s out", v.label, n.Start.Value)
			return false
		default:
			if n == nil {
				d.add(v.at, "%s has no value", v.label)
				return false
			}
			v.at = position(n)
			return true
		}
		v.depth++
		v.at = position(v.node)
	}
}

// pairs returns the pairs of a mapping, in order. It reports false where v is none.
func (d *decoder) pairs(v value) ([]pair, bool) {
	var nodes []*ast.MappingValueNode
	switch n := v.node.(type) {
	case *ast.MappingNode:
		nodes = n.Values
	case *ast.MappingValueNode:
		nodes = []*ast.MappingValueNode{n}
	default:
		return nil, false
	}
	pairs := make([]pair, 0, len(nodes))
	seen := map[string]pos{}
	for _, n := range nodes {
		key, ok := d.key(n.Key)
		if !ok {
			continue
		}
		at := position(n.Key)
		if first, twice := seen[key]; twice {
			d.add(at, "key %q is there twice: it is in line %d too", key, first.line)
			continue
		}
		seen[key] = at
		pairs = append(pairs, pair{key, at, v.child(key, n.Value)})
	}
	return pairs, true
}

func (d *decoder) key(n ast.MapKeyNode) (string, bool) {
	if n.IsMergeKey() {
		d.add(position(n), "merge keys are not supported: write the keys out")
		return "", false
	}
	if s, ok := n.(*ast.StringNode); ok {
		if v, err := scalar(s); err == nil && v == any(s.Value) {
			return s.Value, true
		}
	}
	d.add(position(n), "key %s is not a string: put it in quotes", n.GetToken().Value)
	return "", false
}

// findAnchors notes what each anchor of the file stands for.
func (d *decoder) findAnchors(root ast.Node) {
	d.anchors = map[string]ast.Node{}
	for _, n := range ast.Filter(ast.AnchorType, root) {
		anchor, ok := n.(*ast.AnchorNode)
		if !ok {
			continue
		}
		name := anchor.Name.GetToken().Value
		if _, twice := d.anchors[name]; twice {
			d.add(position(anchor), "anchor &%s is there twice", name)
		}
		d.anchors[name] = anchor.Value
	}
}

// list returns the values of a list. It reports false where v is none.
func (v value) list() ([]value, bool) {
	n, ok := v.node.(*ast.SequenceNode)
	if !ok {
		return nil, false
	}
	values := make([]value, len(n.Values))
	for i, item := range n.Values {
		values[i] = v.child(fmt.Sprintf("%s[%d]", v.label, i), item)
	}
	return values, true
}
