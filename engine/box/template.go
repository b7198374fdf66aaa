package box

import (
	"go/types"
	htmltemplate "html/template"
	"io"
	"reflect"
	"text/template"
)

// templateFuncs stands in for text/template and html/template. Templates are those packages' own, parsed and escaped by
// them; what executes them here does so over the types of the program. Where neither the data nor a function
// can lead to something of the program, the packages execute them themselves.
func (p *Program) templateFuncs() map[string]any {
	e := p.templates()
	return map[string]any{
		"(*text/template.Template).Execute": e.run,
		"(*text/template.Template).ExecuteTemplate": func(t *template.Template, w io.Writer, name string, data any) error {
			named := t.Lookup(name)
			if named == nil {
				return t.ExecuteTemplate(w, name, data)
			}
			return e.run(named, w, data)
		},
		"(*text/template.Template).Funcs": func(t *template.Template, funcs template.FuncMap) *template.Template {
			return t.Funcs(e.funcMap(funcs))
		},
		"text/template.HTMLEscaper":     func(args ...any) string { return e.html(e.dynamics(args)) },
		"text/template.JSEscaper":       func(args ...any) string { return e.js(e.dynamics(args)) },
		"text/template.URLQueryEscaper": func(args ...any) string { return e.urlQuery(e.dynamics(args)) },
		"text/template.IsTrue":          e.isTrue,

		"(*html/template.Template).Execute": func(t *htmltemplate.Template, w io.Writer, data any) error {
			text, err := e.escaped(t)
			if err != nil {
				return err
			}
			return e.run(text, w, data)
		},
		"(*html/template.Template).ExecuteTemplate": e.executeHTML,
		"(*html/template.Template).Funcs": func(t *htmltemplate.Template, funcs htmltemplate.FuncMap) *htmltemplate.Template {
			return t.Funcs(e.funcMap(funcs))
		},
		"html/template.HTMLEscaper":     func(args ...any) string { return e.html(e.dynamics(args)) },
		"html/template.JSEscaper":       func(args ...any) string { return e.js(e.dynamics(args)) },
		"html/template.URLQueryEscaper": func(args ...any) string { return e.urlQuery(e.dynamics(args)) },
		"html/template.IsTrue":          e.isTrue,
	}
}

// run executes a template of text/template.
func (e *templates) run(t *template.Template, w io.Writer, data any) error {
	if e.isHosts(t, data) {
		return t.Execute(w, data)
	}
	return e.execute(t, w, data)
}

// isHosts reports whether an execution can meet neither a value of the program nor a panic of one of its functions.
func (e *templates) isHosts(t *template.Template, data any) bool {
	if t == nil {
		return true // which panics as it does
	}
	if !e.isClosed(reflect.TypeOf(data)) {
		return false
	}
	return !e.hostTemplate(t).hasFuncs()
}

func (e *templates) executeHTML(t *htmltemplate.Template, w io.Writer, name string, data any) error {
	named := t.Lookup(name)
	if named == nil || textOf(named) == nil || textOf(named).Tree == nil || textOf(named).Root == nil {
		return t.ExecuteTemplate(w, name, data) // there is nothing to execute
	}
	text, err := e.escaped(named)
	if err != nil {
		return err
	}
	return e.run(text, w, data)
}

// ownTemplateFunc is what a template is given for a function of the program. Execution here calls what is in the Box.
type ownTemplateFunc func() (Box, error)

// funcMap returns functions that a template can be given. It panics where one is none, as Funcs does.
func (e *templates) funcMap(funcs template.FuncMap) template.FuncMap {
	all := make(template.FuncMap, len(funcs))
	for name, fn := range funcs {
		all[name] = fn
		b, ok := Unwrap(fn).(Box)
		if !ok {
			continue
		}
		if _, ok := b.T.Type.Underlying().(*types.Signature); !ok {
			panic("value for " + name + " not a function")
		}
		if err := e.funcOf(e.dynamic(b)).sig.resultFault(name); err != nil {
			panic(err)
		}
		all[name] = ownTemplateFunc(func() (Box, error) { return b, nil })
	}
	return all
}

func (e *templates) isTrue(v any) (truth, ok bool) { return e.truth(e.dynamic(v)) }

func (e *templates) dynamics(args []any) []tmplValue {
	values := make([]tmplValue, len(args))
	for i, arg := range args {
		values[i] = e.dynamic(arg)
	}
	return values
}
