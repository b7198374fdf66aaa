package interp

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/traefik/yaegi/interp"

	"github.com/scriptd/scriptd/engine/box"
	"github.com/scriptd/scriptd/engine/check"
	"github.com/scriptd/scriptd/engine/interp/guard"
	"github.com/scriptd/scriptd/engine/interp/rt"
	"github.com/scriptd/scriptd/engine/lower"
	"github.com/scriptd/scriptd/engine/runtime"
)

// Program is a package main, and what it runs with.
type Program struct {
	// Tree holds the files, and Dir is the package's folder in it, "." for its root.
	Tree fs.FS
	Dir  string
	// Files are the names of the files that make up the package; nil takes what a build for this machine takes.
	Files []string
	// Args are os.Args, the program's name first, which must not be left out.
	Args []string
	// Stdin, Stdout and Stderr are the streams of what the interpreter itself reads and prints: the predeclared print
	// functions, and the message of a panic. What compiled code prints, package fmt among it, goes to those of the process.
	Stdin          io.Reader
	Stdout, Stderr io.Writer
	// Permissions are what the program may use.
	Permissions runtime.Permissions
}

// Exec runs a program as the one of this process: its standard streams, its environment and its exit are those of
// the process, so that os.Exit does not return here, and a fatal error ends the process as it does for a compiled one.
// The status is what the process is to exit with. The error is runtime.Problems where the program is not valid Go, or
// where the interpreter does not support it; IsRefusal tells them apart.
func (r *Runtime) Exec(_ context.Context, p Program) (status int, err error) {
	t, err := r.translate(p)
	if err != nil {
		return 0, err
	}
	in := newInstance(nil, runtime.Package{Name: t.checked.Main().Path, Tree: p.Tree, Dir: p.Dir, Permissions: p.Permissions}, newTypeTable(t.checked, r.universe, t.boxes))
	in.sites = t.out.Sites
	in.interp = interp.New(interp.Options{Stdin: p.Stdin, Stdout: p.Stdout, Stderr: in.panics, Args: p.Args, Unrestricted: true})
	program := rt.New(rt.Config{
		Universe: r.universe, Stderr: p.Stderr, Panicked: in.panics.raised,
		Embed:   embedded(t.checked, t.out),
		Escaped: func(v any) { os.Exit(in.crash(p.Stderr, v)) },
	}, t.out, t.boxes)
	tables, err := r.tables(t.out, program, t.replaced, nil)
	if err != nil {
		return 0, err
	}
	if err := in.interp.Use(tables); err != nil {
		return 0, fmt.Errorf("load symbols: %w", err)
	}
	ownProcess(p.Args)
	returned := false
	defer func() {
		if v := recover(); v != nil {
			status, err = in.crash(p.Stderr, v), nil
		} else if !returned { // runtime.Goexit, which ends the goroutine of main but not the process
			program.Wait()
			fmt.Fprintln(p.Stderr, "fatal error: no goroutines (main called runtime.Goexit) - deadlock!")
			os.Exit(panicStatus)
		}
	}()
	if err := compileText(in.interp, t.out.Text); err != nil {
		returned = true
		return 0, in.uncompiled(err, t.checked)
	}
	entry, err := start(in.interp)
	if err != nil {
		returned = true
		return 0, in.uncompiled(err, t.checked)
	}
	entry.Call(nil)
	returned = true
	return 0, nil
}

// translation is a program, checked and lowered.
type translation struct {
	checked  *check.Program
	boxes    *box.Program
	replaced standIns
	out      *lower.Output
}

