package box

import (
	"reflect"
	"strconv"
	"strings"
)

// scalar prints a value of a basic kind. It reports false where the verb does not fit.
func (p *printer) scalar(v reflect.Value, verb rune) bool {
	switch v.Kind() {
	case reflect.Bool:
		if verb != 'v' && verb != 't' {
			return false
		}
		p.compiled(v.Bool(), 't', p.sharp)
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return p.signed(v.Int(), verb)
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		return p.unsigned(v.Uint(), verb)
	case reflect.Float32, reflect.Float64:
		return p.float(v, verb)
	case reflect.Complex64, reflect.Complex128:
		return p.complex(v, verb)
	case reflect.String:
		return p.text(v.String(), verb)
	}
	return true
}

func integerVerb(verb rune) bool { return strings.ContainsRune("dboOxXcqU", verb) }

func (p *printer) signed(n int64, verb rune) bool {
	if verb == 'v' {
		verb = 'd'
	}
	switch {
	case !integerVerb(verb):
		return false
	case verb == 'd' && !p.some:
		p.buf = strconv.AppendInt(p.buf, n, 10)
	default:
		p.compiled(n, verb, p.sharp)
	}
	return true
}

func (p *printer) unsigned(n uint64, verb rune) bool {
	if verb == 'v' {
		if p.sharpV {
			p.hex(n, true)
			return true
		}
		verb = 'd'
	}
	switch {
	case !integerVerb(verb):
		return false
	case verb == 'd' && !p.some:
		p.buf = strconv.AppendUint(p.buf, n, 10)
	default:
		p.compiled(n, verb, p.sharp)
	}
	return true
}

// hex prints a number in hexadecimal, as addresses are.
func (p *printer) hex(n uint64, prefix bool) { p.compiled(n, 'x', prefix) }

func floatVerb(verb rune) bool { return strings.ContainsRune("bgGxXfFeE", verb) }

func (p *printer) float(v reflect.Value, verb rune) bool {
	if verb == 'v' {
		verb = 'g'
	}
	switch {
	case !floatVerb(verb):
		return false
	case verb == 'g' && !p.some:
		p.buf = strconv.AppendFloat(p.buf, v.Float(), 'g', -1, v.Type().Bits())
	case v.Kind() == reflect.Float32:
		p.compiled(float32(v.Float()), verb, p.sharp)
	default:
		p.compiled(v.Float(), verb, p.sharp)
	}
	return true
}

func (p *printer) complex(v reflect.Value, verb rune) bool {
	if verb == 'v' {
		verb = 'g'
	}
	switch {
	case !floatVerb(verb):
		return false
	case v.Kind() == reflect.Complex64:
		p.compiled(complex64(v.Complex()), verb, p.sharp)
	default:
		p.compiled(v.Complex(), verb, p.sharp)
	}
	return true
}

func (p *printer) text(s string, verb rune) bool {
	switch verb {
	case 'v':
		if p.sharpV {
			p.compiled(s, 'q', false)
			return true
		}
		verb = 's'
	case 's', 'x', 'X', 'q':
	default:
		return false
	}
	if verb == 's' && !p.some {
		p.string(s)
	} else {
		p.compiled(s, verb, p.sharp)
	}
	return true
}

// pointer prints the address that a value is. It reports false where it is none, or the verb does not fit.
func (p *printer) pointer(name func() string, v reflect.Value, verb rune) bool {
	var address uint64
	switch v.Kind() {
	case reflect.Chan, reflect.Func, reflect.Map, reflect.Pointer, reflect.Slice, reflect.UnsafePointer:
		address = uint64(v.Pointer())
	case reflect.Invalid: // a nil one
	default:
		return false
	}
	switch verb {
	case 'v':
		switch {
		case p.sharpV:
			p.byte('(')
			p.string(name())
			p.string(")(")
			if address == 0 {
				p.string("nil")
			} else {
				p.hex(address, true)
			}
			p.byte(')')
		case address == 0:
			p.pad("<nil>")
		default:
			p.hex(address, !p.sharp)
		}
	case 'p':
		p.hex(address, !p.sharp)
	case 'b', 'o', 'd', 'x', 'X':
		p.unsigned(address, verb)
	default:
		return false
	}
	return true
}

// pad prints s with the width of the directive only.
func (p *printer) pad(s string) {
	precision := p.precisionSet
	p.precisionSet = false
	p.compiled(s, 's', false)
	p.precisionSet = precision
}
