package box

import (
	"fmt"
	"text/template"
)

func openAll(args []tmplValue) []any {
	opened := make([]any, len(args))
	for i, arg := range args {
		opened[i] = arg.open()
	}
	return opened
}

func (e *templates) sprint(args []tmplValue) string { return sprint(openAll(args)) }

func (e *templates) sprintln(args []tmplValue) string { return fmt.Sprintln(openAll(args)...) }

// text returns what its arguments look like in the output.
func (e *templates) text(args []tmplValue) string {
	shown := make([]tmplValue, len(args))
	for i, arg := range args {
		shown[i] = arg
		if x, err := e.printable(e.dynamic(arg.open())); err == nil && x.valid() {
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
