package box

import (
	"reflect"
)

// operand prints a value that is an operand itself. A nil t says that it is one of compiled code.
func (p *printer) operand(t *Type, v reflect.Value, verb rune) {
	if t != nil {
		v = shaped(t, v)
	}
	switch verb {
	case verbType:
		p.text(nameOf(t, v), 's')
	case verbPointer:
		if !p.pointer(func() string { return nameOf(t, v) }, v, 'p') {
			p.unfit(t, v, 'p')
		}
	case verbWrap:
		p.unfit(t, v, 'w')
	default:
		if !v.IsValid() || !p.methods(t, v, verb) {
			p.value(t, v, verb, 0, public)
		}
	}
}

// unfit prints a value whose verb does not fit.
func (p *printer) unfit(t *Type, v reflect.Value, verb rune) {
	p.erroring = true
	p.string("%!")
	p.string(string(verb))
	p.byte('(')
	p.string(nameOf(t, v))
	p.byte('=')
	p.value(t, v, 'v', 0, private)
	p.byte(')')
	p.erroring = false
}

// nameOf returns the name of the type of a value.
func nameOf(t *Type, v reflect.Value) string {
	if t != nil {
		return t.form().name
	}
	return v.Type().String()
}

// shaped returns the value in the form that its type has, whatever the interpreter keeps it in.
func shaped(t *Type, v reflect.Value) reflect.Value {
	if v.IsValid() && v.Kind() != t.form().kind {
		return Erased(t.Type, v)
	}
	return v
}

// natural returns nil in place of t where a value is of a type of compiled code, which says more about itself.
func natural(t *Type, v reflect.Value) *Type {
	if t == nil || !v.IsValid() || v.Kind() == reflect.Interface {
		return t
	}
	named := v.Type()
	if named.Kind() == reflect.Pointer && named.PkgPath() == "" {
		named = named.Elem()
	}
	if named.PkgPath() != "" && v.Type().String() == t.form().name {
		return nil
	}
	return t
}

// value prints a value that is depth levels below the operand. The program says with a what it may see of it.
func (p *printer) value(t *Type, v reflect.Value, verb rune, depth int, a access) {
	if t != nil {
		v = shaped(t, v)
		t = natural(t, v)
	}
	if v.IsValid() && v.Kind() == reflect.Interface {
		if v.IsNil() {
			p.nilInterface(t, v)
			return
		}
		t, v = p.dynamic(v)
		a = a.within()
	}
	if depth > 0 && a == public && p.methods(t, v, verb) {
		return
	}
	switch kind := kindIn(t, v); kind {
	case reflect.Map:
		p.mapping(t, v, verb, depth, a)
	case reflect.Struct:
		p.structure(t, v, verb, depth, a)
	case reflect.Array, reflect.Slice:
		p.list(t, v, verb, depth, a)
	case reflect.Pointer:
		if depth == 0 && v.IsValid() && !v.IsNil() && p.pointee(t, v, verb, depth, a) {
			return
		}
		fallthrough
	case reflect.Chan, reflect.Func, reflect.UnsafePointer:
		if !p.pointer(func() string { return nameOf(t, v) }, v, verb) {
			p.unfit(t, v, verb)
		}
	case reflect.Invalid:
		p.string("<nil>")
	default:
		if !p.scalar(v, verb) {
			p.unfit(t, v, verb)
		}
	}
}

func kindIn(t *Type, v reflect.Value) reflect.Kind {
	if t != nil {
		return t.form().kind
	}
	return v.Kind()
}

// nilInterface prints an interface without a value.
func (p *printer) nilInterface(t *Type, v reflect.Value) {
	if !p.sharpV {
		p.string("<nil>")
		return
	}
	p.string(nameOf(t, v))
	p.string("(nil)")
}

// pointee prints what a pointer points to, and reports false where fmt prints the address.
func (p *printer) pointee(t *Type, v reflect.Value, verb rune, depth int, a access) bool {
	elem, to := (*Type)(nil), v.Elem()
	if t != nil {
		elem = t.form().elem
		to = shaped(elem, to)
	}
	switch kindIn(elem, to) {
	case reflect.Array, reflect.Slice, reflect.Struct, reflect.Map:
		p.byte('&')
		p.value(elem, to, verb, depth+1, a)
		return true
	}
	return false
}

func (p *printer) structure(t *Type, v reflect.Value, verb rune, depth int, a access) {
	if p.sharpV {
		p.string(nameOf(t, v))
	}
	p.byte('{')
	n := v.NumField()
	if t != nil {
		n = len(t.form().fields)
	}
	for i := range n {
		if i > 0 {
			p.separate()
		}
		f := fieldOf(t, v, i)
		if p.plusV || p.sharpV {
			p.string(f.name)
			p.byte(':')
		}
		p.value(f.typ, v.Field(i), verb, depth+1, a.field(f.access))
	}
	p.byte('}')
}

// fieldOf returns the form of a field. The struct of a named type of compiled code is always seen through reflection:
// the other fields than the exported ones are known to nobody else.
func fieldOf(t *Type, v reflect.Value, i int) fieldForm {
	if t != nil && v.Type().PkgPath() == "" {
		return t.form().fields[i]
	}
	f := v.Type().Field(i)
	return fieldForm{name: f.Name, access: accessOf(f.IsExported(), f.Anonymous)}
}

func (p *printer) separate() {
	if p.sharpV {
		p.byte(',')
	}
	p.byte(' ')
}

func (p *printer) mapping(t *Type, v reflect.Value, verb rune, depth int, a access) {
	open, end := "map[", byte(']')
	if p.sharpV {
		p.string(nameOf(t, v))
		if !v.IsValid() || v.IsNil() {
			p.string("(nil)")
			return
		}
		open, end = "{", '}'
	}
	p.string(open)
	var key, elem *Type
	if t != nil {
		key, elem = t.form().key, t.form().elem
	}
	if v.IsValid() {
		for i, e := range p.sorted(key, v) {
			if i > 0 {
				p.separate()
			}
			p.value(key, e.key, verb, depth+1, a.within())
			p.byte(':')
			p.value(elem, e.value, verb, depth+1, a.within())
		}
	}
	p.byte(end)
}

func (p *printer) list(t *Type, v reflect.Value, verb rune, depth int, a access) {
	n := 0
	if v.IsValid() {
		n = v.Len()
		switch verb {
		case 's', 'q', 'x', 'X':
			if v.Type().Elem().Kind() == reflect.Uint8 {
				p.compiled(bytesOf(v), verb, p.sharp)
				return
			}
		}
	}
	open, end := byte('['), byte(']')
	if p.sharpV {
		p.string(nameOf(t, v))
		if kindIn(t, v) == reflect.Slice && (!v.IsValid() || v.IsNil()) {
			p.string("(nil)")
			return
		}
		open, end = '{', '}'
	}
	p.byte(open)
	var elem *Type
	if t != nil {
		elem = t.form().elem
	}
	for i := range n {
		if i > 0 {
			p.separate()
		}
		p.value(elem, v.Index(i), verb, depth+1, a.within())
	}
	p.byte(end)
}

func bytesOf(v reflect.Value) []byte {
	if v.Kind() == reflect.Slice || v.CanAddr() {
		return v.Bytes()
	}
	b := make([]byte, v.Len())
	for i := range b {
		b[i] = byte(v.Index(i).Uint())
	}
	return b
}
