// Package schema is what a plugin's parameters have to look like: derived from the Go type of its handler's
// parameters, or given as a JSON Schema, and applied to what a caller sends.
//
//	doc, err := schema.Derive(paramsType, comments)   // map[string]any: a JSON Schema
//	s, err := schema.Compile(doc)
//	params, faults := s.Apply(map[string]any{"timeout": 7})
//
// A library validates. It takes its time, so that what surely holds is accepted without it: see plan.
package schema

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// Schema is a compiled JSON Schema (draft 2020-12, formats asserted). It is safe for concurrent use.
type Schema struct {
	library  library // compiles once, when it is needed
	plan     *plan
	defaults *defaults
}

// Compile compiles a JSON Schema, which must not change afterwards. Its references must stay within it: nothing is
// fetched. Its defaults must hold under it.
func Compile(doc map[string]any) (*Schema, error) {
	if faults := badNumbers(doc, nil, nil); len(faults) > 0 {
		return nil, fmt.Errorf("parameter schema: %s", faults[0])
	}
	s := &Schema{library: sync.OnceValues(func() (*jsonschema.Schema, error) { return compile(doc) })}
	var sure bool
	if s.plan, sure = newPlan(doc, whole); !sure {
		if _, err := s.library(); err != nil {
			return nil, err
		}
	}
	s.defaults = defaultsOf(doc)
	if err := s.checkDefaults(doc, s.plan); err != nil {
		return nil, err
	}
	return s, nil
}

// location is where a schema is, as far as the library is concerned.
const location = "parameters:///"

func compile(doc map[string]any) (*jsonschema.Schema, error) {
	c := jsonschema.NewCompiler()
	c.DefaultDraft(jsonschema.Draft2020)
	c.AssertFormat()
	c.UseLoader(noLoader{})
	err := c.AddResource(location, doc)
	if err == nil {
		var compiled *jsonschema.Schema
		if compiled, err = c.Compile(location); err == nil {
			return compiled, nil
		}
	}
	if invalid, ok := errors.AsType[*jsonschema.SchemaValidationError](err); ok {
		if faults := faultsOf(invalid.Err); len(faults) > 0 {
			return nil, fmt.Errorf("parameter schema: %s", faults[0])
		}
	}
	return nil, fmt.Errorf("parameter schema: %s", strings.ReplaceAll(err.Error(), location, ""))
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
// change params; what it returns may share values with them and with the schema.
func (s *Schema) Apply(params map[string]any) (map[string]any, []Fault) {
	if params == nil {
		params = map[string]any{}
	}
	filled, _ := s.defaults.fill(params, 0)
	if s.plan.accepts(filled, s.library, 0) {
		return filled.(map[string]any), nil
	}
	value, err := normalize(params)
	if err != nil {
		return nil, []Fault{{Message: err.Error()}}
	}
	root, err := s.library()
	if err != nil {
		return nil, []Fault{{Message: err.Error()}}
	}
	filled, _ = s.defaults.fill(value, 0)
	if faults := badNumbers(filled, nil, nil); len(faults) > 0 {
		return nil, faults
	}
	if err := validate(root, filled); err != nil {
		return nil, faultsOf(err)
	}
	return filled.(map[string]any), nil
}

// validate has the library judge a value. It must not bring down the host with what a caller sends.
func validate(s *jsonschema.Schema, v any) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("cannot be validated: %v", p)
		}
	}()
	return s.Validate(v)
}
