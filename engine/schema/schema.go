// Package schema is what a plugin's parameters have to look like: derived from the Go type of its handler's
// parameters, or given as a JSON Schema, and applied to what a caller sends.
//
//	doc, err := schema.Derive(paramsType, comments)   // map[string]any: a JSON Schema
//	s, err := schema.Compile(doc)
//	params, faults := s.Apply(map[string]any{"timeout": 7})
//
// Schemas are of JSON Schema draft 2020-12, with formats asserted. Compile makes a tree of nodes of one, and a walk holds
// a value against them: once to accept it, and where it does not hold, once more to list what is wrong.
package schema

import (
	"encoding/json"
	"fmt"
)

// Schema is a compiled JSON Schema (draft 2020-12, formats asserted). It is safe for concurrent use.
type Schema struct {
	root     *node
	defaults *defaults
}

// Compile compiles a JSON Schema, which must not change afterwards. Its references must stay within it: nothing is
// fetched. Its defaults must hold under it.
func Compile(doc map[string]any) (*Schema, error) {
	if !isJSON(doc, plausible, 0) {
		return nil, fmt.Errorf("parameter schema: %w", notJSON(doc).err())
	}
	root, err := compile(doc)
	if err != nil {
		return nil, fmt.Errorf("parameter schema: %w", err)
	}
	if err := checkDefaults(doc, root); err != nil {
		return nil, err
	}
	return &Schema{root: root, defaults: defaultsOf(doc)}, nil
}

// notJSON is why a schema is none of JSON values.
func notJSON(doc map[string]any) Fault {
	if isJSON(doc, anyNumber, 0) {
		return badNumbers(doc)[0]
	}
	return Fault{Message: fmt.Sprintf("want JSON values that are at most %d levels deep", maxNesting)}
}

// Parse reads a JSON Schema that a plugin gave: JSON text as string, []byte or json.RawMessage, or a value that encodes
// to JSON.
func Parse(v any) (map[string]any, error) {
	var text []byte
	switch v := v.(type) {
	case string:
		text = []byte(v)
	case []byte:
		text = v
	case json.RawMessage:
		text = v
	default:
		var err error
		if text, err = json.Marshal(v); err != nil {
			return nil, fmt.Errorf("parameter schema: %w", err)
		}
	}
	doc, err := decode(text)
	if err != nil {
		return nil, fmt.Errorf("parameter schema: %w", err)
	}
	object, ok := doc.(map[string]any)
	if !ok {
		return nil, fmt.Errorf("parameter schema: want a JSON object")
	}
	return object, nil
}

// Apply returns params with the schema's defaults filled in, as JSON values, or what is wrong with them. It does not
// change params; what it returns may share values with them and with the schema.
func (s *Schema) Apply(params map[string]any) (map[string]any, []Fault) {
	if params == nil {
		params = map[string]any{}
	}
	if s.root.vets {
		if filled, ok := s.accept(params); ok {
			return filled, nil
		}
	}
	params, faults := normalize(params)
	if len(faults) > 0 {
		return nil, faults
	}
	filled, ok := s.accept(params)
	if !ok {
		return nil, s.root.faults(filled)
	}
	return filled, nil
}

// accept fills in defaults, and reports whether the outcome holds.
func (s *Schema) accept(params map[string]any) (map[string]any, bool) {
	filled, _ := s.defaults.fill(params, 0)
	return filled.(map[string]any), s.root.accepts(filled)
}
