package box_test

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"
)

func xmlValues() []any {
	phone := xText("1<2")
	at := time.Date(2020, 1, 2, 3, 4, 5, 0, time.UTC)
	person := xPerson{
		ID: 3, Name: "A & B", Emails: []xText{"a@x", "b@x"}, Phone: &phone, Addr: &xAddress{"C", "S"}, Others: []xAddress{{"o", "p"}}, Note: " n-",
		secret: "s", Skip: "k", Any: xAddress{"any", "1"}, Face: xAddress{"f", "2"}, Flags: []xText{"x"}, B: xBytes("by"), F: 1.5, OK: true,
		Rest: []xAny{{XMLName: xml.Name{Local: "r"}, Text: "t", Kids: []xAny{{Text: "k"}}}}, Attrs: []xml.Attr{{Name: xml.Name{Local: "extra"}, Value: "v"}},
		Nested: xNamed{V: "cd]]>ata"},
	}
	return []any{
		nil, 1, xText("a<b"), xLevel(3), xLevel(-1),
		[]xLevel{1, 2},
		xBytes("b"), []byte("c"),
		xPoint{1, 2},
		&xPoint{3, 4},
		[]xPoint{{1, 2}, {3, 4}},
		xDoc{3, xPoint{1, 2}, []xPoint{{3, 4}}, xAttr{"q"}, []xLevel{5}, nil, xByPointer{6}, at},
		&xDoc{Bp: xByPointer{7}, Pp: &xPoint{}},
		xDoc{A: xAttr{"bad"}},
		xDoc{L: -1},
		xItem{xBase{"5"}, &XMeta{"k", []xText{"d"}}, "v<"},
		xItem{},
		&xItem{},
		xList{Items: []xItem{{Value: "x"}}},
		xList{Items: []xItem{{}}, Inner: "<raw/>"},
		person, &person,
		xPerson{},
		[]xPerson{{ID: 1}, {ID: 2}},
		xAddress{},
		[]any{xAddress{"x", "y"}, 1, "s", nil, &xLevelInts{}},
		&xTree{"r", []*xTree{{Name: "a", Next: &xTree{}}, nil, {Name: "b"}}, nil},
		xBox[xText]{"v"},
		xBox[xAddress]{},
		xBox[any]{xPoint{1, 2}},
		xBox[[]any]{[]any{1, xText("t")}},
		xMap{"a": 1},
		xUnsupported{},
		xClash{"1", "2"},
		xConflict{},
		xBadTag{},
		xBadComment{},
		xOuter{XNamed{V: "v"}, 1},
		xMixed{4, "c"},
		xMixed{4, "a--b"},
		xUnclosed{},
		struct{ A xUnclosed }{},
		struct{ A int }{1},
		xBox[struct{ A xUnclosed }]{},
		xByPointer{1},
		&xByPointer{1},
		[]xByPointer{{2}},
		make(chan int),
		xAny{},
		true, at,
		xNameHolder{},
		xBox[*xNamed]{&xNamed{}},
		xBox[error]{},
		xBox[[3]byte]{[3]byte{65, 66, 67}},
		xBox[[]xBytes]{[]xBytes{xBytes("q")}},
		xBox[func()]{},
	}
}

type xLevelInts = []xLevelInt

func TestXMLMarshal(t *testing.T) {
	m := newMirror(t, "xmltypes_test.go")
	marshal := m.prog.Funcs()["encoding/xml.Marshal"].(func(any) ([]byte, error))
	indent := m.prog.Funcs()["encoding/xml.MarshalIndent"].(func(any, string, string) ([]byte, error))
	element := m.prog.Funcs()["(*encoding/xml.Encoder).EncodeElement"].(func(*xml.Encoder, any, xml.StartElement) error)
	for i, v := range xmlValues() {
		t.Run(fmt.Sprintf("%d %T", i, v), func(t *testing.T) {
			boxed := m.box(v)
			if got, want := show(marshal(boxed)), show(xml.Marshal(v)); got != want {
				t.Errorf("Marshal\ngot  %s\nwant %s", got, want)
			}
			if got, want := show(indent(boxed, ">", "  ")), show(xml.MarshalIndent(v, ">", "  ")); got != want {
				t.Errorf("MarshalIndent\ngot  %s\nwant %s", got, want)
			}
			start := xml.StartElement{Name: xml.Name{Space: "urn:x", Local: "given"}, Attr: []xml.Attr{{Name: xml.Name{Local: "g"}, Value: "1"}}}
			encode := func(encode func(*xml.Encoder) error) string {
				var b bytes.Buffer
				e := xml.NewEncoder(&b)
				err := encode(e)
				if err == nil {
					err = e.Flush()
				}
				return show(b.Bytes(), err)
			}
			got := encode(func(e *xml.Encoder) error { return element(e, boxed, start) })
			want := encode(func(e *xml.Encoder) error { return e.EncodeElement(v, start) })
			if got != want {
				t.Errorf("EncodeElement\ngot  %s\nwant %s", got, want)
			}
		})
	}
}

