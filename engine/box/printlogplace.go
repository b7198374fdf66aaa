package box

import (
	"fmt"
	"io"
	"log"
)

// logPlaceFuncs returns stand-ins for the functions and methods of log that are told where they are called: FILE:LINE. Their
// names have an @ at the end.
func (p *Program) logPlaceFuncs() map[string]any {
	l := p.log
	return map[string]any{
		"log.Output@":  func(place string, _ int, s string) error { return p.logPlaced(l(), place, s) },
		"log.Print@":   func(place string, a ...any) { _ = p.logPlaced(l(), place, sprint(a)) },
		"log.Printf@":  func(place, format string, a ...any) { _ = p.logPlaced(l(), place, p.sprintf(format, a)) },
		"log.Println@": func(place string, a ...any) { _ = p.logPlaced(l(), place, fmt.Sprintln(a...)) },
		"log.Fatal@":   func(place string, a ...any) { p.fatalPlaced(l(), place, sprint(a)) },
		"log.Fatalf@":  func(place, format string, a ...any) { p.fatalPlaced(l(), place, p.sprintf(format, a)) },
		"log.Fatalln@": func(place string, a ...any) { p.fatalPlaced(l(), place, fmt.Sprintln(a...)) },
		"log.Panic@":   func(place string, a ...any) { p.panicPlaced(l(), place, sprint(a)) },
		"log.Panicf@":  func(place, format string, a ...any) { p.panicPlaced(l(), place, p.sprintf(format, a)) },
		"log.Panicln@": func(place string, a ...any) { p.panicPlaced(l(), place, fmt.Sprintln(a...)) },

		"(*log.Logger).Output@": func(place string, l *log.Logger, _ int, s string) error { return p.logPlaced(l, place, s) },
		"(*log.Logger).Print@":  func(place string, l *log.Logger, a ...any) { _ = p.logPlaced(l, place, sprint(a)) },
		"(*log.Logger).Printf@": func(place string, l *log.Logger, format string, a ...any) {
			_ = p.logPlaced(l, place, p.sprintf(format, a))
		},
		"(*log.Logger).Println@": func(place string, l *log.Logger, a ...any) { _ = p.logPlaced(l, place, fmt.Sprintln(a...)) },
		"(*log.Logger).Fatal@":   func(place string, l *log.Logger, a ...any) { p.fatalPlaced(l, place, sprint(a)) },
		"(*log.Logger).Fatalf@": func(place string, l *log.Logger, format string, a ...any) {
			p.fatalPlaced(l, place, p.sprintf(format, a))
		},
		"(*log.Logger).Fatalln@": func(place string, l *log.Logger, a ...any) { p.fatalPlaced(l, place, fmt.Sprintln(a...)) },
		"(*log.Logger).Panic@":   func(place string, l *log.Logger, a ...any) { p.panicPlaced(l, place, sprint(a)) },
		"(*log.Logger).Panicf@": func(place string, l *log.Logger, format string, a ...any) {
			p.panicPlaced(l, place, p.sprintf(format, a))
		},
		"(*log.Logger).Panicln@": func(place string, l *log.Logger, a ...any) { p.panicPlaced(l, place, fmt.Sprintln(a...)) },
	}
}

// logPlaced is l.Output with another place than that of the caller.
func (p *Program) logPlaced(l *log.Logger, place, s string) error {
	flags := l.Flags()
	if flags&log.Lshortfile == 0 {
		return l.Output(logDepth, s)
	}
	if l.Writer() == io.Discard {
		return nil
	}
	lead, prefix := l.Prefix(), ""
	if flags&log.Lmsgprefix != 0 {
		lead, prefix = prefix, lead
	}
	// A logger of its own writes the same but for the place, which comes after the time. It does not know when the other one is
	// being written to.
	p.placed.Lock()
	defer p.placed.Unlock()
	own := log.New(l.Writer(), lead, flags&^(log.Lshortfile|log.Llongfile|log.Lmsgprefix))
	return own.Output(0, place+": "+prefix+s)
}

func (p *Program) fatalPlaced(l *log.Logger, place, s string) {
	_ = p.logPlaced(l, place, s)
	p.fatal(s)
}

func (p *Program) panicPlaced(l *log.Logger, place, s string) {
	_ = p.logPlaced(l, place, s)
	panic(s)
}
