package box

import (
	"fmt"
	"reflect"
)

// needed reports whether fmt could print an operand otherwise than if the program were compiled: a Box, or a value of
// compiled code that holds one where fmt does not ask it.
func (p *Program) needed(a []any) bool {
	for _, v := range a {
		switch v.(type) {
		case nil, string, int, bool, float64, []byte:
		case Box:
			return true
		default:
			if p.hides(reflect.TypeOf(v)) {
				return true
			}
		}
	}
	return false
}

// hidesKey is the key of what hides has found out about a type.
type hidesKey struct{ t reflect.Type }

// hides reports whether fmt would print interfaces in fields of a type that are not exported.
func (p *Program) hides(t reflect.Type) bool {
	if found, ok := p.memo.Load(hidesKey{t}); ok {
		return found.(bool)
	}
	from := t
	if t.Kind() == reflect.Pointer {
		from = t.Elem()
	}
	found := hidesIn(from, false, make(map[hiddenType]bool))
	p.memo.Store(hidesKey{t}, found)
	return found
}

type hiddenType struct {
	t      reflect.Type
	hidden bool
}

func hidesIn(t reflect.Type, hidden bool, seen map[hiddenType]bool) bool {
	switch t.Kind() {
	case reflect.Interface:
		return hidden
	case reflect.Slice, reflect.Array:
		return hidesIn(t.Elem(), hidden, seen)
	case reflect.Map:
		return hidesIn(t.Key(), hidden, seen) || hidesIn(t.Elem(), hidden, seen)
	case reflect.Struct:
		if seen[hiddenType{t, hidden}] {
			return false
		}
		seen[hiddenType{t, hidden}] = true
		for f := range t.Fields() {
			if hidesIn(f.Type, hidden || !f.IsExported(), seen) {
				return true
			}
		}
	}
	return false
}

// seeThrough puts a printer of our own in the place of an operand that hides what it holds, where no method prints it.
func (r *rewriter) seeThrough(verb rune) {
	v := r.args[r.next]
	switch v.(type) {
	case nil, string, int, bool, float64, []byte, Box, Wrapper, fmt.Formatter:
		return
	case error, fmt.Stringer:
		if stringVerb(verb) && (verb != 'v' || !r.sharp) {
			return
		}
	}
	if verb != 'T' && verb != 'p' && verb != 'w' && r.prog.hides(reflect.TypeOf(v)) {
		r.set(r.next, seenThrough{r.prog, v})
	}
}

// seenThrough is a value of compiled code that is printed as fmt would, but for the boxes in it.
type seenThrough struct {
	prog *Program
	v    any
}

// Format implements fmt.Formatter.
func (s seenThrough) Format(state fmt.State, verb rune) {
	p := newPrinter(s.prog)
	p.flagsOf(state, verb)
	p.operand(nil, reflect.ValueOf(s.v), verb)
	_, _ = state.Write(p.buf)
	p.free()
}
