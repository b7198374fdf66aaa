package box

import (
	"encoding/json"
	"fmt"
	"html/template"
	"reflect"
)

var (
	stringerType  = reflect.TypeFor[fmt.Stringer]()
	marshalerType = reflect.TypeFor[json.Marshaler]()
)

// fmtFuncs are the functions of fmt, as they print values of the program.
type fmtFuncs struct {
	sprint, sprintln func(...any) string
	sprintf          func(string, ...any) string
}

func newFmtFuncs(stands map[string]any) fmtFuncs {
	f := fmtFuncs{fmt.Sprint, fmt.Sprintln, fmt.Sprintf}
	if stand, ok := stands["fmt.Sprint"].(func(...any) string); ok {
		f.sprint = stand
	}
	if stand, ok := stands["fmt.Sprintln"].(func(...any) string); ok {
		f.sprintln = stand
	}
	if stand, ok := stands["fmt.Sprintf"].(func(string, ...any) string); ok {
		f.sprintf = stand
	}
	return f
}

func openAll(args []tmplValue) []any {
	opened := make([]any, len(args))
	for i, arg := range args {
		opened[i] = arg.open()
	}
	return opened
}

func (e *templates) sprint(args []tmplValue) string { return e.fmt().sprint(openAll(args)...) }

func (e *templates) sprintln(args []tmplValue) string { return e.fmt().sprintln(openAll(args)...) }

func (e *templates) sprintf(format string, args []tmplValue) string {
	return e.fmt().sprintf(format, openAll(args)...)
}

// text returns what its arguments look like in the output.
func (e *templates) text(args []tmplValue) string {
	shown := make([]tmplValue, len(args))
	for i, arg := range args {
		shown[i] = arg
		if x, err := e.printable(e.indirectInterface(arg)); err == nil && x.valid() {
			shown[i] = x
		} else if err == nil {
			shown[i] = hostValue("<no value>")
		}
	}
	return e.sprint(shown)
}

func (e *templates) html(args []tmplValue) string { return template.HTMLEscapeString(e.text(args)) }

func (e *templates) js(args []tmplValue) string { return template.JSEscapeString(e.text(args)) }

func (e *templates) urlQuery(args []tmplValue) string { return template.URLQueryEscaper(e.text(args)) }

// escaper returns an escaping function of html/template, as it is for values of the program: they arrive as what the
// function would have made of them.
func (e *templates) escaper(name string, f *tmplFunc) *tmplFunc {
	step, keepsNil := e.untilText, name == "_eval_args_"
	if name == "_html_template_jsvalescaper" {
		step, keepsNil = e.untilJSON, true
	}
	own := *f
	own.before = func(args []tmplValue) []tmplValue {
		some := false
		opened := make([]tmplValue, len(args))
		for i, arg := range args {
			opened[i] = e.dynamic(arg.open())
			some = some || opened[i].d != nil
		}
		if !some {
			return opened
		}
		var shown []tmplValue
		for _, arg := range opened {
			if arg.valid() {
				shown = append(shown, step(arg, len(args) == 1))
			} else if keepsNil {
				shown = append(shown, arg)
			}
		}
		if len(args) == 1 {
			return shown
		}
		return []tmplValue{hostValue(e.sprint(shown))}
	}
	return &own
}

// untilText follows pointers to what prints itself, or to their end.
func (e *templates) untilText(x tmplValue, _ bool) tmplValue {
	for x.kind() == reflect.Pointer && !x.v.IsNil() && !e.printsItself(x) {
		x = e.elem(x)
	}
	return x
}

// untilJSON follows pointers to what writes itself as JSON, or to their end. One that can only print itself, and is
// alone, is what it prints.
func (e *templates) untilJSON(x tmplValue, alone bool) tmplValue {
	i := e.interfaces()
	for x.kind() == reflect.Pointer && !x.v.IsNil() && !x.implements(i.marshaler, marshalerType) {
		x = e.elem(x)
	}
	if x.d == nil || !alone || x.implements(i.marshaler, marshalerType) || !x.implements(i.stringer, stringerType) {
		return x
	}
	if m := e.methodOn(x, "String"); m != nil {
		text, err := m.call(e, nil)
		if err != nil {
			panic(err) // as it does where it is called directly
		}
		return text
	}
	return x
}
