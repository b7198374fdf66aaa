package box_test

import (
	"fmt"
	"io"
	"net/url"
	"reflect"
	"strings"
	"testing"
	"text/template"
)

// handMade is a value that the twin does not make, with what it stands for.
type handMade struct {
	text         string
	data, erased any
}

func (p *pages) compare(t *testing.T, cases []handMade) {
	t.Helper()
	for _, c := range cases {
		tmpl := template.Must(template.New("page").Funcs(template.FuncMap{"kind": func(v reflect.Value) string {
			return fmt.Sprint(v.IsValid(), v.Kind())
		}}).Parse(c.text))
		var got, want strings.Builder
		g, w := outcome(&got, p.executeText(tmpl, &got, c.erased)), outcome(&want, tmpl.Execute(&want, c.data))
		if g != w {
			t.Errorf("%s: got %s\nwant %s", c.text, g, w)
		}
	}
}

// typeBox boxes an erased value as a value of T.
func typeBox[T any](p *pages, v any) any {
	return p.prog.Type(p.typeOf(reflect.TypeFor[T]())).Box(v)
}

func TestTemplatesOfChannels(t *testing.T) {
	p := newPages(t)
	filled := func() (chan pageRole, chan string) {
		c, e := make(chan pageRole, 3), make(chan string, 3)
		for _, s := range []string{"a", "b"} {
			c <- pageRole(s)
			e <- s
		}
		close(c)
		close(e)
		return c, e
	}
	var cases []handMade
	for _, text := range []string{
		`{{len .}} {{range .}}{{printf "%T" .}}{{.}} {{else}}none{{end}}`, `{{range $i, $r := .}}{{$i}}{{$r}}{{end}} {{range .}}x{{else}}none{{end}}`,
		`{{range .}}{{.}}{{break}}{{end}} {{len .}}`, `{{.}}`,
	} {
		c, e := filled()
		cases = append(cases, handMade{text, c, typeBox[chan pageRole](p, e)})
		cases = append(cases, handMade{text, (chan pageRole)(nil), typeBox[chan pageRole](p, (chan string)(nil))})
	}
	c, e := filled()
	cases = append(cases, handMade{`{{range .}}{{end}}`, (chan<- pageRole)(c), typeBox[chan<- pageRole](p, (chan<- string)(e))})
	p.compare(t, cases)
}

// TestTemplatesOfWhatWasNeverSet makes sure that a field of a recursive type is nil where nothing is in it.
func TestTemplatesOfWhatWasNeverSet(t *testing.T) {
	p := newPages(t)
	p.box(&pageNode{})
	rt := reflect.TypeFor[pageNode]()
	erased := reflect.New(p.erase(p.typeOf(rt), rt))
	var cases []handMade
	for _, text := range []string{
		`{{.Next}} {{if .Next}}y{{else}}n{{end}} {{len .Kids}} {{range .Kids}}x{{else}}none{{end}} {{.Kids}} {{eq .Next nil}}`,
		`{{printf "%T %T %v" .Next .Kids .Next}} {{with .Next}}{{end}}{{not .Kids}} {{print .Kids}} {{kind .Next}}`,
		`{{.Next.Name}}`, `{{.Next.Nope}}`, `{{index .Kids 0}}`, `{{len .Next}}`, `{{.}}`, `{{kind nil}}`,
	} {
		cases = append(cases, handMade{text, &pageNode{}, typeBox[*pageNode](p, erased.Interface())})
	}
	p.compare(t, cases)
}

// TestPromotedMethodsInTemplates makes sure that methods are found in what a type embeds where the program offers them
// for that alone.
func TestPromotedMethodsInTemplates(t *testing.T) {
	p := newPages(t, "templateedgetypes_test.go")
	d := newEdgeData()
	p.box(d.Deep.edgeDeepest)
	p.box(d.Dog)
	deep, house := reflect.TypeFor[edgeDeep](), reflect.TypeFor[edgeHouse]()
	full := reflect.New(p.erase(p.typeOf(deep), deep)).Elem()
	empty := full.Interface()
	down := reflect.New(full.Field(0).Field(0).Type().Elem())
	down.Elem().Field(0).SetString("down")
	full.Field(0).Field(0).Set(down)
	home := reflect.New(p.erase(p.typeOf(house), house)).Elem()
	noHome := home.Interface()
	home.Field(0).Set(reflect.ValueOf(p.box(d.Dog)))
	p.compare(t, []handMade{
		{`{{.Depth}} {{.Width "xx"}} {{.Down}}`, edgeDeep{edgeDeeper{&edgeDeepest{Down: "down"}}}, typeBox[edgeDeep](p, full.Interface())},
		{`{{.Depth}}`, edgeDeep{edgeDeeper{&edgeDeepest{}}}, typeBox[edgeDeep](p, full.Interface())},
		{`{{.Depth}}`, edgeDeep{}, typeBox[edgeDeep](p, empty)},
		{`{{.Down}}`, edgeDeep{}, typeBox[edgeDeep](p, empty)},
		{`{{.Sound}}`, edgeHouse{edgeAnimal: d.Dog}, typeBox[edgeHouse](p, home.Interface())},
		{`{{.Sound}}`, edgeHouse{}, typeBox[edgeHouse](p, noHome)},
		{`{{.Rooms}} {{.String}}`, edgeHouse{}, typeBox[edgeHouse](p, noHome)},
	})
}

// TestPanicsInTemplates makes sure that the value of a panic is the error that it was to the program.
func TestPanicsInTemplates(t *testing.T) {
	p := newPages(t)
	data := p.box(newPageData().User)
	user := p.prog.Type(p.typeOf(reflect.TypeFor[pageUser]()))
	for want, value := range map[string]any{
		"E7": p.box(pageErr{7}), "green": p.box(pageColor(1)), "text": "text", "meant": 5, "EOF": io.EOF,
	} {
		p.prog.Meant = func(v any) any {
			if v == 5 {
				return "meant"
			}
			return v
		}
		user.SetMethod("Panics", func(any) string { panic(value) })
		tmpl := template.Must(template.New("page").Parse("{{.Panics}}"))
		err := p.executeText(tmpl, io.Discard, data)
		if err == nil || !strings.HasSuffix(err.Error(), "error calling Panics: "+want) {
			t.Errorf("panic(%v): got %v, want %s", value, err, want)
		}
	}
}

func TestTemplatesOfHostData(t *testing.T) {
	p := newPages(t)
	p.compare(t, []handMade{
		{`{{.}} {{len .}}`, "plain", "plain"},
		{`{{.}} {{kind .}}`, reflect.ValueOf("reflected"), reflect.ValueOf("reflected")},
		{`{{kind .}} {{len .}}`, []int{1}, []int{1}},
		{`{{range $k, $v := .}}{{$k}}{{$v}}{{end}}`, map[string][]int{"a": {1}}, map[string][]int{"a": {1}}},
	})
	plain := template.Must(template.New("page").Parse("{{.Host}} {{.Nope}}"))
	data := &url.URL{Host: "example.com"}
	if got, want := p.executeText(plain, io.Discard, data), plain.Execute(io.Discard, data); got == nil || want == nil || got.Error() != want.Error() {
		t.Errorf("got %v, want %v", got, want)
	}
	var none *template.Template
	defer func() {
		if recover() == nil {
			t.Error("a template that is nil is executed")
		}
	}()
	_ = p.executeText(none, io.Discard, 1)
}
