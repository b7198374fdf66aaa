package interp

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"strconv"
	"strings"
)

// hostCodec is for compiled types that know their JSON form.
var hostCodec = codec{encodeHost, decodeHost}

func encodeHost(v reflect.Value, _ int) (any, error) {
	if v.CanAddr() { // for methods with a pointer receiver, as encoding/json does
		v = v.Addr()
	}
	text, err := json.Marshal(v.Interface())
	if err != nil {
		return nil, err
	}
	return parseJSON(text)
}

func decodeHost(from any, to reflect.Value) error {
	text, err := json.Marshal(from)
	if err != nil {
		return err
	}
	if json.Unmarshal(text, to.Addr().Interface()) != nil { // its error may repeat the value
		return fmt.Errorf("does not decode into a %s", to.Type())
	}
	return nil
}

// numberCodec is for json.Number.
var numberCodec = codec{
	encode: func(v reflect.Value, _ int) (any, error) {
		text := v.String()
		if text == "" {
			return 0.0, nil // as encoding/json does
		}
		return parseJSON([]byte(text))
	},
	decode: func(from any, to reflect.Value) error {
		text, ok := numeral(from)
		if s, isString := from.(string); isString {
			n, err := parseJSON([]byte(s))
			if text, ok = numeral(n); err != nil {
				ok = false
			}
		}
		switch {
		case from == nil:
		case !ok:
			return wrongType("number", from)
		default:
			to.SetString(text)
		}
		return nil
	},
}

// quoted is the codec of a field with the option string.
func quoted(inner *codec) *codec {
	return &codec{
		encode: func(v reflect.Value, depth int) (any, error) {
			plain, err := inner.encode(v, depth)
			if err != nil || plain == nil {
				return plain, err
			}
			text, err := json.Marshal(plain)
			return string(text), err
		},
		decode: func(from any, to reflect.Value) error {
			if from == nil {
				return inner.decode(nil, to)
			}
			text, ok := from.(string)
			if !ok {
				return wrongType("string", from)
			}
			plain, err := parseJSON([]byte(text))
			if err != nil {
				return fmt.Errorf("want a JSON value in a string")
			}
			return inner.decode(plain, to)
		},
	}
}

// parseJSON decodes to JSON values; a number is a float64, or a json.Number where it is an integer that a float64 does
// not hold.
func parseJSON(text []byte) (any, error) {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		return nil, err
	}
	if d.More() {
		return nil, fmt.Errorf("more than one JSON value")
	}
	return plain(v), nil
}

// plain copies a JSON value, with numbers as parseJSON makes them.
func plain(v any) any {
	switch v := v.(type) {
	case nil, bool, string, float64:
		return v
	case []any:
		list := make([]any, len(v))
		for i := range v {
			list[i] = plain(v[i])
		}
		return list
	case map[string]any:
		object := make(map[string]any, len(v))
		for k := range v {
			object[k] = plain(v[k])
		}
		return object
	case json.Number:
		return plainNumber(string(v))
	}
	if text, ok := numeral(v); ok {
		return plainNumber(text)
	}
	return v
}

func plainNumber(text string) any {
	if !strings.ContainsAny(text, ".eE") {
		if n, err := strconv.ParseInt(text, 10, 64); err != nil || n < -maxExact || n > maxExact {
			return json.Number(text)
		}
	}
	f, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return json.Number(text)
	}
	return f
}
