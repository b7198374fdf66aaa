package interp

import (
	"context"
	"errors"
	"fmt"
	"go/token"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/traefik/yaegi/interp"

	"github.com/scriptd/scriptd/engine/check"
	"github.com/scriptd/scriptd/engine/runtime"
	"github.com/scriptd/scriptd/engine/schema"
	"github.com/scriptd/scriptd/plugin"
)

// instance is a package in an interpreter of its own.
type instance struct {
	pkg    runtime.Package
	log    *slog.Logger
	interp *interp.Interpreter
	output *lineWriter // what the package prints
	panics *panicWriter
	sites  []token.Position
	types  *typeTable
	done   chan struct{} // closed when the package is stopped

	// What Register registered. It does not change afterwards.
	plugins  []runtime.Plugin
	handlers map[string]*handler
	onClose  []func(context.Context) error
	health   []func(context.Context) error

	calls     sync.WaitGroup // those that the caller has given up, too
	closeOnce sync.Once
	closeErr  error
}

func newInstance(p runtime.Package, types *typeTable) *instance {
	log := p.Log
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	return &instance{
		pkg:      p,
		log:      log,
		output:   &lineWriter{log: log},
		panics:   &panicWriter{},
		done:     make(chan struct{}),
		types:    types,
		handlers: make(map[string]*handler),
	}
}

// Plugins implements runtime.Instance.
func (in *instance) Plugins() []runtime.Plugin { return in.plugins }

// Close implements runtime.Instance. In the end it stops the interpreter.
func (in *instance) Close(ctx context.Context) error {
	in.closeOnce.Do(func() {
		var errs []error
		if err := in.idle(ctx); err != nil {
			errs = append(errs, fmt.Errorf("close %s: calls are still running: %w", in.pkg.Name, err))
		}
		var closers []<-chan struct{}
		for _, f := range slices.Backward(in.onClose) {
			ended, err := in.runClose(ctx, f)
			closers = append(closers, ended)
			if err != nil {
				errs = append(errs, fmt.Errorf("close %s: %w", in.pkg.Name, err))
			}
		}
		if ctx.Err() == nil { // all have ended
			in.stop()
		} else {
			go in.stopAfter(closers)
		}
		in.output.flush()
		in.closeErr = errors.Join(errs...)
	})
	return in.closeErr
}

// stop ends what the package still does.
func (in *instance) stop() {
	close(in.done)
	stop(in.interp)
}

// idle waits for the calls that run.
func (in *instance) idle(ctx context.Context) error {
	idle := make(chan struct{})
	go func() {
		in.calls.Wait()
		close(idle)
	}()
	select {
	case <-idle:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// stopAfter stops what goroutines and calls of the package still do, which is of use to nobody. The functions of OnClose
// that were left behind get a while to end before.
func (in *instance) stopAfter(closers []<-chan struct{}) {
	defer in.stop()
	late := time.After(closeTime)
	for _, ended := range closers {
		select {
		case <-ended:
		case <-late:
			return
		}
	}
}

// runClose runs what OnClose registered. A function that does not end in time is left behind; ended is closed when it
// does.
func (in *instance) runClose(ctx context.Context, f func(context.Context) error) (ended <-chan struct{}, err error) {
	done, over := make(chan error, 1), make(chan struct{})
	go func() {
		defer close(over)
		defer func() {
			if v := recover(); v != nil {
				done <- errors.New(in.panicProblem(v, "panic in OnClose").String())
			}
		}()
		done <- f(ctx)
	}()
	select {
	case err := <-done:
		return over, err
	case <-ctx.Done():
	}
	select {
	case err := <-done: // it had heeded its context
		return over, err
	default:
		return over, fmt.Errorf("a function of OnClose does not end: %w", ctx.Err())
	}
}

// register runs the package's Register.
func (in *instance) register(register func(*plugin.Registrar) error, prog *check.Program) error {
	obj := prog.Main().Types.Scope().Lookup("Register")
	at := prog.Fset.Position(obj.Pos())
	err := in.runRegister(register)
	var panicked runtime.Problems
	var refused *siteError
	var field *schema.TypeError
	switch {
	case errors.As(err, &panicked):
		return panicked
	case errors.As(err, &field) && field.Pos.IsValid():
		return runtime.Problems{problemAt(prog.Fset.Position(field.Pos), err.Error())}
	case errors.As(err, &refused):
		return runtime.Problems{problemAt(in.sites[refused.site], err.Error())}
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
