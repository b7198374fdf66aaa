package box

import (
	"bytes"
	"encoding/xml"
	"errors"
	"reflect"
)

// xmlFuncs stands in for encoding/xml.
func (p *Program) xmlFuncs() map[string]any {
	return map[string]any{
		"encoding/xml.Marshal": func(v any) ([]byte, error) {
			return p.xml().marshal(v, "", "")
		},
		"encoding/xml.MarshalIndent": func(v any, prefix, indent string) ([]byte, error) {
			return p.xml().marshal(v, prefix, indent)
		},
		"encoding/xml.Unmarshal": func(data []byte, v any) error {
			return p.xml().decodeAny(xml.NewDecoder(bytes.NewReader(data)), v, nil)
		},
		"(*encoding/xml.Encoder).Encode": func(e *xml.Encoder, v any) error {
			return p.xml().encodeAny(e, v, nil)
		},
		"(*encoding/xml.Encoder).EncodeElement": func(e *xml.Encoder, v any, start xml.StartElement) error {
			return p.xml().encodeAny(e, v, &start)
		},
		"(*encoding/xml.Decoder).Decode": func(d *xml.Decoder, v any) error {
			return p.xml().decodeAny(d, v, nil)
		},
		"(*encoding/xml.Decoder).DecodeElement": func(d *xml.Decoder, v any, start *xml.StartElement) error {
			return p.xml().decodeAny(d, v, start)
		},
	}
}

func (c xmlCodec) marshal(v any, prefix, indent string) ([]byte, error) {
	var b bytes.Buffer
	e := xml.NewEncoder(&b)
	e.Indent(prefix, indent)
	if err := c.encodeAny(e, v, nil); err != nil {
		return nil, err
	}
	if err := e.Close(); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

func (c xmlCodec) encodeAny(e *xml.Encoder, x any, start *xml.StartElement) error {
	rt := reflect.TypeOf(x)
	t, v := c.prog.dynamicOf(x)
	switch {
	case t == nil || plain(rt) && start == nil:
		return e.Encode(x)
	case plain(rt) || start != nil && start.Name.Local == "":
		return e.EncodeElement(x, *start)
	}
	if err := c.encode(e, t, v, xmlElement{start: start}); err != nil {
		return err
	}
	return e.Flush()
}

func (c xmlCodec) decodeAny(d *xml.Decoder, x any, start *xml.StartElement) error {
	t, v := c.prog.dynamicOf(x)
	switch {
	case plain(reflect.TypeOf(x)):
		return d.DecodeElement(x, start)
	case v.Kind() != reflect.Pointer:
		return errors.New("non-pointer passed to Unmarshal")
	case v.IsNil():
		return errors.New("nil pointer passed to Unmarshal")
	}
	in := xmlDecoder{xmlCodec: c, from: d}
	return in.decode(pointee(t.Underlying()), v.Elem(), start)
}

// MarshalXML lets compiled code that meets a Box write its value.
func (b Box) MarshalXML(e *xml.Encoder, start xml.StartElement) error {
	name := start.Name
	if name.Local == "Box" {
		name = xml.Name{}
	}
	return b.T.prog.xml().encode(e, b.T.Type, reflect.ValueOf(b.V), xmlElement{name: name})
}
