package box_test

import (
	"errors"
	htmltemplate "html/template"
	"io"
	"reflect"
	"strings"
	"testing"
	"text/template"

	"github.com/scriptd/scriptd/engine/box"
)

func TestExecuteTemplateAsCompiled(t *testing.T) {
	p := newPages(t)
	const text = `{{define "a"}}{{.Name}}{{template "b" .Role}}{{end}}{{define "b"}}[{{.}}]{{end}}{{.Upper}}`
	d := newPageData()
	plain := template.Must(template.New("page").Parse(text))
	html := htmltemplate.Must(htmltemplate.New("page").Parse(text))
	compiled := htmltemplate.Must(htmltemplate.New("page").Parse(text))
	for _, name := range []string{"a", "b", "page", "none", ""} {
		var got, want strings.Builder
		g := outcome(&got, p.executeTextName(plain, &got, name, p.box(d.User)))
		if w := outcome(&want, plain.ExecuteTemplate(&want, name, d.User)); g != w {
			t.Errorf("text %q: got %s\nwant %s", name, g, w)
		}
		got.Reset()
		want.Reset()
		g = outcome(&got, p.executeHTMLName(html, &got, name, p.box(d.User)))
		if w := outcome(&want, compiled.ExecuteTemplate(&want, name, d.User)); g != w {
			t.Errorf("html %q: got %s\nwant %s", name, g, w)
		}
	}
}

func TestIncompleteTemplates(t *testing.T) {
	p := newPages(t)
	data := p.box(newPageData().User)
	for name, run := range map[string]func(func(*template.Template, any) error, func(*htmltemplate.Template, any) error) error{
		"text": func(text func(*template.Template, any) error, _ func(*htmltemplate.Template, any) error) error {
			return text(template.New("new"), data)
		},
		"no text": func(text func(*template.Template, any) error, _ func(*htmltemplate.Template, any) error) error {
			return text(new(template.Template), data)
		},
		"html": func(_ func(*template.Template, any) error, html func(*htmltemplate.Template, any) error) error {
			return html(htmltemplate.New("new"), data)
		},
	} {
		got := run(func(t *template.Template, v any) error { return p.executeText(t, io.Discard, v) },
			func(t *htmltemplate.Template, v any) error { return p.executeHTML(t, io.Discard, v) })
		want := run(func(t *template.Template, v any) error { return t.Execute(io.Discard, v) },
			func(t *htmltemplate.Template, v any) error { return t.Execute(io.Discard, v) })
		if got == nil || want == nil || got.Error() != want.Error() {
			t.Errorf("%s: got %v, want %v", name, got, want)
		}
	}
}

// TestEscapedTemplates makes sure that a template of html/template is afterwards as if its own Execute had been called.
func TestEscapedTemplates(t *testing.T) {
	p := newPages(t)
	d := newPageData()
	parse := func() *htmltemplate.Template {
		return htmltemplate.Must(htmltemplate.New("page").Parse(
			`{{define "x"}}{{.}}{{end}}<a title="{{template "x" .Role}}" href="{{.Role}}">{{template "x" .Role}}</a>`))
	}
	got, want := parse(), parse()
	var before, after, real strings.Builder
	if err := p.executeHTML(got, &before, p.box(d)); err != nil {
		t.Fatal(err)
	}
	if err := want.Execute(&real, d); err != nil {
		t.Fatal(err)
	}
	if err := got.Execute(&after, d); err != nil {
		t.Fatal(err)
	}
	if before.String() != real.String() || after.String() != real.String() {
		t.Errorf("got %s, then %s\nwant %s", before.String(), after.String(), real.String())
	}
	for name, use := range map[string]func(*htmltemplate.Template) error{
		"Clone": func(t *htmltemplate.Template) error { _, err := t.Clone(); return err },
		"Parse": func(t *htmltemplate.Template) error { _, err := t.Parse("x"); return err },
	} {
		if g, w := use(got), use(want); g == nil || w == nil || g.Error() != w.Error() {
			t.Errorf("%s: got %v, want %v", name, g, w)
		}
	}
	if g, w := got.Tree.Root.String(), want.Tree.Root.String(); g != w {
		t.Errorf("tree: got %s\nwant %s", g, w)
	}
}

type brokenWriter struct{ left int }

var errBroken = errors.New("broken")

