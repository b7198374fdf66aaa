package interp

import (
	"context"
	"go/types"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/traefik/yaegi/interp"

	"github.com/scriptd/scriptd/engine/box"
	"github.com/scriptd/scriptd/engine/check"
	"github.com/scriptd/scriptd/engine/interp/rt"
	"github.com/scriptd/scriptd/engine/lower"
	"github.com/scriptd/scriptd/engine/runtime"
	"github.com/scriptd/scriptd/engine/symbols"
	"github.com/scriptd/scriptd/plugin"
)

// load checks a package, interprets it, and runs its Register.
func (r *Runtime) load(ctx context.Context, l *loading, p runtime.Package) (*instance, error) {
	prog, err := r.front(p)
	if err != nil {
		return nil, err
	}
	boxes := box.NewProgram(r.universe)
	in := newInstance(r, p, newTypeTable(prog, r.universe, boxes))
	in.surround(boxes)
	if imports(prog, "net/http") {
		in.web = newWeb(in.guard)
	}
	replaced := in.replacements(boxes)
	out, err := r.lowered(prog, "Register", replaced, methodNames(p.Contracts))
	if err != nil {
		return nil, err
	}
	in.sites = out.Sites
	in.interp = interp.New(interp.Options{
		Stdin:        strings.NewReader(""),
		Stdout:       in.output,
		Stderr:       in.panics,
		Args:         []string{p.Name},
		Unrestricted: true, // what there is to restrict is not in its tables
	})
	stoppable(in.interp, in.done)
	if err := in.use(r, boxes, out, replaced, embedded(prog, out)); err != nil {
		return nil, err
	}
	r.workers.open(1)
	if err := in.begin(l, out, prog); err != nil {
		in.discard(ctx)
		return nil, err
	}
	return in, nil
}

// begin compiles the package, initialises it and runs its Register. While it does that it counts as a call, which is stopped
// where the load is given up.
func (in *instance) begin(l *loading, out *lower.Output, prog *check.Program) error {
	in.calls.enter()
	defer in.calls.end()
	defer in.panics.forgetMine()
	if !l.begin(in) {
		return context.Canceled
	}
	register, err := in.compile(l, out, prog)
	if err != nil {
		return err
	}
	return in.register(register, prog)
}

// replacements are the stand-ins for compiled functions, those of the SDK's Registrar among them.
func (in *instance) replacements(boxes *box.Program) standIns {
	own := map[string]any{
		"(*" + symbols.SDK + ".Registrar).Add":     in.add,
		"(*" + symbols.SDK + ".Registrar).Config":  in.config,
		"(*" + symbols.SDK + ".Registrar).Provide": in.provide,
		"(*" + symbols.SDK + ".Registrar).Service": in.service,
	}
	if in.web != nil {
		maps.Copy(own, in.web.functions())
	}
	all := standIns{boxes, in.guard, own}
	boxes.StandIn = all.method
	return all
}

// imports reports whether a package of a program imports one.
func imports(prog *check.Program, importPath string) bool {
	return slices.ContainsFunc(prog.Packages, func(p *check.Package) bool {
		return slices.ContainsFunc(p.Types.Imports(), func(i *types.Package) bool { return i.Path() == importPath })
	})
}

// use gives the interpreter the symbols of a program.
func (in *instance) use(r *Runtime, boxes *box.Program, out *lower.Output, replaced standIns, embed func(int) any) error {
	program := rt.New(rt.Config{
		Universe: r.universe,
		Done:     in.done,
		Stderr:   in.output,
		Panicked: in.panics.raised,
		Escaped:  in.escaped,
		Embed:    embed,
	}, out, boxes)
	tables, err := r.tables(out, program, replaced, in.overrides)
	if err != nil {
		return err
	}
	return in.interp.Use(tables)
}

// escaped reports a panic that ended a goroutine of the package. The host goes on. What is stopped may panic in compiled code
// that got zero values from it: that is nobody's fault.
func (in *instance) escaped(v any) {
	select {
	case <-in.done:
	default:
		in.log.Error(in.panicProblem(v, "panic in a goroutine").String())
	}
}

// discard closes an instance that nobody gets to see, whether ctx has ended or not.
func (in *instance) discard(ctx context.Context) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), in.grace()+closeTime)
	defer cancel()
	if err := in.Close(ctx); err != nil {
		in.log.Warn("package that failed to load did not close well", "error", err)
	}
}

// compile gives the package to the interpreter, which initialises it once all is ready for that, and returns its Register.
func (in *instance) compile(l *loading, out *lower.Output, prog *check.Program) (register func(*plugin.Registrar) error, err error) {
	defer func() {
		if v := recover(); v != nil {
			err = runtime.Problems{in.panicProblem(v, "panic while the package was initialised")}
		}
	}()
	if err := compileText(in.interp, out.Text); err != nil {
		return nil, in.uncompiled(err, prog)
	}
	if err := l.ready(); err != nil {
		return nil, err
	}
	if in.isCut.Load() { // and perhaps stopped, while there was nothing to stop
		return nil, context.Canceled
	}
	entry, err := start(in.interp)
	if err != nil {
		return nil, in.uncompiled(err, prog)
	}
	register, _ = reflect.TypeAssert[func(*plugin.Registrar) error](entry)
	return register, nil
}
