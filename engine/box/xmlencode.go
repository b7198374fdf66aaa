package box

import (
	"encoding/xml"
	"fmt"
	"go/types"
	"reflect"
	"strconv"
	"strings"
)

// The signatures that encoding/xml looks for.
const (
	sigMarshalXML       = "(*xml.Encoder,xml.StartElement)(error)"
	sigMarshalXMLAttr   = "(xml.Name)(xml.Attr,error)"
	sigUnmarshalXML     = "(*xml.Decoder,xml.StartElement)(error)"
	sigUnmarshalXMLAttr = "(xml.Attr)(error)"
)

// xmlElement is what is known of an element before its value is written: the name that a field gives, or all of its start.
type xmlElement struct {
	name  xml.Name
	start *xml.StartElement
	// space is the name space of the element around this one.
	space string
}

// begin returns the start of the element. The name of the type is the last resort.
func (c xmlCodec) begin(x xmlElement, t types.Type) xml.StartElement {
	switch {
	case x.start != nil:
		return xml.StartElement{Name: x.start.Name, Attr: append([]xml.Attr(nil), x.start.Attr...)}
	case x.name.Local != "":
		return xml.StartElement{Name: x.name}
	}
	name, _, _ := strings.Cut(c.prog.bareName(t), "[")
	return xml.StartElement{Name: xml.Name{Local: name}}
}

// encode writes a value as encoding/xml would write that of the program.
func (c xmlCodec) encode(e *xml.Encoder, t types.Type, v reflect.Value, x xmlElement) error {
	for {
		if v = even(t, v); !v.IsValid() {
			return nil
		}
		if v.Kind() != reflect.Interface && v.Kind() != reflect.Pointer {
			break
		}
		if v.IsNil() {
			return nil
		}
		if v.Kind() == reflect.Interface {
			t, v = c.prog.dynamic(v)
		} else {
			t, v = t.Underlying().(*types.Pointer).Elem(), v.Elem()
		}
	}
	if m, recv := c.find(t, v, "MarshalXML", sigMarshalXML); m != nil {
		return c.call(e, c.receiverName(t, recv), c.begin(x, t), func(start xml.StartElement) error {
			return errorOf(m(recv, reflect.ValueOf(e), reflect.ValueOf(start))[0])
		})
	}
	if m, recv := c.find(t, v, "MarshalText", sigMarshal); m != nil {
		return e.EncodeElement(xmlText(func() ([]byte, error) {
			out := m(recv)
			return out[0].Bytes(), errorOf(out[1])
		}), c.begin(x, t))
	}
	switch v.Kind() {
	case reflect.Slice, reflect.Array:
		if v.Type().Elem().Kind() != reflect.Uint8 {
			return c.list(e, t, v, x)
		}
	case reflect.Struct:
		if isHost(v.Type()) {
			if x.start == nil && x.name.Local == "" {
				return e.Encode(v.Interface())
			}
			return e.EncodeElement(v.Interface(), c.begin(x, t))
		}
		return c.structure(e, t, v, x)
	}
	start := c.begin(x, t)
	if start.Name.Local == "" || !simpleXML(v.Kind()) {
		return &xml.UnsupportedTypeError{Type: c.prog.named(t, v.Type())}
	}
	return e.EncodeElement(v.Interface(), start)
}

func simpleXML(k reflect.Kind) bool {
	return k >= reflect.Bool && k <= reflect.Float64 || k == reflect.String || k == reflect.Slice || k == reflect.Array
}

func (c xmlCodec) list(e *xml.Encoder, t types.Type, v reflect.Value, x xmlElement) error {
	var elem types.Type
	switch u := t.Underlying().(type) {
	case *types.Slice:
		elem = u.Elem()
	case *types.Array:
		elem = u.Elem()
	}
	for i := range v.Len() {
		if err := c.encode(e, elem, v.Index(i), x); err != nil {
			return err
		}
	}
	return nil
}

// find returns the method of a value, or that of a pointer to it if it can be addressed, with its receiver.
func (c xmlCodec) find(t types.Type, v reflect.Value, name, sig string) (method, reflect.Value) {
	if m := c.prog.method(t, v.Type(), name, sig); m != nil {
		return m, v
	}
	if v.CanAddr() {
		if m := c.prog.pointerMethod(t, v.Type(), name, sig); m != nil {
			return m, v.Addr()
		}
	}
	return nil, reflect.Value{}
}

