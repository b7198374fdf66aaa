package box

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"unicode/utf8"
)

// rewriter walks over the directives of a format as fmt does, and puts verbs that a Box knows in place of those that fmt
// does not ask it about.
type rewriter struct {
	prog   *Program
	format string
	args   []any
	// wrap makes an error of a Box for %w; it is nil where %w is not allowed.
	wrap func(Box) (error, bool)

	out    []byte // the new format up to copied
	copied int
	shared bool // args are the caller's

	next      int // the operand that is due
	kept      int // how many operands the new format uses
	faults    []byte
	reordered bool
	misplaced bool // the operand that was asked for does not exist
	sharp     bool
}

// rewritten returns a format and operands that print as the given ones would where no operand was a Box.
func (p *Program) rewritten(format string, args []any, wrap func(Box) (error, bool)) (string, []any) {
	r := rewriter{prog: p, format: format, args: args, wrap: wrap, shared: true}
	for i := strings.IndexByte(format, '%'); i < len(format) && i >= 0; {
		i = r.directive(i)
		n := strings.IndexByte(format[i:], '%')
		if n < 0 {
			break
		}
		i += n
	}
	if !r.reordered && r.next < len(args) {
		r.extra()
	}
	if r.out != nil {
		format = string(append(r.out, format[r.copied:]...))
	}
	return format, r.args
}

// directive looks at the directive at start, and returns where it ends.
func (r *rewriter) directive(start int) int {
	r.misplaced, r.sharp, r.faults = false, false, r.faults[:0]
	first := r.next
	i := start + 1
	for i < len(r.format) && strings.IndexByte("#0+- ", r.format[i]) >= 0 {
		r.sharp = r.sharp || r.format[i] == '#'
		i++
	}
	i, indexed := r.index(i)
	i, indexed = r.number(i, indexed, "%%!(BADWIDTH)")
	if i+1 < len(r.format) && r.format[i] == '.' {
		i++
		r.misplaced = r.misplaced || indexed
		i, indexed = r.index(i)
		i, indexed = r.number(i, indexed, "%%!(BADPREC)")
	}
	if !indexed {
		i, _ = r.index(i)
	}
	if i >= len(r.format) {
		if !r.reordered && hasBox(r.args[min(r.next, len(r.args)):]) { // what is left over is printed behind it
			r.replace(start, i, string(r.faults)+"%%!(NOVERB)")
			r.kept = first
		}
		return i
	}
	verb, size := utf8.DecodeRuneInString(r.format[i:])
	if verb != '%' && !r.misplaced && r.next < len(r.args) {
		r.use(verb, i, i+size)
		r.next++
	}
	r.kept = r.next
	return i + size
}

// index reads the [n] that may stand before a width, a precision or a verb.
func (r *rewriter) index(i int) (end int, found bool) {
	if i >= len(r.format) || r.format[i] != '[' {
		return i, false
	}
	r.reordered = true
	closing := strings.IndexByte(r.format[i:], ']')
	if closing < 0 {
		r.misplaced = true
		return i + 1, false
	}
	end = i + closing + 1
	n, digits := decimal(r.format[i+1 : end-1])
	if digits == 0 || digits != closing-1 {
		r.misplaced = true
		return end, false
	}
	if n < 1 || n > len(r.args) {
		r.misplaced = true
		return end, true
	}
	r.next = n - 1
	return end, true
}

// number reads a width or a precision, which may be an operand. fault is what fmt says where that is none.
func (r *rewriter) number(i int, indexed bool, fault string) (end int, stillIndexed bool) {
	if i < len(r.format) && r.format[i] == '*' {
		fits := false
		if r.next < len(r.args) {
			if b, ok := r.args[r.next].(Box); ok {
				r.set(r.next, b.V)
			}
			fits = fitsNumber(r.args[r.next], fault == "%%!(BADPREC)")
			r.next++
		}
		if !fits {
			r.faults = append(r.faults, fault...)
		}
		return i + 1, false
	}
	_, digits := decimal(r.format[i:])
	if digits < 0 {
		return len(r.format), indexed
	}
	r.misplaced = r.misplaced || indexed && digits > 0
	return i + digits, indexed
}

// fitsNumber reports whether an operand can be a width, or a precision.
func fitsNumber(v any, precision bool) bool {
	const limit = 1e6
	n := reflect.ValueOf(v)
	switch {
	case n.CanInt():
		return n.Int() <= limit && (n.Int() >= -limit && !precision || n.Int() >= 0)
	case n.CanUint():
		return n.Uint() <= limit
	}
	return false
}

// decimal reads the digits that s begins with. Their number is -1 where fmt finds the value too large.
func decimal(s string) (n, digits int) {
	for ; digits < len(s) && '0' <= s[digits] && s[digits] <= '9'; digits++ {
		if n > 1e6 {
			return 0, -1
		}
		n = n*10 + int(s[digits]-'0')
	}
	return n, digits
}

// use looks at the verb, in format[start:end], for the operand that is due.
func (r *rewriter) use(verb rune, start, end int) {
	r.seeThrough(verb)
	_, through := r.args[r.next].(seenThrough)
	b, ok := r.args[r.next].(Box)
	if w, wrapped := r.args[r.next].(Wrapper); wrapped { // for a %w before
		b, ok = w.Unbox(), true
	}
	if !ok && !through {
		return
	}
	switch verb {
	case 'T':
		r.replace(start, end, string(verbType))
	case 'p':
		r.replace(start, end, string(verbPointer))
	case 'w':
		if r.wrap != nil && ok {
			if err, ok := r.wrap(b); ok {
				r.set(r.next, err)
				return
			}
		}
		r.replace(start, end, string(verbWrap))
	}
}

// extra adds to the format what fmt says of operands that no directive used, so that all are used.
func (r *rewriter) extra() {
	if !hasBox(r.args[r.next:]) {
		return
	}
	var text strings.Builder
	text.WriteString("%%!(EXTRA ")
	left := r.args[r.next:]
	r.args, r.shared = slices.Clone(r.args[:r.kept]), false
	for i, v := range left {
		if i > 0 {
			text.WriteString(", ")
		}
		if v == nil {
			text.WriteString("<nil>")
			continue
		}
		var t *Type
		if b, ok := v.(Box); ok {
			t = b.T
		}
		fmt.Fprintf(&text, "%s=%%v", strings.ReplaceAll(nameOf(t, reflect.ValueOf(v)), "%", "%%"))
		r.args = append(r.args, v)
	}
	text.WriteByte(')')
	r.replace(len(r.format), len(r.format), text.String())
}

// replace puts text in place of format[start:end].
func (r *rewriter) replace(start, end int, text string) {
	r.out = append(append(r.out, r.format[r.copied:start]...), text...)
	r.copied = end
}

func (r *rewriter) set(i int, v any) {
	if r.shared {
		r.args, r.shared = slices.Clone(r.args), false
	}
	r.args[i] = v
}
