package box

import (
	"encoding/xml"
	"errors"
	"fmt"
	"go/types"
	"io"
	"reflect"
	"strings"
)

// xmlDecoder reads elements into values of the program.
type xmlDecoder struct {
	xmlCodec
	from *xml.Decoder
	open opened
}

// decode reads an element into a value as encoding/xml would into that of the program. It looks for the element where start
// is nil.
func (c *xmlDecoder) decode(t types.Type, v reflect.Value, start *xml.StartElement) error {
	d := c.from
	for start == nil {
		token, err := d.Token()
		if err != nil {
			return err
		}
		if found, ok := token.(xml.StartElement); ok {
			start = &found
		}
	}
	if odd(t, v.Type()) {
		return c.settle(t, v, start)
	}
	t, v = c.target(t, v)
	if m, recv := c.find(t, v, "UnmarshalXML", sigUnmarshalXML); m != nil {
		return c.callReader(d, c.receiverName(t, recv), start, func() error {
			return errorOf(m(recv, reflect.ValueOf(d), reflect.ValueOf(*start))[0])
		})
	}
	if m, recv := c.find(t, v, "UnmarshalText", sigUnmarshal); m != nil {
		return d.DecodeElement(&xmlTextReader{m, recv}, start)
	}
	switch v.Kind() {
	case reflect.Interface:
		return d.Skip()
	case reflect.Slice:
		if v.Type().Elem().Kind() == reflect.Uint8 {
			break
		}
		n := v.Len()
		v.Grow(1)
		v.SetLen(n + 1)
		v.Index(n).SetZero()
		c.open = append(c.open, typed{t, v.Type()})
		defer func() { c.open = c.open[:len(c.open)-1] }()
		err := c.decode(t.Underlying().(*types.Slice).Elem(), v.Index(n), start)
		if err != nil {
			v.SetLen(n)
		}
		return err
	case reflect.Struct:
		if !isHost(v.Type()) {
			return c.readStruct(t, v, start)
		}
	case reflect.Array, reflect.Map, reflect.Chan, reflect.Func, reflect.Pointer, reflect.Complex64, reflect.Complex128:
		return errors.New("unknown type " + c.prog.name(t))
	}
	return d.DecodeElement(v.Addr().Interface(), start)
}

// settle reads into a value that is not kept in its erased form.
func (c *xmlDecoder) settle(t types.Type, v reflect.Value, start *xml.StartElement) error {
	if v.Kind() == reflect.Struct {
		return c.decode(t, v.Field(0), start)
	}
	rt := c.open.erased(t)
	if !v.IsNil() {
		rt = v.Elem().Type()
	}
	if rt == nil {
		return fmt.Errorf("xml: type %s cannot be made here", c.prog.name(t))
	}
	made := reflect.New(rt).Elem()
	if !v.IsNil() {
		made.Set(v.Elem())
	}
	err := c.decode(t, made, start)
	v.Set(made)
	return err
}

// target goes from an interface to what a pointer in it points to, and through one pointer, which it sets.
func (c xmlCodec) target(t types.Type, v reflect.Value) (types.Type, reflect.Value) {
	if v.Kind() == reflect.Interface && isInterface(t) {
		if held, e := c.prog.dynamic(v); held != nil && e.Kind() == reflect.Pointer && !e.IsNil() {
			t, v = held, e
		}
	}
	if v.Kind() == reflect.Pointer {
		if v.IsNil() {
			v.Set(reflect.New(v.Type().Elem()))
		}
		t, v = t.Underlying().(*types.Pointer).Elem(), v.Elem()
	}
	return t, settled(t, v)
}

// settled returns the value of a recursive type that is kept in a struct, or behind a pointer in an interface.
func settled(t types.Type, v reflect.Value) reflect.Value {
	if !odd(t, v.Type()) {
		return v
	}
	if v.Kind() == reflect.Struct {
		return v.Field(0)
	}
	if e := v.Elem(); e.Kind() == reflect.Pointer && !e.IsNil() {
		return e
	}
	return v
}

// callReader has encoding/xml call an UnmarshalXML, so that it can see what was read.
func (c xmlCodec) callReader(d *xml.Decoder, receiver string, start *xml.StartElement, read func() error) error {
	failed := false
	err := d.DecodeElement(&xmlCalled{func() error {
		err := read()
		failed = err != nil
		return err
	}}, start)
	if err != nil && !failed {
		if text := strings.Replace(err.Error(), "(*box.xmlCalled)", receiver, 1); text != err.Error() {
			return errors.New(text)
		}
	}
	return err
}

type xmlCalled struct{ read func() error }

// UnmarshalXML implements xml.Unmarshaler.
func (r *xmlCalled) UnmarshalXML(*xml.Decoder, xml.StartElement) error { return r.read() }

type xmlTextReader struct {
	method method
	recv   reflect.Value
}

// UnmarshalText implements encoding.TextUnmarshaler.
func (r *xmlTextReader) UnmarshalText(b []byte) error {
	return errorOf(r.method(r.recv, reflect.ValueOf(b))[0])
}