func (r *Runtime) translate(p Program) (*translation, error) {
	prog, err := check.Check(check.Config{
		Tree: p.Tree, Dir: p.Dir, Files: p.Files, Importer: r.universe,
		Missing: func(importPath, name string) string { return missingToProgram(p.Permissions, importPath, name) },
		Grant:   func(permission string) string { return "add --allow-" + permission },
	})
	if err != nil {
		return nil, problemsOf(err)
	}
	if problem := checkMain(prog); problem != nil {
		return nil, runtime.Problems{*problem}
	}
	t := &translation{checked: prog, boxes: box.NewProgram(r.universe)}
	t.replaced = standIns{boxes: t.boxes, guard: guard.New(guard.Options{Program: true, Permissions: p.Permissions})}
	t.boxes.StandIn = t.replaced.method
	t.out, err = r.lowered(prog, "main", t.replaced, nil)
	return t, err
}

// Lowered returns what Exec gives the interpreter of a program.
func (r *Runtime) Lowered(p Program) ([]byte, error) {
	t, err := r.translate(p)
	if err != nil {
		return nil, err
	}
	return t.out.Text, nil
}

// ownProcess makes this process the program's: what packages made of its arguments when they were initialised, and what
// the packages of this process have registered where a program would.
func ownProcess(args []string) {
	os.Args = args
	flag.CommandLine = flag.NewFlagSet(args[0], flag.ExitOnError)
	flag.CommandLine.Usage = func() { flag.Usage() }
	http.DefaultServeMux = http.NewServeMux()
}

// checkMain looks for what makes a package a program.
func checkMain(prog *check.Program) *runtime.Problem {
	pkg := prog.Main()
	name := pkg.Files[0].AST.Name
	if name.Name != "main" {
		problem := problemAt(prog.Fset.Position(name.Pos()), fmt.Sprintf("package %s is not a main package", name.Name))
		return &problem
	}
	if pkg.Types.Scope().Lookup("main") == nil {
		problem := problemAt(prog.Fset.Position(name.Pos()), "function main is undeclared in the main package")
		return &problem
	}
	return nil
}

// crash prints what the Go runtime prints of a panic that nothing recovers, with the author's places in the trace, and
// returns its exit status.
func (in *instance) crash(stderr io.Writer, v any) int {
	v = rt.Meant(v)
	site, explicit, trace := in.panics.take(v)
	text := in.panicTexts(v)
	fmt.Fprintf(stderr, "panic: %s\n\ngoroutine 1 [running]:\n", text)
	for i, p := range in.places(trace, text) {
		if i == 0 && explicit {
			p.pos = in.sites[site]
		}
		fmt.Fprintln(stderr, p)
	}
	return panicStatus
}

// panicTexts returns what is printed of a panic and those that it took the place of.
func (in *instance) panicTexts(v any) string {
	var b strings.Builder
	links := rt.Before()
	for i, l := range links {
		b.WriteString(in.types.boxes.PanicText(l.Value))
		if l.Recovered {
			if i == len(links)-1 && reflect.TypeOf(v).Comparable() && l.Value == v {
				b.WriteString(" [recovered, repanicked]")
				return b.String()
			}
			b.WriteString(" [recovered]")
		}
		b.WriteString("\n\tpanic: ")
	}
	b.WriteString(in.types.boxes.PanicText(v))
	return b.String()
}

// panicStatus is the exit status of a Go program that panics.
const panicStatus = 2

// IsRefusal reports whether err says that a program is valid Go which the interpreter does not support, or which lacks a
// permission. What a package is missing for that is not available cannot be told from other errors.
func IsRefusal(err error) bool {
	problems, ok := errors.AsType[runtime.Problems](err)
	return ok && (slices.ContainsFunc(problems, func(p runtime.Problem) bool { return unavailable().MatchString(p.Message) }) ||
		!slices.ContainsFunc(problems, func(p runtime.Problem) bool { return !refusal().MatchString(p.Message) }))
}

var (
	unavailable = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^package \S+ is not available to plugins: `) })
	refusal     = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`^not supported by the interpreter: | needs the permission \w+, which is not granted: `)
	})
)

// missingToProgram returns the permission that a program lacks for a symbol. What concerns the process as a whole is the
// program's own affair: the process is its own.
func missingToProgram(p runtime.Permissions, importPath, name string) string {
	return missing(p, groupForProgram(importPath, name))
}