func (w *brokenWriter) Write(b []byte) (int, error) {
	if w.left--; w.left < 0 {
		return 0, errBroken
	}
	return len(b), nil
}

func TestErrorsOfTemplates(t *testing.T) {
	p := newPages(t)
	data := p.box(newPageData())
	for n := range 3 {
		tmpl := template.Must(template.New("page").Parse(`{{.Role}} {{.Color}} {{.NilAny}}`))
		if err := p.executeText(tmpl, &brokenWriter{n}, data); err != errBroken { //nolint:errorlint // it is not wrapped
			t.Errorf("after %d writes: got %v", n, err)
		}
	}
	tmpl := template.Must(template.New("page").Parse(`{{.User.Nth 9}}`))
	err := p.executeText(tmpl, io.Discard, data)
	if e, ok := errors.AsType[template.ExecError](err); !ok || e.Name != "page" {
		t.Errorf("got %T %v, want an ExecError of page", err, err)
	}
	var wrapper box.Wrapper
	if !errors.As(err, &wrapper) || wrapper.Unbox().T.String() != "box_test.pageErr" {
		t.Errorf("got %v, want a pageErr in it", err)
	}
}

func TestFuncsThatTemplatesRefuse(t *testing.T) {
	p := newPages(t)
	for name, fn := range map[string]any{
		"two":     func(pageRole) (pageRole, string) { return "", "" },
		"three":   func(pageRole) (int, int, error) { return 0, 0, nil },
		"none":    func(pageRole) {},
		"no func": pageRole("x"),
		"own two": func(pageRole) (pageRole, pageColor) { return "", 0 },
		"host":    3,
	} {
		own := fn
		if v := reflect.ValueOf(fn); v.Kind() == reflect.Func {
			own = p.function(v)
		} else {
			own = p.box(fn)
		}
		got := panicOf(func() { p.textFuncs(template.New(""), template.FuncMap{"f": own}) })
		want := panicOf(func() { template.New("").Funcs(template.FuncMap{"f": fn}) })
		if got != want || want == "" {
			t.Errorf("%s: got %s, want %s", name, got, want)
		}
	}
}

func panicOf(f func()) (text string) {
	defer func() {
		switch r := recover().(type) {
		case nil:
		case error:
			text = r.Error()
		case string:
			text = r
		}
	}()
	f()
	return ""
}

func TestFuncsOfTemplatesPackages(t *testing.T) {
	p := newPages(t)
	d := newPageData()
	funcs := p.prog.Funcs()
	lists := [][]any{
		{}, {nil}, {d.Role}, {d.Label, d.Label}, {d.Ptr.Home}, {d.User.Addr, 1}, {"a<b", 2}, {d.Role, d.Role, nil}, {d.Err}, {d.Func},
	}
	for name, compiled := range map[string]func(...any) string{
		"text/template.HTMLEscaper": template.HTMLEscaper, "html/template.HTMLEscaper": htmltemplate.HTMLEscaper,
		"text/template.JSEscaper": template.JSEscaper, "html/template.JSEscaper": htmltemplate.JSEscaper,
		"text/template.URLQueryEscaper": template.URLQueryEscaper, "html/template.URLQueryEscaper": htmltemplate.URLQueryEscaper,
	} {
		own := pageStand[func(...any) string](t, funcs, name)
		for i, list := range lists {
			erased := make([]any, len(list))
			for i, v := range list {
				erased[i] = p.box(v)
			}
			got, want := own(erased...), compiled(list...)
			if got = addresses.ReplaceAllString(got, ""); got != addresses.ReplaceAllString(want, "") {
				t.Errorf("%s of list %d: got %s, want %s", name, i, got, want)
			}
		}
	}
	for _, name := range []string{"text/template.IsTrue", "html/template.IsTrue"} {
		own := pageStand[func(any) (bool, bool)](t, funcs, name)
		for _, v := range []any{nil, 0, d.User, d.Role, pageRole(""), d.Color, pageColor(0), d.NoMap, d.Set, d.NilPtr, d.Ptr, d.Void, d.Err} {
			got, gotOK := own(p.box(v))
			if want, wantOK := template.IsTrue(v); got != want || gotOK != wantOK {
				t.Errorf("%s(%v): got %v %v, want %v %v", name, v, got, gotOK, want, wantOK)
			}
		}
	}
}