// call has encoding/xml call a MarshalXML, so that it can see what was written.
func (c xmlCodec) call(e *xml.Encoder, receiver string, start xml.StartElement, marshal func(xml.StartElement) error) error {
	failed := false
	err := e.EncodeElement(xmlMarshaler(func(start xml.StartElement) error {
		err := marshal(start)
		failed = err != nil
		return err
	}), start)
	if err != nil && !failed {
		if text := strings.Replace(err.Error(), "box.xmlMarshaler", receiver, 1); text != err.Error() {
			return fmt.Errorf("%s", text)
		}
	}
	return err
}

// receiverName returns how encoding/xml calls the type of a receiver, which is t or a pointer to it.
func (c xmlCodec) receiverName(t types.Type, recv reflect.Value) string {
	_, isPointer := t.Underlying().(*types.Pointer)
	switch {
	case recv.Kind() == reflect.Pointer && !isPointer:
		return "(*" + c.prog.name(t) + ")"
	case isNamed(t):
		return c.prog.name(t)
	}
	return "(" + c.prog.name(t) + ")"
}

type xmlMarshaler func(xml.StartElement) error

// MarshalXML implements xml.Marshaler.
func (m xmlMarshaler) MarshalXML(_ *xml.Encoder, start xml.StartElement) error { return m(start) }

type xmlText func() ([]byte, error)

// MarshalText implements encoding.TextMarshaler.
func (m xmlText) MarshalText() ([]byte, error) { return m() }

// structure writes a struct in its shape.
func (c xmlCodec) structure(e *xml.Encoder, t types.Type, v reflect.Value, x xmlElement) error {
	s := c.shape(t, v.Type(), false)
	if s.err != nil {
		return s.err
	}
	var own xml.Name
	if s.named {
		if own.Space, own.Local = xmlNameIn(s.name); own.Local == "" {
			own = s.nameIn(v)
		}
	}
	start := c.begin(x, t)
	if x.start == nil && own.Local != "" {
		start.Name = own
	}
	if start.Name.Local == "" {
		return &xml.UnsupportedTypeError{Type: c.prog.named(t, v.Type())}
	}
	if space, local := xmlNameIn(s.name); s.named && space == "" && local == "" && start.Name.Space == "" && x.space != "" {
		start.Attr = append(start.Attr, xml.Attr{Name: xml.Name{Local: "xmlns"}})
	}
	made := reflect.New(s.rt)
	c.fill(s, made.Elem(), v, start.Name.Space)
	if v.CanAddr() {
		return c.renamed(s, e.EncodeElement(made.Interface(), start), t)
	}
	return c.renamed(s, e.EncodeElement(made.Elem().Interface(), start), t)
}

// nameIn returns the value of the field XMLName.
func (s *xmlShape) nameIn(v reflect.Value) xml.Name {
	for _, i := range s.namePath {
		if v.Kind() == reflect.Pointer {
			if v.IsNil() {
				return xml.Name{}
			}
			v = v.Elem()
		}
		v = v.Field(i)
	}
	name, _ := reflect.TypeAssert[xml.Name](v)
	return name
}

// fill sets a shape from a struct.
func (c xmlCodec) fill(s *xmlShape, to, v reflect.Value, space string) {
	for i := range s.fields {
		f := &s.fields[i]
		field, at := v.Field(f.index), to.Field(i)
		switch {
		case f.inner != nil:
			c.fillEmbedded(f, at, field, space)
		case f.direct:
			at.Set(field)
		default:
			c.fillField(f, at, field, space)
		}
	}
}

func (c xmlCodec) fillEmbedded(f *xmlField, at, field reflect.Value, space string) {
	if f.pointer {
		if field = even(f.typ, field); !field.IsValid() || field.IsNil() {
			return
		}
		at.Set(reflect.New(f.inner.rt))
		at, field = at.Elem(), field.Elem()
	}
	c.fill(f.inner, at, field, space)
}

func (c xmlCodec) fillField(f *xmlField, at, v reflect.Value, space string) {
	if v = even(f.typ, v); !v.IsValid() {
		return
	}
	node := xmlNode{codec: c, t: f.typ, v: v}
	if !f.parents {
		node.space = space
	}
	switch f.mode {
	case "attr":
		if f.omitEmpty && isEmpty(f.typ, v) {
			return
		}
		if at.Kind() == reflect.Slice {
			for i := range v.Len() {
				elem := xmlNode{codec: c, t: f.typ.Underlying().(*types.Slice).Elem(), v: v.Index(i)}
				at.Set(reflect.Append(at, reflect.ValueOf(elem)))
			}
			return
		}
	case "chardata", "cdata":
		if text := c.charData(f.typ, v); text != nil {
			at.Set(reflect.ValueOf(text))
		}
		return
	case "comment", "innerxml":
		_, held := c.follow(f.typ, v)
		if held.IsValid() && (held.Kind() == reflect.String || held.Kind() == reflect.Slice && held.Type().Elem().Kind() == reflect.Uint8) {
			at.Set(held)
			return
		}
		if f.mode == "comment" {
			at.Set(reflect.ValueOf(0)) // which is not a comment either
			return
		}
	default:
		if (v.Kind() == reflect.Pointer || v.Kind() == reflect.Interface) && v.IsNil() {
			return
		}
		node.empty = f.omitEmpty && isEmpty(f.typ, v)
	}
	at.Set(reflect.ValueOf(node))
}

