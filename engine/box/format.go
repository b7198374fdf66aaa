package box

import (
	"fmt"
	"reflect"
	"strconv"
	"sync"
	"unicode/utf8"
)

// Verbs that only the stand-ins for functions of fmt use: what fmt does with %T, %p and a misplaced %w before it asks
// a value for its Format method.
const (
	verbType    = '\U0010f054'
	verbPointer = '\U0010f070'
	verbWrap    = '\U0010f077'
)

// Format prints the value as fmt prints it where the program is compiled. It implements fmt.Formatter.
func (b Box) Format(s fmt.State, verb rune) {
	p := newPrinter(b.T.prog)
	p.flagsOf(s, verb)
	p.operand(b.T, reflect.ValueOf(b.V), verb)
	_, _ = s.Write(p.buf) // as fmt, which has nobody to tell
	p.free()
}

// printer prints one operand. It is the fmt.State of the Format methods that it calls.
type printer struct {
	flags

	prog *Program
	buf  []byte
	// panicking says that the value of a panic is printed.
	panicking bool
	// erroring says that no methods are called, because the operand does not fit its verb.
	erroring bool
}

// flags are those of one directive. The verb v knows + and # as other things than the other verbs do.
type flags struct {
	widthSet, precisionSet     bool
	minus, plus, space, zero   bool
	sharp, plusV, sharpV, some bool
	width, precision           int
}

var printers = sync.Pool{New: func() any { return new(printer) }}

func newPrinter(prog *Program) *printer {
	p, _ := printers.Get().(*printer)
	p.prog = prog
	return p
}

// free makes the printer available again. One that was left by a panic is not.
func (p *printer) free() {
	if cap(p.buf) > 64<<10 {
		p.buf = nil
	}
	*p = printer{buf: p.buf[:0]}
	printers.Put(p)
}

// flagsOf takes over the flags of another State.
func (p *printer) flagsOf(s fmt.State, verb rune) {
	p.width, p.widthSet = s.Width()
	p.precision, p.precisionSet = s.Precision()
	p.minus, p.space, p.zero = s.Flag('-'), s.Flag(' '), s.Flag('0')
	plus, sharp := s.Flag('+'), s.Flag('#')
	if verb == 'v' {
		p.plusV, p.sharpV = plus, sharp
	} else {
		p.plus, p.sharp = plus, sharp
	}
	p.some = p.widthSet || p.precisionSet || p.minus || p.space || p.zero || p.plus || p.sharp
}

// Write implements fmt.State.
func (p *printer) Write(b []byte) (int, error) {
	p.buf = append(p.buf, b...)
	return len(b), nil
}

// WriteString implements io.StringWriter.
func (p *printer) WriteString(s string) (int, error) {
	p.buf = append(p.buf, s...)
	return len(s), nil
}

// Width implements fmt.State.
func (p *printer) Width() (int, bool) { return p.width, p.widthSet }

// Precision implements fmt.State.
func (p *printer) Precision() (int, bool) { return p.precision, p.precisionSet }

// Flag implements fmt.State.
func (p *printer) Flag(c int) bool {
	switch c {
	case '-':
		return p.minus
	case '+':
		return p.plus || p.plusV
	case '#':
		return p.sharp || p.sharpV
	case ' ':
		return p.space
	case '0':
		return p.zero
	}
	return false
}

func (p *printer) string(s string) { p.buf = append(p.buf, s...) }

func (p *printer) byte(c byte) { p.buf = append(p.buf, c) }

// compiled lets fmt print a value of a predeclared type, or bytes, with the flags of this directive. The verb is not v,
// which has the flags of its own.
func (p *printer) compiled(v any, verb rune, sharp bool) {
	var space [32]byte
	format := append(space[:0], '%')
	for _, f := range [...]struct {
		set bool
		c   byte
	}{{p.minus, '-'}, {p.plus, '+'}, {sharp, '#'}, {p.space, ' '}, {p.zero, '0'}} {
		if f.set {
			format = append(format, f.c)
		}
	}
	if p.widthSet {
		format = strconv.AppendInt(format, int64(p.width), 10)
	}
	if p.precisionSet {
		format = strconv.AppendInt(append(format, '.'), int64(p.precision), 10)
	}
	p.buf = fmt.Appendf(p.buf, string(utf8.AppendRune(format, verb)), v)
}