// readStruct reads into the shape of a struct.
func (c *xmlDecoder) readStruct(t types.Type, v reflect.Value, start *xml.StartElement) error {
	s := c.shape(t, v.Type(), true)
	if s.err != nil {
		return s.err
	}
	c.open = append(c.open, typed{t, v.Type()})
	defer func() { c.open = c.open[:len(c.open)-1] }()
	made := reflect.New(s.rt)
	spare := map[*xmlField]reflect.Value{}
	c.prepare(s, made.Elem(), v, spare)
	err := c.from.DecodeElement(made.Interface(), start)
	c.collect(s, made.Elem(), v, spare)
	return c.renamed(s, err, t)
}

// prepare sets a shape so that encoding/xml reads into it what belongs into a struct. Embedded structs that are not there yet
// are kept in spare.
func (c *xmlDecoder) prepare(s *xmlShape, to, v reflect.Value, spare map[*xmlField]reflect.Value) {
	for i := range s.fields {
		f := &s.fields[i]
		field, at := v.Field(f.index), to.Field(i)
		switch {
		case f.inner != nil:
			if f.pointer {
				if field.IsNil() {
					spare[f] = reflect.New(field.Type().Elem())
					field = spare[f]
				}
				at.Set(reflect.New(f.inner.rt))
				at, field = at.Elem(), field.Elem()
			}
			c.prepare(f.inner, at, field, spare)
		case f.direct:
			at.Set(field)
		default:
			at.Set(reflect.ValueOf(xmlReader{in: c, t: f.typ, v: field}))
		}
	}
}

// collect sets a struct from its shape.
func (c *xmlDecoder) collect(s *xmlShape, from, v reflect.Value, spare map[*xmlField]reflect.Value) {
	for i := range s.fields {
		f := &s.fields[i]
		field, at := v.Field(f.index), from.Field(i)
		switch {
		case f.inner != nil && f.pointer:
			made, isSpare := spare[f]
			if !isSpare {
				made = field
			}
			c.collect(f.inner, at.Elem(), made.Elem(), spare)
			if isSpare && !made.Elem().IsZero() {
				field.Set(made)
			}
		case f.inner != nil:
			c.collect(f.inner, at, field, spare)
		case f.direct:
			field.Set(at)
		}
	}
}

// xmlReader is the place of a value in a shape.
type xmlReader struct {
	in *xmlDecoder
	t  types.Type
	v  reflect.Value
}

// UnmarshalXML implements xml.Unmarshaler.
func (r *xmlReader) UnmarshalXML(_ *xml.Decoder, start xml.StartElement) error {
	return r.in.decode(r.t, r.v, &start)
}

// UnmarshalText implements encoding.TextUnmarshaler, for character data.
func (r *xmlReader) UnmarshalText(b []byte) error {
	return r.text(b)
}

// UnmarshalXMLAttr implements xml.UnmarshalerAttr.
func (r *xmlReader) UnmarshalXMLAttr(attr xml.Attr) error {
	t, v := r.t, settled(r.t, r.v)
	if v.Kind() == reflect.Pointer {
		t, v = r.in.target(t, v)
	}
	at := xmlReader{r.in, t, v}
	if m, recv := r.in.find(t, v, "UnmarshalXMLAttr", sigUnmarshalXMLAttr); m != nil {
		return errorOf(m(recv, reflect.ValueOf(attr))[0])
	}
	if v.Kind() == reflect.Slice && v.Type().Elem().Kind() != reflect.Uint8 && !r.in.hasMethods(t) {
		n := v.Len()
		v.Grow(1)
		v.SetLen(n + 1)
		v.Index(n).SetZero()
		elem := xmlReader{r.in, t.Underlying().(*types.Slice).Elem(), v.Index(n)}
		err := elem.UnmarshalXMLAttr(attr)
		if err != nil {
			v.SetLen(n)
		}
		return err
	}
	if v.Type() == reflect.TypeFor[xml.Attr]() {
		v.Set(reflect.ValueOf(attr))
		return nil
	}
	return at.text([]byte(attr.Value))
}

// text reads text into the value, by its method if it has it.
func (r *xmlReader) text(b []byte) error {
	t, v := r.t, settled(r.t, r.v)
	if m, recv := r.in.find(t, v, "UnmarshalText", sigUnmarshal); m != nil {
		return errorOf(m(recv, reflect.ValueOf(b))[0])
	}
	if v.Kind() == reflect.Pointer {
		_, v = r.in.target(t, v)
	}
	if !simpleXML(v.Kind()) || v.Kind() == reflect.Array {
		return errors.New("cannot unmarshal into " + r.in.prog.name(r.t))
	}
	return setXMLText(v, b)
}

// setXMLText has encoding/xml set a value of a predeclared type from text.
func setXMLText(v reflect.Value, b []byte) error {
	name := xml.Name{Local: "text"}
	tokens := xmlTokens{xml.StartElement{Name: name}, xml.CharData(b), xml.EndElement{Name: name}}
	return xml.NewTokenDecoder(&tokens).Decode(v.Addr().Interface())
}

type xmlTokens []xml.Token

// Token implements xml.TokenReader.
func (t *xmlTokens) Token() (xml.Token, error) {
	if len(*t) == 0 {
		return nil, io.EOF
	}
	first := (*t)[0]
	*t = (*t)[1:]
	return first, nil
}
