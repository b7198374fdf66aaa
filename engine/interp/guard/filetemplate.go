package guard

import (
	"fmt"
	htmltemplate "html/template"
	"path/filepath"
	"text/template"
)

// templateFuncs are those of the template packages that read files.
func templateFuncs(g *Guard) map[string]any {
	text := templateFiles[*template.Template]{
		g: g, pkg: "template",
		inner: func(t *template.Template, name string) *template.Template {
			switch {
			case t == nil:
				return template.New(name)
			case name == t.Name():
				return t
			}
			return t.New(name)
		},
		parse: (*template.Template).Parse,
	}
	html := templateFiles[*htmltemplate.Template]{
		g: g, pkg: "html/template",
		inner: func(t *htmltemplate.Template, name string) *htmltemplate.Template {
			switch {
			case t == nil:
				return htmltemplate.New(name)
			case name == t.Name():
				return t
			}
			return t.New(name)
		},
		parse: (*htmltemplate.Template).Parse,
	}
	return map[string]any{
		"text/template.ParseFiles":             func(names ...string) (*template.Template, error) { return text.files(nil, names) },
		"text/template.ParseGlob":              func(pattern string) (*template.Template, error) { return text.glob(nil, pattern) },
		"(*text/template.Template).ParseFiles": func(t *template.Template, names ...string) (*template.Template, error) { return text.files(t, names) },
		"(*text/template.Template).ParseGlob":  text.glob,
		"html/template.ParseFiles":             func(names ...string) (*htmltemplate.Template, error) { return html.files(nil, names) },
		"html/template.ParseGlob":              func(pattern string) (*htmltemplate.Template, error) { return html.glob(nil, pattern) },
		"(*html/template.Template).ParseFiles": func(t *htmltemplate.Template, names ...string) (*htmltemplate.Template, error) {
			return html.files(t, names)
		},
		"(*html/template.Template).ParseGlob": html.glob,
	}
}

// templateFiles parses the files of one of the template packages.
type templateFiles[T any] struct {
	g   *Guard
	pkg string
	// inner returns the template of a name that belongs to t, which may be nil.
	inner func(t T, name string) T
	parse func(t T, text string) (T, error)
}

// files adds a template for each file to t, which may be nil. The result is t, or the first.
func (f templateFiles[T]) files(t T, names []string) (T, error) {
	var none T
	if len(names) == 0 {
		return none, fmt.Errorf("%s: no files named in call to ParseFiles", f.pkg)
	}
	first := t
	for i, name := range names {
		text, err := f.g.readFile(name)
		if err != nil {
			return none, err
		}
		inner := f.inner(t, filepath.Base(name))
		if i == 0 && any(t) == any(none) {
			t, first = inner, inner
		}
		if _, err := f.parse(inner, string(text)); err != nil {
			return none, err
		}
	}
	return first, nil
}

func (f templateFiles[T]) glob(t T, pattern string) (T, error) {
	var none T
	names, err := f.g.glob(pattern, 0)
	if err != nil {
		return none, err
	}
	if len(names) == 0 {
		return none, fmt.Errorf("%s: pattern matches no files: %#q", f.pkg, pattern)
	}
	return f.files(t, names)
}
