package interp

import (
	"context"
	"errors"
	"fmt"
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
func (r *Runtime) load(ctx context.Context, l *loading, p runtime.Package) (*instance, error) {
	prog, err := r.front(p)
	if err != nil {
		return nil, err
	}
	out := lower.Lower(lowerInput(prog))
	in := newInstance(p, newTypeTable(prog, r.universe), out.Sites)
	i := interp.New(interp.Options{
		GoPath:               goPath,
		SourcecodeFilesystem: sourceFS(out.Files),
		Stdin:                strings.NewReader(""),
		Stdout:               in.output,
		Stderr:               in.panics,
		Args:                 []string{p.Name},
		Unrestricted:         true, // what there is to restrict is not in its tables
	})
	in.interp = i
	if err := i.Use(r.exports(prog, in)); err != nil {
		return nil, fmt.Errorf("load symbols: %w", err)
	}
	if !l.begin(i) {
		return nil, context.Canceled
	}
	register, err := in.compile(i, out.Main)
	if err == nil && !l.goOn() {
		err = context.Canceled
	}
	if err == nil {
		err = in.register(register, prog)
	}
	if err != nil {
		in.discard(ctx)
		return nil, err
	}
	return in, nil
}

// discard closes an instance that nobody gets to see, whether ctx has ended or not.
func (in *instance) discard(ctx context.Context) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), closeTime)
	defer cancel()
	if err := in.Close(ctx); err != nil {
		in.log.Warn("package that failed to load did not close well", "error", err)
	}
}

// compile gives the package to the interpreter, which initialises it, and returns its Register.
func (in *instance) compile(i *interp.Interpreter, main string) (register func(*plugin.Registrar) error, err error) {
	defer func() {
		if v := recover(); v != nil {
			err = runtime.Problems{in.panicProblem(v, "panic while the package was initialised")}
		}
	}()
	if _, err := i.Eval(fmt.Sprintf("import scriptd_main %q", main)); err != nil {
		return nil, in.loadError(err)
	}
	warm(i)
	v := i.Symbols(main)[main]["Register"]
	if !v.IsValid() {
		return nil, fmt.Errorf("load %s: the interpreter does not know its Register", in.pkg.Name)
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
		pkg := lower.Package{Types: p.Types}
		for _, f := range p.Files {
			pkg.Files = append(pkg.Files, lower.File{Name: f.Name, Source: f.Source, AST: f.AST})
		}
		input.Packages = append(input.Packages, pkg)
	}
	return input
}
