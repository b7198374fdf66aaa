package box

import (
	"fmt"
	"reflect"
)

// methods prints a value with a method of its own, as far as fmt would call one for this verb. A nil t says that the
// value is one of compiled code.
func (p *printer) methods(t *Type, v reflect.Value, verb rune) (handled bool) {
	if p.erroring {
		return false
	}
	if t == nil {
		return p.compiledMethods(v, verb)
	}
	has := t.form().methods
	switch {
	case has == 0:
	case has&hasFormat != 0:
		return p.callFormat(t, v, verb)
	case p.sharpV:
		return has&hasGoString != 0 && p.callString(t, v, "GoString", verb)
	case !stringVerb(verb):
	case has&hasError != 0:
		return p.callString(t, v, "Error", verb)
	case has&hasString != 0:
		return p.callString(t, v, "String", verb)
	}
	return false
}

// stringVerb reports whether a verb prints strings.
func stringVerb(verb rune) bool {
	switch verb {
	case 'v', 's', 'x', 'X', 'q':
		return true
	}
	return false
}

func (p *printer) callFormat(t *Type, v reflect.Value, verb rune) (handled bool) {
	m, handled := t.Method("Format")
	if handled {
		defer p.catch(t, v, verb, "Format")
		m.Call(receiver(v), reflect.ValueOf(p), reflect.ValueOf(verb))
	}
	return handled
}

// callString prints what a method without parameters returns. GoString's result is printed as it is.
func (p *printer) callString(t *Type, v reflect.Value, name string, verb rune) (handled bool) {
	m, handled := t.Method(name)
	if !handled {
		return false
	}
	defer p.catch(t, v, verb, name)
	if name == "GoString" {
		verb = 's'
	}
	p.text(m.text(receiver(v)), verb)
	return handled
}

// text calls a method that returns one string.
func (m Method) text(recv any) string {
	if f, ok := reflect.TypeAssert[func(any) string](m.Func); ok {
		return f(recv)
	}
	return m.Call(recv)[0].String()
}

func receiver(v reflect.Value) any {
	if !v.IsValid() {
		return nil
	}
	return v.Interface()
}

func (p *printer) compiledMethods(v reflect.Value, verb rune) (handled bool) {
	if v.NumMethod() == 0 {
		return false
	}
	arg := v.Interface()
	if f, ok := arg.(fmt.Formatter); ok {
		defer p.catch(nil, v, verb, "Format")
		handled = true // also where the method panics
		f.Format(p, verb)
		return handled
	}
	if p.sharpV {
		if g, ok := arg.(fmt.GoStringer); ok {
			defer p.catch(nil, v, verb, "GoString")
			handled = true
			p.text(g.GoString(), 's')
		}
		return handled
	}
	if !stringVerb(verb) {
		return false
	}
	switch s := arg.(type) {
	case error:
		defer p.catch(nil, v, verb, "Error")
		handled = true
		p.text(s.Error(), verb)
	case fmt.Stringer:
		defer p.catch(nil, v, verb, "String")
		handled = true
		p.text(s.String(), verb)
	}
	return handled
}

// catch prints the panic of a method in place of its result. It is deferred.
func (p *printer) catch(t *Type, v reflect.Value, verb rune, method string) {
	r := recover()
	if r == nil {
		return
	}
	isPointer := t != nil && t.form().kind == reflect.Pointer || t == nil && v.Kind() == reflect.Pointer
	if isPointer && (!v.IsValid() || v.IsNil()) {
		p.string("<nil>")
		return
	}
	if p.panicking {
		panic(r) // printing the value of a panic panics: there is nothing more to be said
	}
	r = p.prog.meant(r)
	before := p.flags
	p.flags = flags{}
	p.string("%!")
	p.string(string(verb))
	p.string("(PANIC=")
	p.string(method)
	p.string(" method: ")
	p.panicking = true
	p.argument(r)
	p.panicking = false
	p.byte(')')
	before.width, before.precision = 0, 0 // fmt loses them here
	p.flags = before
}

// argument prints a value as the verb v does.
func (p *printer) argument(v any) {
	switch v := Unwrap(v).(type) {
	case nil:
		p.string("<nil>")
	case Box:
		p.operand(v.T, reflect.ValueOf(v.V), 'v')
	default:
		p.operand(nil, reflect.ValueOf(v), 'v')
	}
}
