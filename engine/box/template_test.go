package box_test

import (
	htmltemplate "html/template"
	"io"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"text/template"

	"github.com/scriptd/scriptd/engine/box"
)

// pages holds templates against the same ones over compiled types.
type pages struct {
	*twin
	executeText     func(*template.Template, io.Writer, any) error
	executeTextName func(*template.Template, io.Writer, string, any) error
	textFuncs       func(*template.Template, template.FuncMap) *template.Template
	executeHTML     func(*htmltemplate.Template, io.Writer, any) error
	executeHTMLName func(*htmltemplate.Template, io.Writer, string, any) error
	htmlFuncs       func(*htmltemplate.Template, htmltemplate.FuncMap) *htmltemplate.Template
}

func newPages(t testing.TB, more ...string) *pages {
	t.Helper()
	w := newTwin(t, append(more, "templatetypes_test.go")...)
	d := newPageData()
	for _, v := range []any{
		d.User, d.Ptr, d.Color, d.Role, d.Label, d.Err, d.Shape, d.Any, d.Ptr.Home, new(d.Money), d.PtrPtr, d.Bad, d.Bads, d.Team, d.Pair, d.JSON,
		d.Panicking, d.Times, d.Set, d.Arr, d.Anon, d.Void, d.Matrix, d.Colors, d.ByName, d.People, d, d.User.Roles, d.User.pageBase, d.User.pageExtra, d.Money,
		d.ColorP, d.Empty,
	} {
		w.box(v) // so that functions can have it back from an interface
	}
	w.prog.Wrap = func(b box.Box, _ reflect.Type) reflect.Value { return reflect.ValueOf(testStringer{b}) }
	funcs := w.prog.Funcs()
	return &pages{
		twin:            w,
		executeText:     pageStand[func(*template.Template, io.Writer, any) error](t, funcs, "(*text/template.Template).Execute"),
		executeTextName: pageStand[func(*template.Template, io.Writer, string, any) error](t, funcs, "(*text/template.Template).ExecuteTemplate"),
		textFuncs:       pageStand[func(*template.Template, template.FuncMap) *template.Template](t, funcs, "(*text/template.Template).Funcs"),
		executeHTML:     pageStand[func(*htmltemplate.Template, io.Writer, any) error](t, funcs, "(*html/template.Template).Execute"),
		executeHTMLName: pageStand[func(*htmltemplate.Template, io.Writer, string, any) error](t, funcs, "(*html/template.Template).ExecuteTemplate"),
		htmlFuncs:       pageStand[func(*htmltemplate.Template, htmltemplate.FuncMap) *htmltemplate.Template](t, funcs, "(*html/template.Template).Funcs"),
	}
}

func pageStand[T any](t testing.TB, funcs map[string]any, name string) T {
	t.Helper()
	f, ok := funcs[name].(T)
	if !ok {
		t.Fatalf("Funcs()[%q] is %T", name, funcs[name])
	}
	return f
}

// addresses are not the same twice.
var addresses = regexp.MustCompile(`(?i)0x[0-9a-f]{6,}`)

func outcome(b *strings.Builder, err error) string {
	if err != nil {
		b.WriteString("\nerror: " + err.Error())
	}
	return addresses.ReplaceAllString(b.String(), "ADDRESS")
}

func (p *pages) text(t *testing.T, text string, data any, option ...string) (got, want string) {
	t.Helper()
	got, want, err := p.tryText(text, data, option...)
	if err != nil {
		t.Fatal(err)
	}
	return got, want
}

// tryText returns what a template does over the program and over compiled types; an error is the parser's.
func (p *pages) tryText(text string, data any, option ...string) (got, want string, err error) {
	var b strings.Builder
	compiled := template.New("page").Option(option...).Funcs(pageFuncs())
	if _, err := compiled.Parse(text); err != nil {
		return "", "", err
	}
	want = outcome(&b, compiled.Execute(&b, data))
	b.Reset()
	own := p.textFuncs(template.New("page").Option(option...), p.funcMap(pageFuncs()))
	if _, err := own.Parse(text); err != nil {
		return "", "", err
	}
	return outcome(&b, p.executeText(own, &b, p.box(data))), want, nil
}

func (p *pages) html(t *testing.T, text string, data any) (got, want string) {
	t.Helper()
	run := func(funcs func(*htmltemplate.Template), execute func(*htmltemplate.Template, io.Writer, any) error, data any) string {
		tmpl := htmltemplate.New("page")
		funcs(tmpl)
		if _, err := tmpl.Parse(text); err != nil {
			t.Fatal(err)
		}
		var b strings.Builder
		return outcome(&b, execute(tmpl, &b, data))
	}
	want = run(func(tmpl *htmltemplate.Template) { tmpl.Funcs(pageFuncs()) }, (*htmltemplate.Template).Execute, data)
	got = run(func(tmpl *htmltemplate.Template) { p.htmlFuncs(tmpl, p.funcMap(pageFuncs())) }, p.executeHTML, p.box(data))
	return got, want
}

func TestTemplatesAsCompiled(t *testing.T) {
	p := newPages(t)
	for _, text := range textPages {
		t.Run(text, func(t *testing.T) {
			if got, want := p.text(t, text, newPageData()); got != want {
				t.Errorf("got  %s\nwant %s", got, want)
			}
			if got, want := p.text(t, text, *newPageData(), "missingkey=error"); got != want {
				t.Errorf("of a value: got  %s\nwant %s", got, want)
			}
		})
	}
}

// TestTemplatesOverCompiledTypes makes sure that what is not of the program is what it always was, where it cannot be
// left to the packages of templates because something of the program may be in it.
func TestTemplatesOverCompiledTypes(t *testing.T) {
	p := newPages(t)
	for _, text := range textPages {
		var got, want strings.Builder
		tmpl := template.Must(template.New("page").Funcs(pageFuncs()).Parse(text))
		g := outcome(&got, p.executeText(tmpl, &got, newPageData()))
		if w := outcome(&want, tmpl.Execute(&want, newPageData())); g != w {
			t.Errorf("%s: got %s\nwant %s", text, g, w)
		}
	}
	for _, text := range htmlPages {
		var got, want strings.Builder
		parse := func() *htmltemplate.Template {
			return htmltemplate.Must(htmltemplate.New("page").Funcs(pageFuncs()).Parse(text))
		}
		g := outcome(&got, p.executeHTML(parse(), &got, newPageData()))
		if w := outcome(&want, parse().Execute(&want, newPageData())); g != w {
			t.Errorf("html %s: got %s\nwant %s", text, g, w)
		}
	}
}

func TestTemplatesOfOtherData(t *testing.T) {
	p := newPages(t)
	for name, c := range otherPages() {
		t.Run(name, func(t *testing.T) {
			if got, want := p.text(t, c.text, c.data, c.option...); got != want {
				t.Errorf("got  %s\nwant %s", got, want)
			}
		})
	}
}

func TestHTMLTemplatesAsCompiled(t *testing.T) {
	p := newPages(t)
	for _, text := range htmlPages {
		t.Run(text, func(t *testing.T) {
			if got, want := p.html(t, text, newPageData()); got != want {
				t.Errorf("got  %s\nwant %s", got, want)
			}
		})
	}
}
