package box

import (
	"bytes"
	"encoding/json"
	"go/types"
	"reflect"
)

// jsonFuncs stands in for encoding/json.
func (p *Program) jsonFuncs() map[string]any {
	return map[string]any{
		"encoding/json.Marshal": func(v any) ([]byte, error) {
			return p.json().marshal(v, true)
		},
		"encoding/json.MarshalIndent": func(v any, prefix, indent string) ([]byte, error) {
			b, err := p.json().marshal(v, true)
			if err != nil {
				return nil, err
			}
			var out bytes.Buffer
			if err := json.Indent(&out, b, prefix, indent); err != nil {
				return nil, err
			}
			return out.Bytes(), nil
		},
		"(*encoding/json.Encoder).Encode": func(e *json.Encoder, v any) error {
			b, err := p.json().marshal(v, jsonOption(reflect.ValueOf(e).Elem(), "escapeHTML"))
			if err != nil {
				return err
			}
			return e.Encode(json.RawMessage(b))
		},
		"encoding/json.Unmarshal":         p.jsonUnmarshal,
		"(*encoding/json.Decoder).Decode": p.jsonDecode,
	}
}

func (p *Program) jsonUnmarshal(data []byte, v any) error {
	if plain(reflect.TypeOf(v)) {
		return json.Unmarshal(data, v)
	}
	if !json.Valid(data) {
		var raw json.RawMessage
		return json.Unmarshal(data, &raw)
	}
	d := jsonDecoder{codec: p.json(), data: data}
	return d.unmarshal(v)
}

func (p *Program) jsonDecode(from *json.Decoder, v any) error {
	if plain(reflect.TypeOf(v)) {
		return from.Decode(v)
	}
	var raw json.RawMessage
	at := from.InputOffset()
	if err := from.Decode(&raw); err != nil {
		return err
	}
	options := reflect.ValueOf(from).Elem().FieldByName("d")
	d := jsonDecoder{
		codec: p.json(), data: raw, before: int(from.InputOffset()-at) - len(raw),
		useNumber: jsonOption(options, "useNumber"), strict: jsonOption(options, "disallowUnknownFields"),
	}
	return d.unmarshal(v)
}

// EncodeJSON returns what encoding/json makes of a value of type t, which is kept in v; but it does not escape what means
// something in HTML. Methods of the pointer to t count where v can be addressed.
func (p *Program) EncodeJSON(t types.Type, v reflect.Value) ([]byte, error) {
	e := jsonEncoder{codec: p.json()}
	err := e.codec.encoder(t, v.Type())(&e, v, false)
	return e.buf, err
}

// DecodeJSON reads valid JSON into a variable of type t, which v is, as encoding/json does.
func (p *Program) DecodeJSON(data []byte, t types.Type, v reflect.Value) error {
	d := jsonDecoder{codec: p.json(), data: data}
	return d.read(t, v)
}

// MarshalJSON lets compiled code that meets a Box write its value.
func (b Box) MarshalJSON() ([]byte, error) {
	return b.T.prog.json().marshal(b, false)
}

// jsonOption reads an option of an encoder or a decoder, for which there are methods that set it only.
func jsonOption(of reflect.Value, name string) bool {
	if of.Kind() != reflect.Struct {
		return false
	}
	option := of.FieldByName(name)
	return option.Kind() == reflect.Bool && option.Bool()
}