// follow goes through interfaces and pointers. The value is invalid for nil.
func (c xmlCodec) follow(t types.Type, v reflect.Value) (types.Type, reflect.Value) {
	for {
		v = even(t, v)
		switch {
		case !v.IsValid():
			return t, v
		case v.Kind() == reflect.Interface:
			t, v = c.prog.dynamic(v)
			if t == nil {
				return nil, reflect.Value{}
			}
		case v.Kind() == reflect.Pointer:
			if v.IsNil() {
				return t, reflect.Value{}
			}
			t, v = t.Underlying().(*types.Pointer).Elem(), v.Elem()
		default:
			return t, v
		}
	}
}

// charData returns what stands for character data: a text marshaler, or a value of a predeclared type.
func (c xmlCodec) charData(t types.Type, v reflect.Value) any {
	if m, recv := c.find(t, v, "MarshalText", sigMarshal); m != nil {
		return xmlText(func() ([]byte, error) {
			out := m(recv)
			return out[0].Bytes(), errorOf(out[1])
		})
	}
	t, v = c.follow(t, v)
	if !v.IsValid() {
		return nil
	}
	if v.Kind() == reflect.Slice && Name(t) != "[]uint8" {
		return nil // encoding/xml leaves out named types
	}
	return v.Interface()
}

// xmlNode is a value that stands in a shape.
type xmlNode struct {
	codec xmlCodec
	t     types.Type
	v     reflect.Value
	space string
	empty bool
}

// MarshalXML implements xml.Marshaler.
func (n xmlNode) MarshalXML(e *xml.Encoder, start xml.StartElement) error {
	if n.empty {
		return nil
	}
	return n.codec.encode(e, n.t, n.v, xmlElement{name: start.Name, space: n.space})
}

// MarshalXMLAttr implements xml.MarshalerAttr.
func (n xmlNode) MarshalXMLAttr(name xml.Name) (xml.Attr, error) {
	c, t, v := n.codec, n.t, even(n.t, n.v)
	if v.Kind() == reflect.Interface {
		if t, v = c.prog.dynamic(v); t == nil {
			return xml.Attr{}, nil
		}
	}
	if m, recv := c.find(t, v, "MarshalXMLAttr", sigMarshalXMLAttr); m != nil {
		out := m(recv, reflect.ValueOf(name))
		return out[0].Interface().(xml.Attr), errorOf(out[1])
	}
	if m, recv := c.find(t, v, "MarshalText", sigMarshal); m != nil {
		out := m(recv)
		return xml.Attr{Name: name, Value: string(out[0].Bytes())}, errorOf(out[1])
	}
	if v.Kind() == reflect.Pointer {
		if v.IsNil() {
			return xml.Attr{}, nil
		}
		t, v = t.Underlying().(*types.Pointer).Elem(), v.Elem()
	}
	if attr, ok := reflect.TypeAssert[xml.Attr](v); ok {
		return attr, nil
	}
	text, ok := simpleXMLText(v)
	if !ok {
		return xml.Attr{}, &xml.UnsupportedTypeError{Type: c.prog.named(t, v.Type())}
	}
	return xml.Attr{Name: name, Value: text}, nil
}

func simpleXMLText(v reflect.Value) (string, bool) {
	switch {
	case v.CanInt():
		return strconv.FormatInt(v.Int(), 10), true
	case v.CanUint():
		return strconv.FormatUint(v.Uint(), 10), true
	case v.CanFloat():
		return strconv.FormatFloat(v.Float(), 'g', -1, v.Type().Bits()), true
	case v.Kind() == reflect.String:
		return v.String(), true
	case v.Kind() == reflect.Bool:
		return strconv.FormatBool(v.Bool()), true
	case v.Kind() == reflect.Slice && v.Type().Elem().Kind() == reflect.Uint8:
		return string(v.Bytes()), true
	case v.Kind() == reflect.Array && v.Type().Elem().Kind() == reflect.Uint8:
		b := make([]byte, v.Len())
		reflect.Copy(reflect.ValueOf(b), v)
		return string(b), true
	}
	return "", false
}
