package box

import (
	"encoding/json"
	"fmt"
	htmltemplate "html/template"
	"reflect"
	"regexp"
	"strings"
)

// jsValueEscaper is what html/template calls the function that writes values in scripts.
const jsValueEscaper = "_html_template_jsvalescaper"

// isEscaper reports whether html/template gave a template the function of that name.
func isEscaper(name string) bool {
	return strings.HasPrefix(name, "_html_template_") || name == "_eval_args_"
}

// escaper returns an escaping function of html/template, as it is for values of the program: they arrive as what the
// function would have made of them.
func (e *templates) escaper(name string, f *tmplFunc) *tmplFunc {
	own := *f
	own.before = func(args []tmplValue) []tmplValue {
		opened := make([]tmplValue, len(args))
		for i, arg := range args {
			opened[i] = e.dynamic(arg.open())
		}
		switch {
		case !e.someOpen(opened):
			return opened
		case len(opened) > 1:
			return []tmplValue{hostValue(e.sprint(e.operands(name, opened)))}
		case name == jsValueEscaper:
			return []tmplValue{e.scripted(opened[0])}
		default:
			return []tmplValue{e.untilText(opened[0])}
		}
	}
	return &own
}

// someOpen reports whether a value is of the program, or may hold one.
func (e *templates) someOpen(args []tmplValue) bool {
	for _, arg := range args {
		if arg.d != nil || arg.valid() && !e.isClosed(arg.v.Type()) {
			return true
		}
	}
	return false
}

// operands returns what an escaping function prints of several arguments.
func (e *templates) operands(name string, args []tmplValue) []tmplValue {
	var shown []tmplValue
	for _, arg := range args {
		switch {
		case !arg.valid() && name != jsValueEscaper && name != "_eval_args_":
		case name == jsValueEscaper:
			shown = append(shown, e.untilJSON(arg))
		default:
			shown = append(shown, e.untilText(arg))
		}
	}
	return shown
}

// untilText follows pointers to what prints itself, or to their end.
func (e *templates) untilText(x tmplValue) tmplValue {
	for x.kind() == reflect.Pointer && !x.v.IsNil() && !e.printsItself(x) {
		x = e.elem(x)
	}
	return x
}

// untilJSON follows pointers to what writes itself as JSON, or to their end.
func (e *templates) untilJSON(x tmplValue) tmplValue {
	for x.kind() == reflect.Pointer && !x.v.IsNil() && !x.implements(e.interfaces().marshaler, marshalerType) {
		x = e.elem(x)
	}
	return x
}

// scripted returns what the function that writes values in scripts writes as it has to be.
func (e *templates) scripted(x tmplValue) tmplValue {
	x = e.dynamic(e.untilJSON(x).open())
	if !x.valid() {
		return x
	}
	if x.d == nil && x.v.Type().PkgPath() == "html/template" {
		return x
	}
	i := e.interfaces()
	if !x.implements(i.marshaler, marshalerType) && x.implements(i.stringer, stringerType) {
		text, err := e.methodOn(x, "String").call(e, nil)
		if err != nil {
			panic(err) // as it does where it is called directly
		}
		return text
	}
	b, err := e.prog.json().marshal(x.open(), true)
	if err != nil {
		return hostValue(failedScript(err))
	}
	return hostValue(json.RawMessage(b))
}

var scriptTag = regexp.MustCompile(`(?i)<(/?)script`)

// failedScript returns what stands in a script for a value that cannot be written: a comment, which the text of the
// error does not end.
func failedScript(err error) htmltemplate.JS {
	text := scriptTag.ReplaceAllString(err.Error(), `\x3C${1}script`)
	text = strings.NewReplacer("*/", "* /", "<!--", `\x3C!--`).Replace(text)
	return htmltemplate.JS(fmt.Sprintf(" /* %s */null ", text))
}
