package box

import (
	"fmt"
	"io"
	"os"
	"reflect"
)

// fmtFuncs returns the stand-ins for functions of fmt that find out more about an operand than its Format method can
// say, or that use the standard streams. Sprintln and its like are not among them: they ask for nothing more.
func (p *Program) fmtFuncs() map[string]any {
	return map[string]any{
		"fmt.Print":   func(a ...any) (int, error) { return fprint(p.stdout(), a) },
		"fmt.Println": func(a ...any) (int, error) { return fmt.Fprintln(p.stdout(), a...) },
		"fmt.Printf":  func(format string, a ...any) (int, error) { return p.fprintf(p.stdout(), format, a) },
		"fmt.Fprint":  func(w io.Writer, a ...any) (int, error) { return fprint(w, a) },
		"fmt.Fprintf": func(w io.Writer, format string, a ...any) (int, error) { return p.fprintf(w, format, a) },
		"fmt.Sprint":  func(a ...any) string { return sprint(a) },
		"fmt.Sprintf": func(format string, a ...any) string { return p.sprintf(format, a) },
		"fmt.Append":  func(b []byte, a ...any) []byte { return appendPrint(b, a) },
		"fmt.Appendf": func(b []byte, format string, a ...any) []byte { return p.appendf(b, format, a) },
		"fmt.Errorf":  func(format string, a ...any) error { return p.errorf(format, a) },
		"fmt.Scan":    func(a ...any) (int, error) { return fmt.Fscan(p.stdin(), scanned(a)...) },
		"fmt.Scanf":   func(format string, a ...any) (int, error) { return fmt.Fscanf(p.stdin(), format, scanned(a)...) },
		"fmt.Scanln":  func(a ...any) (int, error) { return fmt.Fscanln(p.stdin(), scanned(a)...) },
		"fmt.Fscan":   func(r io.Reader, a ...any) (int, error) { a = scanned(a); return fmt.Fscan(r, a...) },
		"fmt.Fscanf": func(r io.Reader, format string, a ...any) (int, error) {
			a = scanned(a)
			return fmt.Fscanf(r, format, a...)
		},
		"fmt.Fscanln": func(r io.Reader, a ...any) (int, error) { a = scanned(a); return fmt.Fscanln(r, a...) },
		"fmt.Sscan":   func(s string, a ...any) (int, error) { a = scanned(a); return fmt.Sscan(s, a...) },
		"fmt.Sscanf":  func(s, format string, a ...any) (int, error) { a = scanned(a); return fmt.Sscanf(s, format, a...) },
		"fmt.Sscanln": func(s string, a ...any) (int, error) { a = scanned(a); return fmt.Sscanln(s, a...) },
	}
}

func (p *Program) stdout() io.Writer {
	if p.Stdout != nil {
		return p.Stdout
	}
	return os.Stdout
}

func (p *Program) stdin() io.Reader {
	if p.Stdin != nil {
		return p.Stdin
	}
	return os.Stdin
}

// hasBox reports whether an operand is a Box: without one, fmt does everything right.
func hasBox(a []any) bool {
	for _, v := range a {
		if _, ok := v.(Box); ok {
			return true
		}
	}
	return false
}

func fprint(w io.Writer, a []any) (int, error) {
	if !hasBox(a) {
		return fmt.Fprint(w, a...)
	}
	return w.Write(appendPrint(nil, a))
}

func sprint(a []any) string {
	if !hasBox(a) {
		return fmt.Sprint(a...)
	}
	return string(appendPrint(nil, a))
}

// appendPrint is fmt.Append: a space stands between two operands where neither is of a string type.
func appendPrint(b []byte, a []any) []byte {
	if !hasBox(a) {
		return fmt.Append(b, a...)
	}
	afterString := true
	for _, v := range a {
		isString := isString(v)
		if !isString && !afterString {
			b = append(b, ' ')
		}
		b = fmt.Append(b, v)
		afterString = isString
	}
	return b
}

func isString(v any) bool {
	if b, ok := v.(Box); ok {
		return b.T.form().kind == reflect.String
	}
	return v != nil && reflect.TypeOf(v).Kind() == reflect.String
}

func (p *Program) fprintf(w io.Writer, format string, a []any) (int, error) {
	if p.needed(a) {
		format, a = p.rewritten(format, a, nil)
	}
	return fmt.Fprintf(w, format, a...)
}

func (p *Program) sprintf(format string, a []any) string {
	if p.needed(a) {
		format, a = p.rewritten(format, a, nil)
	}
	return fmt.Sprintf(format, a...)
}

func (p *Program) appendf(b []byte, format string, a []any) []byte {
	if p.needed(a) {
		format, a = p.rewritten(format, a, nil)
	}
	return fmt.Appendf(b, format, a...)
}

func (p *Program) errorf(format string, a []any) error {
	if p.needed(a) {
		format, a = p.rewritten(format, a, p.Error)
	}
	return fmt.Errorf(format, a...)
}
