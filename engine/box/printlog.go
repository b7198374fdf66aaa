package box

import (
	"fmt"
	"io"
	"log"
	"os"
)

// logFuncs returns the stand-ins for the functions and methods of log: they print as those of fmt do, and the functions
// use the program's logger.
func (p *Program) logFuncs() map[string]any {
	l := p.log
	return map[string]any{
		"log.Default":   l,
		"log.SetOutput": func(w io.Writer) { l().SetOutput(w) },
		"log.SetFlags":  func(flags int) { l().SetFlags(flags) },
		"log.SetPrefix": func(prefix string) { l().SetPrefix(prefix) },
		"log.Writer":    func() io.Writer { return l().Writer() },
		"log.Flags":     func() int { return l().Flags() },
		"log.Prefix":    func() string { return l().Prefix() },
		"log.Output":    func(depth int, s string) error { return l().Output(depth+1, s) },
		"log.Print":     func(a ...any) { logPrint(l(), a) },
		"log.Printf":    func(format string, a ...any) { p.logPrintf(l(), format, a) },
		"log.Println":   func(a ...any) { l().Println(a...) },
		"log.Fatal":     func(a ...any) { p.logFatal(l(), sprint(a)) },
		"log.Fatalf":    func(format string, a ...any) { p.logFatal(l(), p.sprintf(format, a)) },
		"log.Fatalln":   func(a ...any) { p.logFatal(l(), fmt.Sprintln(a...)) },
		"log.Panic":     func(a ...any) { logPanic(l(), sprint(a)) },
		"log.Panicf":    func(format string, a ...any) { logPanic(l(), p.sprintf(format, a)) },
		"log.Panicln":   func(a ...any) { logPanic(l(), fmt.Sprintln(a...)) },

		"(*log.Logger).Print":   func(l *log.Logger, a ...any) { logPrint(l, a) },
		"(*log.Logger).Printf":  func(l *log.Logger, format string, a ...any) { p.logPrintf(l, format, a) },
		"(*log.Logger).Fatal":   func(l *log.Logger, a ...any) { p.logFatal(l, sprint(a)) },
		"(*log.Logger).Fatalf":  func(l *log.Logger, format string, a ...any) { p.logFatal(l, p.sprintf(format, a)) },
		"(*log.Logger).Fatalln": func(l *log.Logger, a ...any) { p.logFatal(l, fmt.Sprintln(a...)) },
		"(*log.Logger).Panic":   func(l *log.Logger, a ...any) { logPanic(l, sprint(a)) },
		"(*log.Logger).Panicf":  func(l *log.Logger, format string, a ...any) { logPanic(l, p.sprintf(format, a)) },
	}
}

func (p *Program) log() *log.Logger {
	if p.Log != nil {
		return p.Log
	}
	return log.Default()
}

// logDepth is how many calls lie between the program and Output.
const logDepth = 3

func logPrint(l *log.Logger, a []any) {
	if l.Writer() != io.Discard { // else log does not look at the operands
		_ = l.Output(logDepth, sprint(a))
	}
}

func (p *Program) logPrintf(l *log.Logger, format string, a []any) {
	if l.Writer() != io.Discard {
		_ = l.Output(logDepth, p.sprintf(format, a))
	}
}

func (p *Program) logFatal(l *log.Logger, s string) {
	_ = l.Output(logDepth, s)
	p.fatal(s)
}

func (p *Program) fatal(s string) {
	if p.Fatal == nil {
		os.Exit(1)
	}
	p.Fatal(s)
}

func logPanic(l *log.Logger, s string) {
	_ = l.Output(logDepth, s)
	panic(s)
}
