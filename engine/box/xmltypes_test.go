package box_test

import (
	"encoding/xml"
	"errors"
	"fmt"
	"time"
)

// The types of the differential tests of encoding/xml.

type xLevel int

func (l xLevel) MarshalText() ([]byte, error) {
	if l < 0 {
		return nil, errors.New("negative")
	}
	return []byte(fmt.Sprint("L<", int(l))), nil
}

func (l *xLevel) UnmarshalText(b []byte) error {
	_, err := fmt.Sscanf(string(b), "L<%d", (*int)(l))
	return err
}

type xPoint struct{ x, y int }

func (p xPoint) MarshalXML(e *xml.Encoder, start xml.StartElement) error {
	return e.EncodeElement(fmt.Sprintf("%d,%d", p.x, p.y), start)
}

func (p *xPoint) UnmarshalXML(d *xml.Decoder, start xml.StartElement) error {
	var s string
	if err := d.DecodeElement(&s, &start); err != nil {
		return err
	}
	_, err := fmt.Sscanf(s, "%d,%d", &p.x, &p.y)
	return err
}

type xAttr struct{ s string }

func (a xAttr) MarshalXMLAttr(name xml.Name) (xml.Attr, error) {
	if a.s == "bad" {
		return xml.Attr{}, errors.New("bad attribute")
	}
	return xml.Attr{Name: name, Value: "<" + a.s + ">"}, nil
}

func (a *xAttr) UnmarshalXMLAttr(attr xml.Attr) error {
	a.s = "read " + attr.Value
	return nil
}

type xByPointer struct{ N int }

func (p *xByPointer) MarshalXML(e *xml.Encoder, start xml.StartElement) error {
	start.Attr = append(start.Attr, xml.Attr{Name: xml.Name{Local: "p"}, Value: "1"})
	return e.EncodeElement(p.N, start)
}

type xUnclosed struct{}

func (xUnclosed) MarshalXML(e *xml.Encoder, start xml.StartElement) error {
	return e.EncodeToken(start)
}

func (*xUnclosed) UnmarshalXML(*xml.Decoder, xml.StartElement) error { return nil }

type xDoc struct {
	L  xLevel   `xml:"level,attr"`
	P  xPoint   `xml:"p"`
	Ps []xPoint `xml:"ps>p"`
	A  xAttr    `xml:"a,attr"`
	Ls []xLevel `xml:"ls"`
	Pp *xPoint
	Bp xByPointer
	T  time.Time
}

type (
	xText  string
	xBytes []byte
)

type xBase struct {
	ID xText `xml:"id"`
}

type XMeta struct {
	Kind string `xml:"kind"`
	Deep []xText
}

type xItem struct {
	xBase
	*XMeta
	Value xText `xml:",chardata"`
}

type xList struct {
	XMLName xml.Name `xml:"list"`
	Items   []xItem  `xml:"item"`
	Inner   string   `xml:",innerxml"`
}

type xAddress struct {
	City  string `xml:"city"`
	State xText  `xml:"state,attr"`
}

type xPerson struct {
	XMLName xml.Name   `xml:"urn:p person"`
	ID      int        `xml:"id,attr"`
	Name    xText      `xml:"name"`
	Emails  []xText    `xml:"contact>email"`
	Phone   *xText     `xml:"contact>phone,omitempty"`
	Addr    *xAddress  `xml:"address,omitempty"`
	Others  []xAddress `xml:"other>address"`
	Note    string     `xml:",comment"`
	secret  string
	Skip    string  `xml:"-"`
	Empty   xText   `xml:"empty,omitempty"`
	Opt     xText   `xml:"opt,attr,omitempty"`
	Any     any     `xml:"any"`
	Face    JXFace  `xml:"face"`
	Flags   []xText `xml:"flag,attr"`
	B       xBytes  `xml:"b"`
	F       float32
	OK      bool
	Rest    []xAny     `xml:",any"`
	Attrs   []xml.Attr `xml:",any,attr"`
	Array   [2]xText
	Sub     struct{ X, Y int }
	Nested  xNamed
}

type JXFace interface{ isFace() }

func (xAddress) isFace() {}

type xNamed struct {
	XMLName xml.Name `xml:"nested-name"`
	V       xText    `xml:",cdata"`
}

type xAny struct {
	XMLName xml.Name
	Attrs   []xml.Attr `xml:",any,attr"`
	Text    string     `xml:",chardata"`
	Kids    []xAny     `xml:",any"`
}

type xTree struct {
	Name string   `xml:"name,attr"`
	Kids []*xTree `xml:"tree"`
	Next *xTree
}

type xBox[T any] struct {
	V T
}

type xMap map[string]int

type xUnsupported struct{ M xMap }

type xClash struct {
	A string `xml:"a"`
	B string `xml:"a>b"`
}

type xConflict struct {
	N xNamed `xml:"other"` //nolint:staticcheck // meant
}

type xBadTag struct {
	N xText `xml:"n,chardata"` //nolint:staticcheck // meant
}

type xBadComment struct {
	C xLevelInt `xml:",comment"`
}

type xLevelInt int

type XNamed struct {
	XMLName xml.Name `xml:"nested-name"`
	V       xText    `xml:",cdata"`
}

type xOuter struct {
	XNamed
	Z int
}

type xMixed struct {
	Data    xLevel `xml:",chardata"`
	Comment xText  `xml:",comment"`
}

var _ = []any{xPerson{}.secret}

type xNameHolder struct{ N xml.Name }
