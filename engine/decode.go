package engine

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// DecodeParams reads the parameters of a call from JSON text: one object, or nothing at all, which is no parameters.
// Numbers stay as they are written (json.Number), so that no digit is lost on the way to the plugin. The error says
// what is wrong with the text, and where, without repeating it; errors of r are wrapped.
func DecodeParams(r io.Reader) (map[string]any, error) {
	dec := json.NewDecoder(r)
	dec.UseNumber()
	var v any
	switch err := dec.Decode(&v); {
	case errors.Is(err, io.EOF):
		return nil, nil
	case err != nil:
		return nil, jsonError(err)
	}
	params, ok := v.(map[string]any)
	if !ok {
		return nil, fmt.Errorf("parameters are a JSON object, not %s", jsonKind(v))
	}
	_, err := dec.Token()
	if errors.Is(err, io.EOF) {
		return params, nil
	}
	if _, syntax := errors.AsType[*json.SyntaxError](err); syntax || err == nil {
		return nil, fmt.Errorf("not JSON: something follows the object, at byte %d", dec.InputOffset())
	}
	return nil, jsonError(err)
}

func jsonError(err error) error {
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return errors.New("not JSON: the text ends too early")
	}
	if syntax, ok := errors.AsType[*json.SyntaxError](err); ok {
		return fmt.Errorf("not JSON, at byte %d: %w", syntax.Offset, syntax)
	}
	return fmt.Errorf("read parameters: %w", err)
}

func jsonKind(v any) string {
	switch v.(type) {
	case nil:
		return "null"
	case bool:
		return "a boolean"
	case string:
		return "a string"
	case []any:
		return "an array"
	default:
		return "a number"
	}
}
