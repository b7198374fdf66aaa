package interp

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"strings"

	"github.com/traefik/yaegi/interp"

	"github.com/scriptd/scriptd/engine/check"
	"github.com/scriptd/scriptd/engine/lower"
	"github.com/scriptd/scriptd/engine/runtime"
	"github.com/scriptd/scriptd/engine/symbols"
	"github.com/scriptd/scriptd/plugin"
)

// tags are the methods of the SDK whose argument needs its static type.
var tags = map[string]int{
	"(*" + symbols.SDK + ".Registrar).Add":    1,
	"(*" + symbols.SDK + ".Registrar).Config": 0,
}

// load checks a package, interprets it, and runs its Register.
func (r *Runtime) load(l *loading, p runtime.Package) (*instance, error) {
	prog, err := r.front(p)
	if err != nil {
		return nil, err
	}
	out := lower.Lower(lowerInput(prog))
	in := newInstance(p, prog, out.Sites)
	i := interp.New(interp.Options{
		GoPath:               goPath,
		SourcecodeFilesystem: sourceFS(out.Files),
		Stdin:                strings.NewReader(""),
		Stdout:               in.output,
		Stderr:               in.panics,
		Args:                 []string{p.Name},
		Unrestricted:         true, // what there is to restrict is not in its tables
	})
	if err := i.Use(r.exports(prog, in)); err != nil {
		return nil, fmt.Errorf("load symbols: %w", err)
	}
	if !l.begin(i) {
		return nil, context.Canceled
	}
	register, err := in.compile(i, prog.Main())
	if err != nil {
		return nil, err
	}
	return in, in.register(register, prog)
}

// compile gives the package to the interpreter, which initialises it, and returns its Register.
func (in *instance) compile(i *interp.Interpreter, main *check.Package) (register func(*plugin.Registrar) error, err error) {
	defer func() {
		if v := recover(); v != nil {
			err = runtime.Problems{in.panicProblem(v, "panic while the package was initialised")}
		}
	}()
	if _, err := i.Eval(fmt.Sprintf("import scriptd_main %q", main.Path)); err != nil {
		return nil, in.loadError(err)
	}
	v := i.Symbols(main.Path)[main.Path]["Register"]
	if !v.IsValid() {
		return nil, fmt.Errorf("load %s: the interpreter does not know its Register", main.Path)
	}
	return v.Interface().(func(*plugin.Registrar) error), nil
}

// loadError tells a panic of the package's initialisation from what the interpreter cannot do.
func (in *instance) loadError(err error) error {
	if p, ok := errors.AsType[interp.Panic](err); ok {
		return runtime.Problems{in.panicProblem(p.Value, "panic while the package was initialised")}
	}
	problem := runtime.Problem{File: in.pkg.Dir, Message: "not supported by the interpreter: " + err.Error()}
	if file, line, column, text, ok := splitPosition(err.Error()); ok {
		problem = runtime.Problem{File: file, Line: line, Column: column, Message: "not supported by the interpreter: " + text}
	}
	return runtime.Problems{problem}
}

func lowerInput(prog *check.Program) lower.Input {
	input := lower.Input{Fset: prog.Fset, Info: prog.Info, Tags: tags}
	for _, p := range prog.Packages {
		pkg := lower.Package{Path: p.Path}
		for _, f := range p.Files {
			pkg.Files = append(pkg.Files, lower.File{Name: f.Name, Source: f.Source, AST: f.AST})
		}
		input.Packages = append(input.Packages, pkg)
	}
	return input
}

// exports are the tables that a program is given: the symbols that it names, and the wrappers of the interfaces that
// they mention.
func (r *Runtime) exports(prog *check.Program, in *instance) interp.Exports {
	exports := interp.Exports{}
	table := func(importPath string) map[string]reflect.Value {
		// The interpreter patches the standard library when it is given a table of the name fmt/fmt. The overrides
		// do that better, and imports are named, so that the name may be any.
		key := importPath + "/-"
		if exports[key] == nil {
			exports[key] = make(map[string]reflect.Value)
		}
		return exports[key]
	}
	for _, pkg := range prog.Packages {
		for _, imported := range pkg.Types.Imports() {
			if !r.universe.Has(imported.Path()) {
				continue
			}
			table(imported.Path())
			for _, w := range r.universe.Wrappers(imported.Path()) {
				table(w.Path)[w.Name] = w.Value
			}
		}
	}
	for _, obj := range prog.Info.Uses {
		if obj.Pkg() == nil || obj.Parent() != obj.Pkg().Scope() {
			continue
		}
		if v, ok := r.universe.Symbol(obj.Pkg().Path(), obj.Name()); ok {
			table(obj.Pkg().Path())[obj.Name()] = v
		}
	}
	for importPath, overrides := range in.overrides() {
		if used := exports[importPath+"/-"]; used != nil {
			for name := range used {
				if v, ok := overrides[name]; ok {
					used[name] = reflect.ValueOf(v)
				}
			}
		}
	}
	exports[lower.HostPath+"/"+lower.HostName] = map[string]reflect.Value{
		lower.TagFunc:  reflect.ValueOf(in.tag),
		lower.PanicFun: reflect.ValueOf(in.panic),
	}
	r.addMethodHints(exports)
	return exports
}
