package schema

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// defaults are the default values that a schema states for members of objects, where properties, items,
// additionalProperties and references within the document lead there. Nil has none.
type defaults struct {
	values     []statedDefault
	properties map[string]*defaults // of the values of properties
	additional *defaults            // of the values of other members
	items      *defaults            // of the items of an array
}

// statedDefault is the default of a property.
type statedDefault struct {
	name  string
	value any
}

// defaultsOf collects the defaults of a schema.
func defaultsOf(doc map[string]any) *defaults {
	c := defaultsCollector{root: doc, byRef: make(map[string]*defaults)}
	return c.collect(doc)
}

type defaultsCollector struct {
	root  map[string]any
	byRef map[string]*defaults
}

func (c *defaultsCollector) collect(schema any) *defaults {
	doc, ok := schema.(map[string]any)
	if !ok {
		return nil
	}
	if ref, ok := doc["$ref"].(string); ok {
		return c.reference(ref)
	}
	d := &defaults{}
	c.fill(d, doc)
	if d.values == nil && d.properties == nil && d.additional == nil && d.items == nil {
		return nil
	}
	return d
}

// reference collects the defaults of a definition, which may lead to itself.
func (c *defaultsCollector) reference(ref string) *defaults {
	if d, ok := c.byRef[ref]; ok {
		return d
	}
	name, ok := strings.CutPrefix(ref, "#/$defs/")
	defs, _ := c.root["$defs"].(map[string]any)
	doc, isObject := defs[name].(map[string]any)
	if !ok || !isObject || doc["$ref"] != nil {
		return nil
	}
	d := &defaults{}
	c.byRef[ref] = d
	c.fill(d, doc)
	return d
}

func (c *defaultsCollector) fill(d *defaults, doc map[string]any) {
	properties, _ := doc["properties"].(map[string]any)
	for name, p := range properties {
		if property, ok := p.(map[string]any); ok {
			if v, ok := property["default"]; ok {
				d.values = append(d.values, statedDefault{name, v})
			}
		}
		if child := c.collect(p); child != nil {
			if d.properties == nil {
				d.properties = make(map[string]*defaults)
			}
			d.properties[name] = child
		}
	}
	if properties == nil {
		d.additional = c.collect(doc["additionalProperties"])
	}
	d.items = c.collect(doc["items"])
}

// fill returns a value with the defaults of what it leaves out, and whether it is another one then: what changes is
// copied.
func (d *defaults) fill(v any, depth int) (filled any, changed bool) {
	if d == nil || depth > maxNesting {
		return v, false
	}
	switch v := v.(type) {
	case map[string]any:
		if v != nil { // nil encodes as null
			return d.fillObject(v, depth)
		}
	case []any:
		return d.fillList(v, depth)
	}
	return v, false
}

func (d *defaults) fillObject(object map[string]any, depth int) (map[string]any, bool) {
	var copied map[string]any
	set := func(name string, v any) {
		if copied == nil {
			copied = make(map[string]any, len(object)+len(d.values))
			maps.Copy(copied, object)
		}
		copied[name] = v
	}
	for _, s := range d.values {
		if _, ok := object[s.name]; !ok {
			filled, _ := d.properties[s.name].fill(s.value, depth+1)
			set(s.name, filled)
		}
	}
	if d.properties != nil || d.additional != nil {
		for name, v := range object {
			child := d.additional
			if child == nil {
				child = d.properties[name]
			}
			if filled, changed := child.fill(v, depth+1); changed {
				set(name, filled)
			}
		}
	}
	if copied == nil {
		return object, false
	}
	return copied, true
}

func (d *defaults) fillList(list []any, depth int) ([]any, bool) {
	if d.items == nil {
		return list, false
	}
	var copied []any
	for i, v := range list {
		if filled, changed := d.items.fill(v, depth+1); changed {
			if copied == nil {
				copied = slices.Clone(list)
			}
			copied[i] = filled
		}
	}
	if copied == nil {
		return list, false
	}
	return copied, true
}

// checkDefaults holds the defaults of a schema, which n is the node of, against the schemas of their properties. At is
// where they are.
func checkDefaults(schema any, n *node, at ...string) error {
	doc, ok := schema.(map[string]any)
	if !ok {
		return nil
	}
	properties, _ := doc["properties"].(map[string]any)
	for _, name := range slices.Sorted(maps.Keys(properties)) {
		property, ok := properties[name].(map[string]any)
		if !ok {
			continue
		}
		member, here := n.object.byName[name], append(slices.Clip(at), name)
		if v, ok := property["default"]; ok && !member.accepts(v) {
			fault := member.faults(v)[0]
			return fmt.Errorf("parameter schema: default of %s: %s", Pointer(here...)+fault.Pointer, fault.Message)
		}
		if err := checkDefaults(property, member, here...); err != nil {
			return err
		}
	}
	if items, ok := doc["items"]; ok {
		if err := checkDefaults(items, n.array.items, append(slices.Clip(at), "items")...); err != nil {
			return err
		}
	}
	if additional, ok := doc["additionalProperties"]; ok {
		return checkDefaults(additional, n.object.additional, append(slices.Clip(at), "additionalProperties")...)
	}
	return nil
}
