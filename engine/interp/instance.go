package interp

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"

	"github.com/scriptd/scriptd/engine/check"
	"github.com/scriptd/scriptd/engine/lower"
	"github.com/scriptd/scriptd/engine/runtime"
	"github.com/scriptd/scriptd/plugin"
)

// instance is a package in an interpreter of its own.
type instance struct {
	pkg    runtime.Package
	log    *slog.Logger
	output *lineWriter // what the package prints
	panics *panicWriter
	sites  []lower.Site
	types  *typeTable

	// What Register registered. It does not change afterwards.
	plugins  []runtime.Plugin
	handlers map[string]*handler
	onClose  []func(context.Context) error

	calls     sync.WaitGroup // those that the caller has given up, too
	closeOnce sync.Once
	closeErr  error
}

func newInstance(p runtime.Package, prog *check.Program, sites []lower.Site) *instance {
	log := p.Log
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	return &instance{
		pkg:      p,
		log:      log,
		output:   &lineWriter{log: log},
		panics:   &panicWriter{},
		sites:    sites,
		types:    newTypeTable(prog),
		handlers: make(map[string]*handler),
	}
}

// Plugins implements runtime.Instance.
func (in *instance) Plugins() []runtime.Plugin { return in.plugins }

// Close implements runtime.Instance. It waits for calls that their callers gave up, as long as ctx allows.
func (in *instance) Close(ctx context.Context) error {
	in.closeOnce.Do(func() {
		idle := make(chan struct{})
		go func() {
			in.calls.Wait()
			close(idle)
		}()
		var errs []error
		select {
		case <-idle:
		case <-ctx.Done():
			errs = append(errs, fmt.Errorf("close %s: calls are still running: %w", in.pkg.Name, ctx.Err()))
		}
		for _, f := range slices.Backward(in.onClose) {
			if err := in.runClose(ctx, f); err != nil {
				errs = append(errs, fmt.Errorf("close %s: %w", in.pkg.Name, err))
			}
		}
		in.output.flush()
		in.closeErr = errors.Join(errs...)
	})
	return in.closeErr
}

func (in *instance) runClose(ctx context.Context, f func(context.Context) error) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = errors.New(in.panicProblem(v, "panic in OnClose").String())
		}
	}()
	return f(ctx)
}

// register runs the package's Register.
func (in *instance) register(register func(*plugin.Registrar) error, prog *check.Program) error {
	obj := prog.Main().Types.Scope().Lookup("Register")
	at := prog.Fset.Position(obj.Pos())
	err := in.runRegister(register)
	var panicked runtime.Problems
	var refused *siteError
	switch {
	case errors.As(err, &panicked):
		return panicked
	case errors.As(err, &refused):
		return runtime.Problems{problemAt(in.sites[refused.site].Pos, err.Error())}
	case err != nil:
		return runtime.Problems{problemAt(at, "Register: "+err.Error())}
	case len(in.plugins) == 0:
		return runtime.Problems{problemAt(at, "Register registered no plugin: call r.Add")}
	}
	slices.SortFunc(in.plugins, func(a, b runtime.Plugin) int { return strings.Compare(a.Name, b.Name) })
	return nil
}

func (in *instance) runRegister(register func(*plugin.Registrar) error) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = runtime.Problems{in.panicProblem(v, "panic in Register")}
		}
	}()
	return register(plugin.NewRegistrar((*host)(in)))
}
