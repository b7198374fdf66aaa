package box

import (
	htmltemplate "html/template"
	"io"
	"reflect"
	"sync"
	"text/template"
	"text/template/parse"
)

// hostTemplate is what the execution of a template needs of it and is not told: its functions, and what a missing key of a
// map means. They are read by reflection; a test holds the names of the fields.
type hostTemplate struct {
	mu      *sync.RWMutex
	funcs   *map[string]reflect.Value
	missing *int
}

// What the option missingkey of a template means.
const (
	missingInvalid = iota
	missingZero
	missingError
)

func (e *templates) hostTemplate(t *template.Template) *hostTemplate {
	common := reflect.ValueOf(t).Elem().FieldByName("common")
	if common.IsNil() {
		return &hostTemplate{}
	}
	common = common.Elem()
	mu, _ := reflect.TypeAssert[*sync.RWMutex](hidden(common.FieldByName("muFuncs")))
	funcs, _ := reflect.TypeAssert[*map[string]reflect.Value](hidden(common.FieldByName("execFuncs")))
	missing := hidden(common.FieldByName("option").FieldByName("missingKey"))
	return &hostTemplate{mu: mu, funcs: funcs, missing: (*int)(missing.UnsafePointer())}
}

// hidden returns a pointer to a field that is not exported.
func hidden(field reflect.Value) reflect.Value {
	return reflect.NewAt(field.Type(), field.Addr().UnsafePointer())
}

// function returns a function that the template was given.
func (h *hostTemplate) function(name string) (reflect.Value, bool) {
	if h.mu == nil {
		return reflect.Value{}, false
	}
	h.mu.RLock()
	defer h.mu.RUnlock()
	fn := (*h.funcs)[name]
	return fn, fn.IsValid()
}

// hasFuncs reports whether the template was given functions by others than html/template.
func (h *hostTemplate) hasFuncs() bool {
	if h.mu == nil {
		return false
	}
	h.mu.RLock()
	defer h.mu.RUnlock()
	for name := range *h.funcs {
		if !isEscaper(name) {
			return true
		}
	}
	return false
}

func (h *hostTemplate) missingKey() int {
	if h.missing == nil {
		return missingInvalid
	}
	return *h.missing
}

// escaped escapes a template as its Execute does, and returns what Execute would execute then.
func (e *templates) escaped(t *htmltemplate.Template) (*template.Template, error) {
	e.escaping.Lock()
	defer e.escaping.Unlock()
	text := textOf(t)
	if text == nil {
		return nil, t.Execute(io.Discard, nil)
	}
	// A copy of t that shares all but what it executes, which is nothing: what remains of Execute is the escaping.
	nothing := *text
	nothing.Tree = &parse.Tree{Name: text.Name(), Root: &parse.ListNode{NodeType: parse.NodeList}}
	same := *t
	hidden(reflect.ValueOf(&same).Elem().FieldByName("text")).Elem().Set(reflect.ValueOf(&nothing))
	if err := same.Execute(io.Discard, nil); err != nil {
		return nil, err
	}
	return text, nil
}

// textOf returns the template of text/template that is behind one of html/template.
func textOf(t *htmltemplate.Template) *template.Template {
	text, _ := reflect.TypeAssert[*template.Template](hidden(reflect.ValueOf(t).Elem().FieldByName("text")).Elem())
	return text
}