func TestXMLUnmarshal(t *testing.T) {
	m := newMirror(t, "xmltypes_test.go")
	unmarshal := m.prog.Funcs()["encoding/xml.Unmarshal"].(func([]byte, any) error)
	decode := m.prog.Funcs()["(*encoding/xml.Decoder).Decode"].(func(*xml.Decoder, any) error)
	person := `<person xmlns="urn:p" id="9" flag="a" flag="b" opt="o" x="y"><name>x</name><contact><email>e</email><phone>5</phone><email>f</email></contact>` +
		`<address state="T"><city>D</city></address><other><address state="U"/><address/></other><!-- c --><empty/><any><city>z</city></any><face/><b>by</b><F>2.5</F>` +
		`<OK>true</OK><unknown k="v">text<kid><kid2/></kid></unknown><Array>1</Array><Sub><X>1</X></Sub><nested-name>cd</nested-name></person>`
	for i, test := range []struct {
		into any
		xml  []string
	}{
		{new(xPerson), []string{
			strings.Replace(person, "<Array>1</Array>", "", 1), person, `<person/>`, `<other/>`, `<person xmlns="urn:p" id="x"/>`,
			`<person xmlns="urn:p"><F>x</F></person>`, `<person xmlns="urn:p"><name>`, ``,
		}},
		{&xPerson{Name: "old", Emails: []xText{"old"}, Addr: &xAddress{"keep", "k"}, Any: &xAddress{}, Face: &xAddress{}, Rest: []xAny{{}}}, []string{strings.Replace(person, "<Array>1</Array>", "", 1)}},
		{new(xDoc), []string{`<doc level="L&lt;3" a="z"><p>1,2</p><ps><p>3,4</p><p>5,6</p></ps><ls>L&lt;7</ls><Pp>8,9</Pp><Bp><N>4</N></Bp><T>2020-01-02T03:04:05Z</T></doc>`, `<d><p>x</p></d>`, `<d level="q"/>`, `<d><T>x</T></d>`}},
		{new(xItem), []string{`<item><kind>a</kind>text<id>1</id>more<Deep>d</Deep></item>`, `<item/>`}},
		{new(xList), []string{`<list><item kind="a">text<id>1</id></item><item kind="b"><id>2</id></item></list>`, `<list><item></list>`, `<lis/>`}},
		{new(xTree), []string{`<tree name="r"><tree name="a"><Next name="n"/></tree><tree/></tree>`}},
		{new(xAny), []string{`<a x="1">t<b/><c><d/>u</c></a>`}},
		{new(xMixed), []string{`<m>L&lt;4<!--c--></m>`, `<m>x</m>`}},
		{new([]xPoint), []string{`<p>1,2</p>`, `<p>x</p>`}},
		{new(xLevel), []string{`<l>L&lt;3</l>`}},
		{new(xText), []string{`<t>a<b/>c</t>`}},
		{new(xMap), []string{`<m/>`}},
		{new(xUnsupported), []string{`<m><M/></m>`}},
		{new(xUnclosed), []string{`<m><M/></m>`}},
		{new(xBox[xUnclosed]), []string{`<m><V><M/></V></m>`}},
		{new(xClash), []string{`<m/>`}},
		{new(xConflict), []string{`<m/>`}},
		{new(xOuter), []string{`<nested-name>v<Z>1</Z></nested-name>`, `<o/>`}},
		{new(any), []string{`<m/>`}},
		{xText(""), []string{`<m/>`}},
		{(*xText)(nil), []string{`<m/>`}},
		{new(xBytes), []string{`<m>ab</m>`}},
		{new(*xAddress), []string{`<m><city>c</city></m>`}},
		{new(**xAddress), []string{`<m/>`}},
		{new(xBox[**xText]), []string{`<m><V/></m>`}},
	} {
		for _, text := range test.xml {
			t.Run(fmt.Sprintf("%d %T %s", i, test.into, text), func(t *testing.T) {
				compare := func(how string, got, want func(any) error) {
					t.Helper()
					boxed := m.box(test.into)
					into := m.copied(test.into)
					gotErr, wantErr := got(boxed), want(into)
					if errorText(gotErr) != errorText(wantErr) {
						t.Errorf("%s\ngot  error %v\nwant error %v", how, gotErr, wantErr)
					}
					if reached := m.compiled(boxed); !reflect.DeepEqual(reached, into) {
						t.Errorf("%s\ngot  %s\nwant %s", how, dump(reached), dump(into))
					}
				}
				compare("Unmarshal", func(v any) error { return unmarshal([]byte(text), v) }, func(v any) error { return xml.Unmarshal([]byte(text), v) })
				compare("Decode", func(v any) error { return decode(xml.NewDecoder(strings.NewReader("<!--x-->"+text)), v) },
					func(v any) error { return xml.NewDecoder(strings.NewReader("<!--x-->" + text)).Decode(v) })
			})
		}
	}
}
