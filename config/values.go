package config

import (
	"github.com/goccy/go-yaml/ast"
)

// values is a mapping of any content: what a package finds in Registrar.Config. Its strings may hold references.
type values struct {
	root map[string]any
}

func (vs *values) read(d *decoder, v value) {
	if _, null := v.node.(*ast.NullNode); null {
		return
	}
	if isScalar(v.node) {
		d.add(v.at, "%s: want a mapping, got %s", v.label, describe(v.node, true))
		return
	}
	root, ok := d.any(v).(map[string]any)
	if !ok {
		d.add(v.at, "%s: want a mapping, got a list", v.label)
		return
	}
	vs.root = root
}

// any returns a value of any type: a scalar, a *text for a string, []any, or map[string]any.
func (d *decoder) any(v value) any {
	if !d.enter(&v) {
		return nil
	}
	if pairs, ok := d.pairs(v); ok {
		m := make(map[string]any, len(pairs))
		for _, p := range pairs {
			m[p.key] = d.any(p.value)
		}
		return m
	}
	if items, ok := v.list(); ok {
		list := make([]any, len(items))
		for i, item := range items {
			list[i] = d.any(item)
		}
		return list
	}
	// Nobody but the package knows which of its values are secret.
	got, ok := d.scalar(v, true)
	if _, isString := got.(string); !isString || !ok {
		return got
	}
	t := &text{hidden: true}
	t.read(d, v)
	return t
}

// walk calls f for each string in a value that any returned.
func walk(v any, f func(*text)) {
	switch v := v.(type) {
	case *text:
		f(v)
	case []any:
		for _, item := range v {
			walk(item, f)
		}
	case map[string]any:
		for _, item := range v {
			walk(item, f)
		}
	}
}

// resolve returns a copy of a value that any returned, with each string as lookup has it.
func resolve(v any, lookup func(*text) (string, error)) (any, error) {
	switch v := v.(type) {
	case *text:
		return lookup(v)
	case []any:
		list := make([]any, len(v))
		for i, item := range v {
			var err error
			if list[i], err = resolve(item, lookup); err != nil {
				return nil, err
			}
		}
		return list, nil
	case map[string]any:
		return resolveMap(v, lookup)
	default:
		return v, nil
	}
}

func resolveMap(m map[string]any, lookup func(*text) (string, error)) (map[string]any, error) {
	out := make(map[string]any, len(m))
	for key, item := range m {
		var err error
		if out[key], err = resolve(item, lookup); err != nil {
			return nil, err
		}
	}
	return out, nil
}
