package engine

import (
	"fmt"
	"io"

	yaegi "github.com/traefik/yaegi/interp"

	"github.com/scriptd/scriptd/engine/interp"
	"github.com/scriptd/scriptd/engine/runtime"
	"github.com/scriptd/scriptd/engine/symbols"
	"github.com/scriptd/scriptd/engine/worker"
)

// Isolation is where a package runs.
type Isolation string

const (
	// IsolationNone runs packages in this process.
	IsolationNone Isolation = "none"
	// IsolationProcess runs each package in a child process, which is this binary: its main calls ServeWorker first.
	IsolationProcess Isolation = "process"
)

// ServeWorker is the first thing in the main function of a host whose packages run in processes of their own. It returns at
// once, except in such a process, in which it does not return. The tables are those of Options.Symbols, or more:
// the process knows of the host's packages what it is given here.
func ServeWorker(tables ...yaegi.Exports) { worker.Serve(tables...) }

// runtimeFor returns what executes packages. What is an io.Closer is closed with the engine.
func runtimeFor(opts Options, universe *symbols.Universe) (runtime.Runtime, error) {
	switch isolation, log := opts.Isolation, opts.Logger; isolation {
	case "":
		if !worker.Served() {
			log.Info("packages run in this process: call engine.ServeWorker first thing in main to give each a process of its own")
			return interp.With(universe), nil
		}
	case IsolationNone:
		return interp.With(universe), nil
	case IsolationProcess:
		if !worker.Served() {
			return nil, fmt.Errorf("isolation %q: call engine.ServeWorker first thing in main", isolation)
		}
	default:
		return nil, fmt.Errorf("isolation %q: want %s or %s", isolation, IsolationProcess, IsolationNone)
	}
	switch opts.Processes.Share {
	case "", SharePackage, ShareSource:
	default:
		return nil, fmt.Errorf("share %q: want %s or %s", opts.Processes.Share, SharePackage, ShareSource)
	}
	return worker.New(worker.Options{Log: opts.Logger, Idle: opts.Processes.Idle, Universe: universe})
}

// tellIdleLimits says, once, that there are limits that nobody keeps.
func tellIdleLimits(rt runtime.Runtime, opts Options) {
	if _, ok := rt.(*worker.Runtime); ok {
		return
	}
	var idle []string
	for _, s := range opts.Sources {
		if s.ProcessLimits != (runtime.Limits{}) {
			idle = append(idle, s.Name)
			continue
		}
		for _, p := range s.Packages {
			if p.ProcessLimits != (runtime.Limits{}) {
				idle = append(idle, s.Name+"/"+p.Path)
			}
		}
	}
	if len(idle) > 0 {
		opts.Logger.Warn("limits of memory, cpu, open_files, processes and output do not hold for packages in this process: "+
			"they take isolation: process", "configured for", idle)
	}
}

// closeRuntime frees what executes packages.
func (e *Engine) closeRuntime() error {
	if c, ok := e.runtime.(io.Closer); ok {
		return c.Close()
	}
	return nil
}
