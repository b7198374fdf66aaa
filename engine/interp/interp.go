// Package interp runs plugin packages in this process, interpreted by yaegi.
//
//	rt := interp.New()
//	inst, err := rt.Load(ctx, runtime.Package{Name: "examples/hello", Tree: tree, Dir: "hello"})
//	res, err := inst.Call(ctx, "hello", map[string]any{"name": "Gopher"})
//
// A package is checked against the symbol tables, rewritten, and given to an interpreter of its own, which knows
// the compiled symbols that the package uses and no others.
package interp

import (
	"context"
	"fmt"
	"go/types"
	"sync/atomic"

	"github.com/scriptd/scriptd/engine/check"
	"github.com/scriptd/scriptd/engine/interp/guard"
	"github.com/scriptd/scriptd/engine/runtime"
	"github.com/scriptd/scriptd/engine/symbols"
)

// Runtime is the runtime.Runtime of this process. It is safe for concurrent use.
type Runtime struct {
	universe  *symbols.Universe
	workers   workers
	abandoned atomic.Int64

	network guard.Options // what tests have in the place of the machine's
	folders *guard.Folders
}

var _ runtime.Abandoner = (*Runtime)(nil)

// New returns a Runtime whose packages may use the standard library and the plugin SDK.
func New() *Runtime { return With(symbols.Std()) }

// With returns a Runtime whose packages may use what a universe holds: see symbols.With.
func With(universe *symbols.Universe) *Runtime { return &Runtime{universe: universe} }

// guardOptions are those for a package; a nil Runtime is that of a program.
func (r *Runtime) guardOptions(p runtime.Package) guard.Options {
	options := guard.Options{Program: r == nil}
	if r != nil {
		options = r.network
	}
	options.Package, options.Permissions = p.Name, p.Permissions
	if r != nil {
		options.Folders = r.folders
	}
	return options
}

// OpenFolders opens what it takes to reach the paths of permissions, for a process that gives up its right to open more than they
// name. It comes before the first Load.
func (r *Runtime) OpenFolders(p runtime.Permissions) { r.folders = guard.OpenFolders(p) }

// Check does what Load does before it runs anything: it reports all that is wrong with the source of a package, as
// runtime.Problems.
func (r *Runtime) Check(p runtime.Package) error {
	_, err := r.front(p)
	return err
}

// Load implements runtime.Runtime. A package whose initialisation or Register does not end in time is closed as one is whose
// calls do not: it has Package.Grace to end by itself, then what it registered with OnClose runs, and it is stopped as far as
// an interpreter can be. A goroutine that waits in compiled code, for a lock say, stays behind until it wakes.
func (r *Runtime) Load(ctx context.Context, p runtime.Package) (runtime.Instance, error) {
	return r.LoadWhen(ctx, p, func() error { return nil })
}

// LoadWhen is Load for a process that is still being confined to what the package was granted: nothing of the package runs until
// ready has returned. Its error is that of the load.
func (r *Runtime) LoadWhen(ctx context.Context, p runtime.Package, ready func() error) (runtime.Instance, error) {
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("load %s: %w", p.Name, err)
	}
	type result struct {
		in  *instance
		err error
	}
	l := &loading{ready: ready}
	done := make(chan result, 1)
	go func() {
		deepen(0)
		in, err := r.load(ctx, l, p)
		if !l.end() && err == nil {
			in.discard(ctx)
		}
		done <- result{in, err}
	}()
	var res result
	select {
	case res = <-done:
	case <-ctx.Done():
		if l.stop(ctx) {
			return nil, fmt.Errorf("load %s: %w", p.Name, ctx.Err())
		}
		res = <-done
	}
	if res.err != nil {
		return nil, res.err
	}
	return res.in, nil
}

// deepStack is what loads need of a stack, in bytes.
const deepStack = 64 << 10

// deepen has the stack of a goroutine grow at once, which else is copied each time that it gets twice as large: a function gets room for
// its variables when it is called, used or not. Here n is 0, and is there so that the compiler does not see that they are not.
//
//go:noinline
func deepen(n int) byte {
	if n == 0 {
		return 0
	}
	var room [deepStack]byte
	for i := range n {
		room[i] = byte(i)
	}
	return room[n/2]
}

// front checks a package: its manifest, its Go, and that it has a Register function.
func (r *Runtime) front(p runtime.Package) (*check.Program, error) {
	manifest, err := ReadManifest(p.Tree, p.Dir)
	if err != nil {
		return nil, err
	}
	asked := manifest.Permissions
	prog, err := check.Check(check.Config{
		Tree: p.Tree, Dir: p.Dir, Importer: r.universe,
		Missing: func(importPath, name string) string { return missing(p.Permissions, symbols.GroupOf(importPath, name)) },
		Assigned: func(importPath, name string) string {
			if symbols.IsOwn(importPath, name) {
				return ""
			}
			return missing(p.Permissions, symbols.All)
		},
		Package: p.Name,
		Asked:   map[string][]string{"net": asked.Net, "read": asked.Read, "write": asked.Write, "env": asked.Env, "run": asked.Run},
	})
	if err != nil {
		return nil, problemsOf(err)
	}
	if problem := r.checkRegister(prog); problem != nil {
		return nil, runtime.Problems{*problem}
	}
	return prog, nil
}

// missing returns the permission of a group where p does not grant it.
func missing(p runtime.Permissions, g symbols.Group) string {
	granted := map[symbols.Group]bool{
		symbols.Free: true, symbols.Net: len(p.Net) > 0, symbols.Read: len(p.Read) > 0, symbols.Write: len(p.Write) > 0,
		symbols.Env: len(p.Env) > 0, symbols.Run: len(p.Run) > 0, symbols.Files: len(p.Read) > 0 || len(p.Write) > 0,
	}
	switch {
	case p.All || granted[g]:
		return ""
	case g == symbols.Files:
		return string(symbols.Write)
	}
	return string(g)
}

// checkRegister looks for the entry point.
func (r *Runtime) checkRegister(prog *check.Program) *runtime.Problem {
	main := prog.Main()
	name := main.Files[0].AST.Name
	at := prog.Fset.Position(name.Pos())
	if name.Name == "main" {
		return &runtime.Problem{
			File: at.Filename, Line: at.Line, Column: at.Column,
			Message: "package main is a program, not a plugin: give the package another name",
		}
	}
	const want = "func Register(r *plugin.Registrar) error"
	obj := main.Types.Scope().Lookup("Register")
	if obj == nil {
		return &runtime.Problem{
			File: at.Filename, Line: at.Line, Column: at.Column, Message: "no Register function: a plugin has a " + want,
		}
	}
	sdk, err := r.universe.Import(symbols.SDK)
	if err != nil {
		return &runtime.Problem{Message: err.Error()}
	}
	registrar := types.NewVar(0, nil, "", types.NewPointer(sdk.Scope().Lookup("Registrar").Type()))
	result := types.NewVar(0, nil, "", types.Universe.Lookup("error").Type())
	sig := types.NewSignatureType(nil, nil, nil, types.NewTuple(registrar), types.NewTuple(result), false)
	if _, isFunc := obj.(*types.Func); isFunc && types.Identical(obj.Type(), sig) {
		return nil
	}
	at = prog.Fset.Position(obj.Pos())
	return &runtime.Problem{
		File: at.Filename, Line: at.Line, Column: at.Column,
		Message: "wrong Register: have " + types.ObjectString(obj, types.RelativeTo(main.Types)) + ", want " + want,
	}
}
