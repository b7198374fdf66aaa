package schema

import (
	"maps"
	"slices"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// defaults are the default values that a schema's properties state. Nil has none.
type defaults struct {
	values   map[string]any       // by property
	children map[string]*defaults // for properties that are objects
}

// defaultsOf collects the defaults of an object schema and of the object schemas of its properties.
func defaultsOf(doc map[string]any) *defaults {
	properties, _ := doc["properties"].(map[string]any)
	d := &defaults{}
	for name, p := range properties {
		property, ok := p.(map[string]any)
		if !ok {
			continue
		}
		if v, ok := property["default"]; ok {
			if d.values == nil {
				d.values = make(map[string]any)
			}
			d.values[name] = v
		}
		if child := defaultsOf(property); child != nil {
			if d.children == nil {
				d.children = make(map[string]*defaults)
			}
			d.children[name] = child
		}
	}
	if d.values == nil && d.children == nil {
		return nil
	}
	return d
}

// check holds the defaults against the schemas of their properties.
func (d *defaults) check(s *jsonschema.Schema, at []string) []Fault {
	if d == nil || s == nil {
		return nil
	}
	for _, name := range slices.Sorted(maps.Keys(d.values)) {
		property := s.Properties[name]
		if property == nil {
			continue
		}
		if err := property.Validate(d.values[name]); err != nil {
			faults := faultsOf(err)
			faults[0].Pointer = Pointer(append(slices.Clip(at), name)...) + faults[0].Pointer
			return faults
		}
	}
	for name, child := range d.children {
		if faults := child.check(s.Properties[name], append(slices.Clip(at), name)); len(faults) > 0 {
			return faults
		}
	}
	return nil
}

// fill returns object with the defaults of what it leaves out. It copies what it changes.
func (d *defaults) fill(object map[string]any) map[string]any {
	if d == nil {
		return object
	}
	filled := maps.Clone(object)
	for name, v := range d.values {
		if _, ok := filled[name]; !ok {
			filled[name] = v
		}
	}
	for name, child := range d.children {
		if sub, ok := filled[name].(map[string]any); ok {
			filled[name] = child.fill(sub)
		}
	}
	return filled
}
