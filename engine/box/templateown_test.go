package box_test

import (
	"bytes"
	"fmt"
	htmltemplate "html/template"
	"io"
	"reflect"
	"strings"
	"sync"
	"testing"
	"text/template"
)

// TestRangeOverOwnFuncs makes sure that what a function of the program yields has its types.
func TestRangeOverOwnFuncs(t *testing.T) {
	p := newPages(t)
	two := func(yield func(pageRole, pageColor) bool) { _ = yield("a", 1) && yield("b", 2) }
	one := func(yield func(*pageAddr) bool) {
		_ = yield(&pageAddr{City: "Rome"}) && yield(&pageAddr{City: "Oslo"})
	}
	erasedTwo := p.prog.Type(p.typeOf(reflect.TypeOf(two))).Box(func(yield func(string, int) bool) { _ = yield("a", 1) && yield("b", 2) })
	addr := p.box(newPageData().Ptr.Home)
	erasedAddr := reflect.ValueOf(addr).FieldByName("V").Elem().Type()
	erasedOne := p.prog.Type(p.typeOf(reflect.TypeOf(one))).Box(reflect.MakeFunc(
		reflect.FuncOf([]reflect.Type{reflect.FuncOf([]reflect.Type{erasedAddr}, []reflect.Type{reflect.TypeFor[bool]()}, false)}, nil, false),
		func(args []reflect.Value) []reflect.Value {
			for _, city := range []string{"Rome", "Oslo"} {
				v := reflect.New(erasedAddr.Elem())
				v.Elem().Field(0).SetString(city)
				if !args[0].Call([]reflect.Value{v})[0].Bool() {
					break
				}
			}
			return nil
		}).Interface())
	for _, c := range []struct {
		text         string
		data, erased any
	}{
		{`{{range $k, $v := .}}{{printf "%T %T" $k $v}} {{$k}} {{$v}};{{end}}`, two, erasedTwo},
		{`{{range .}}{{printf "%T" .}}{{end}}`, two, erasedTwo},
		{`{{range $x := .}}{{$x}}{{break}}{{end}}`, two, erasedTwo},
		{`{{range .}}{{.City}} {{.Full}} {{.Short}};{{end}}`, one, erasedOne},
		{`{{range .}}{{.Nope}}{{end}}`, one, erasedOne},
		{`{{range $k, $v := .}}{{end}}`, one, erasedOne},
		{`{{.}}`, one, erasedOne},
	} {
		tmpl := template.Must(template.New("page").Parse(c.text))
		var got, want strings.Builder
		g, w := outcome(&got, p.executeText(tmpl, &got, c.erased)), outcome(&want, tmpl.Execute(&want, c.data))
		if g != w {
			t.Errorf("%s: got %s\nwant %s", c.text, g, w)
		}
	}
}

func TestTemplatesThatCallThemselves(t *testing.T) {
	p := newPages(t)
	tmpl := template.Must(template.New("page").Parse(`{{define "x"}}{{template "x" .}}{{end}}{{template "x" .Role}}`))
	d := newPageData()
	got, want := p.executeText(tmpl, io.Discard, p.box(d)), tmpl.Execute(io.Discard, d)
	if got == nil || want == nil || got.Error() != want.Error() {
		t.Errorf("got %v, want %v", got, want)
	}
}

// TestTemplatesAtOnce executes one template many times at once, from the first time on.
func TestTemplatesAtOnce(t *testing.T) {
	p := newPages(t)
	const text = `{{define "row"}}<li title="{{.Role}}">{{.Upper}} {{.Greet "hi" 2}} {{.Home}}</li>{{end}}` +
		`{{range .Team}}{{template "row" .}}{{.Adult}}{{end}}{{double .Money}} {{paint .Role .Color}} {{with .Ptr}}{{.Home.Full}}{{end}}` +
		`{{range $k, $v := .Set}}{{$k}}={{$v}} {{end}}<script>var x = {{.User.Addr}};</script>{{index .Colors 2}} {{eq .Role "r&d"}}`
	d := newPageData()
	plain := p.textFuncs(template.New("page"), p.funcMap(pageFuncs()))
	html := p.htmlFuncs(htmltemplate.New("page"), p.funcMap(pageFuncs()))
	template.Must(plain.Parse(text))
	htmltemplate.Must(html.Parse(text))
	var wantText, wantHTML bytes.Buffer
	if err := template.Must(template.New("page").Funcs(pageFuncs()).Parse(text)).Execute(&wantText, d); err != nil {
		t.Fatal(err)
	}
	if err := htmltemplate.Must(htmltemplate.New("page").Funcs(pageFuncs()).Parse(text)).Execute(&wantHTML, d); err != nil {
		t.Fatal(err)
	}
	data := p.box(d)
	// Methods with pointer receivers that only read, unlike those of the twin, which write back.
	user := p.prog.Type(p.typeOf(reflect.TypeFor[*pageUser]()))
	user.SetMethod("Adult", func(recv any) bool { return reflect.ValueOf(recv).Elem().FieldByName("Age").Int() >= 18 })
	user.SetMethod("Upper", func(recv any) string {
		return strings.ToUpper(reflect.ValueOf(recv).Elem().FieldByName("Name").String())
	})
	user.SetMethod("Greet", func(recv any, s string, n int) string {
		return strings.Repeat(s+" ", n) + reflect.ValueOf(recv).Elem().FieldByName("Name").String()
	})
	p.prog.Type(p.typeOf(reflect.TypeFor[*pageAddr]())).SetMethod("Full", func(recv any) string {
		v := reflect.ValueOf(recv).Elem()
		return fmt.Sprintf("%s %d", v.Field(0), v.Field(1).Int())
	})
	var wg sync.WaitGroup
	for range 64 {
		wg.Go(func() {
			for range 20 {
				var got bytes.Buffer
				if err := p.executeText(plain, &got, data); err != nil {
					t.Error(err)
				}
				if g := addresses.ReplaceAllString(got.String(), "ADDRESS"); g != addresses.ReplaceAllString(wantText.String(), "ADDRESS") {
					t.Errorf("text: got %s\nwant %s", g, wantText.String())
				}
				got.Reset()
				if err := p.executeHTML(html, &got, data); err != nil {
					t.Error(err)
				}
				if g := addresses.ReplaceAllString(got.String(), "ADDRESS"); g != addresses.ReplaceAllString(wantHTML.String(), "ADDRESS") {
					t.Errorf("html: got %s\nwant %s", g, wantHTML.String())
				}
			}
		})
	}
	wg.Wait()
}

func BenchmarkTemplate(b *testing.B) {
	p := newPages(b)
	const text = `{{range .Team}}{{.Name}} {{.Age}} {{.Role}} {{.Addr.City}}{{if eq .Role "admin"}}!{{end}} {{range .Roles}}{{.}},{{end}}{{end}}`
	tmpl := template.Must(template.New("page").Parse(text))
	d := newPageData()
	b.Run("compiled", func(b *testing.B) {
		for b.Loop() {
			_ = tmpl.Execute(io.Discard, d)
		}
	})
	data := p.box(d)
	b.Run("erased", func(b *testing.B) {
		for b.Loop() {
			_ = p.executeText(tmpl, io.Discard, data)
		}
	})
}
