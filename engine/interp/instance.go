package interp

import (
	"context"
	"errors"
	"go/token"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/traefik/yaegi/interp"

	"github.com/scriptd/scriptd/engine/check"
	"github.com/scriptd/scriptd/engine/interp/guard"
	"github.com/scriptd/scriptd/engine/runtime"
	"github.com/scriptd/scriptd/engine/schema"
	"github.com/scriptd/scriptd/plugin"
)

// instance is a package in an interpreter of its own.
type instance struct {
	owner  *Runtime // nil for a program
	pkg    runtime.Package
	log    *slog.Logger
	interp *interp.Interpreter
	output *lineWriter // what the package prints
	panics *panicWriter
	sites  []token.Position
	types  *typeTable
	guard  *guard.Guard
	web    *web          // nil where it does not import net/http
	done   chan struct{} // closed when the package is stopped

	// What Register registered. It does not change afterwards, but for the functions of OnClose, which are taken away.
	plugins  []runtime.Plugin
	handlers map[string]*handler
	// implementations are those of implemented, both sorted by key.
	implementations []runtime.Implementation
	implemented     []*implementation
	program         *check.Program // while Register runs
	health          []func(context.Context) error
	onCloseMu       sync.Mutex
	onClose         []func(context.Context) error

	calls running
	// isCut says that what is still running does not count any more.
	isCut     atomic.Bool
	broken    sync.Once
	closeOnce sync.Once
	closeErr  error
}

func newInstance(owner *Runtime, p runtime.Package, types *typeTable) *instance {
	log := p.Log
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	return &instance{
		owner:    owner,
		pkg:      p,
		guard:    guard.New(owner.guardOptions(p)),
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

// register runs the package's Register.
func (in *instance) register(register func(*plugin.Registrar) error, prog *check.Program) error {
	obj := prog.Main().Types.Scope().Lookup("Register")
	at := prog.Fset.Position(obj.Pos())
	in.program = prog
	defer func() { in.program = nil }()
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
	case len(in.plugins) == 0 && len(in.implemented) == 0:
		return runtime.Problems{problemAt(at, "Register registered no plugin: call r.Add")}
	}
	slices.SortFunc(in.implemented, func(a, b *implementation) int { return strings.Compare(a.Key(), b.Key()) })
	for _, impl := range in.implemented {
		in.implementations = append(in.implementations, impl.Implementation)
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
