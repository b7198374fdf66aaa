// Package schema is what a plugin's parameters have to look like: derived from the Go type of its handler's
// parameters, or given as a JSON Schema, and applied to what a caller sends.
//
//	doc, err := schema.Derive(paramsType, comments)   // map[string]any: a JSON Schema
//	s, err := schema.Compile(doc)
//	params, faults := s.Apply(map[string]any{"timeout": 7})
package schema

import (
	"encoding/json"
	"fmt"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// Schema is a compiled JSON Schema (draft 2020-12, formats asserted). It is safe for concurrent use.
type Schema struct {
	compiled *jsonschema.Schema
	defaults *defaults
}

// Compile compiles a JSON Schema. Its references must stay within it: nothing is fetched.
func Compile(doc map[string]any) (*Schema, error) {
	const url = "parameters.json"
	c := jsonschema.NewCompiler()
	c.DefaultDraft(jsonschema.Draft2020)
	c.AssertFormat()
	c.UseLoader(noLoader{})
	if err := c.AddResource(url, doc); err != nil {
		return nil, fmt.Errorf("parameter schema: %w", err)
	}
	compiled, err := c.Compile(url)
	if err != nil {
		return nil, fmt.Errorf("parameter schema: %w", err)
	}
	s := &Schema{compiled: compiled, defaults: defaultsOf(doc)}
	if faults := s.defaults.check(compiled, nil); len(faults) > 0 {
		return nil, fmt.Errorf("parameter schema: default of %s", faults[0])
	}
	return s, nil
}

// noLoader refuses references to other documents.
type noLoader struct{}

func (noLoader) Load(url string) (any, error) {
	return nil, fmt.Errorf("reference to another document: %s", url)
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
// change params.
func (s *Schema) Apply(params map[string]any) (map[string]any, []Fault) {
	value, err := normalize(params)
	if err != nil {
		return nil, []Fault{{Message: err.Error()}}
	}
	filled := s.defaults.fill(value)
	if err := s.compiled.Validate(filled); err != nil {
		return nil, faultsOf(err)
	}
	return filled, nil
}
