//go:build unix

package worker

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime/pprof"
	"slices"
	"strings"
	"sync"

	"github.com/scriptd/scriptd/engine/runtime"
	"github.com/scriptd/scriptd/engine/worker/wire"
)

// load loads a package.
func (c *child) load(call *wire.Call, p *wire.Payload) {
	d := wire.NewDecoder(call.Payload)
	r := decodeLoad(d)
	call.Done()
	if err := d.Err(); err != nil {
		appendError(p, err)
		return
	}
	base := pprof.WithLabels(context.Background(), pprof.Labels(labelPackage, r.pkg.Name))
	ctx, cancel := callContext(base, call, r.limits)
	defer cancel()
	pprof.SetGoroutineLabels(base)
	defer pprof.SetGoroutineLabels(context.Background())
	l := &loadedPackage{base: base, session: c.connect(r.number)}
	inst, err := c.loadPackage(ctx, call, r, l)
	if err != nil {
		appendError(p, err)
		return
	}
	appendError(p, nil)
	if err := appendPlugins(p, inst.Plugins()); err != nil {
		p.Reset()
		appendError(p, err)
		return
	}
	appendImplementations(p, l.offered, inst.Implementations())
}

func (c *child) loadPackage(ctx context.Context, call *wire.Call, r *loadRequest, l *loadedPackage) (runtime.Instance, error) {
	if err := c.enter(r, l); err != nil {
		return nil, err
	}
	inst, err := c.loadInto(ctx, call, r, l)
	if err != nil {
		c.forget(r.number)
		return nil, err
	}
	c.mu.Lock()
	closed := l.closed
	if !closed {
		l.labels, l.inst = labels(l.base, inst.Plugins()), inst
		l.provides(inst.Implementations())
		c.trimmer.later()
	}
	c.mu.Unlock()
	if closed {
		_ = inst.Close(ctx) // nobody hears of it
		c.forget(r.number)
		return nil, runtime.ErrStopped
	}
	return inst, nil
}

func (c *child) loadInto(ctx context.Context, call *wire.Call, r *loadRequest, l *loadedPackage) (runtime.Instance, error) {
	confined, err := c.prepare(r)
	if err != nil {
		return nil, fmt.Errorf("load %s: %w", r.pkg.Name, err)
	}
	pkg := r.pkg
	if r.temp != "" && (len(pkg.Permissions.Write) > 0 || pkg.Permissions.All) { // the guards of the interpreter are to know it too
		pkg.Permissions.Write = append(slices.Clone(pkg.Permissions.Write), r.temp)
	}
	pkg.Tree = &childTree{ctx: ctx, call: call, have: r.files}
	l.output = &c.background.output
	if r.pkg.Group != "" {
		l.output = &meter{}
	}
	l.output.allow(outputOf(r.pkg.Limits))
	pkg.Log = c.background.logger(r.number, r.level, l.output)
	pkg.Broken = func(err error) { c.background.broken(r.number, err) }
	if err := c.accept(r.offer, &pkg, l); err != nil {
		return nil, fmt.Errorf("load %s: %w", r.pkg.Name, err)
	}
	return c.runtime.LoadWhen(ctx, pkg, confined)
}

// prepare is what happens once, before anything of a package does: this process is confined to what its packages were granted, which
// confined waits for. Source may be read, checked and compiled meanwhile, and is not run before confined returns.
func (c *child) prepare(r *loadRequest) (confined func() error, _ error) {
	c.readying.Lock()
	defer c.readying.Unlock()
	if c.confined != nil {
		return c.confined, nil
	}
	if err := c.useSymbols(r.symbols); err != nil {
		return nil, err
	}
	// The descriptors are open, and the symbol tables are there: warm has seen to it. What reads files that may not be
	// read later (certificates, time zones, users) is to be read here.
	profile := memoryProfile()
	if err := setEnvironment(r.env, r.walls.permissions.All); err != nil {
		return nil, fmt.Errorf("%w: set the environment: %w", errUnconfined, err)
	}
	c.runtime.OpenFolders(r.walls.permissions)
	done := make(chan error, 1)
	go func() {
		<-c.shaken
		if c.control != nil {
			c.control.Close()
		}
		done <- c.confine(r)
	}()
	c.confined = sync.OnceValue(func() error {
		if err := <-done; err != nil {
			return fmt.Errorf("%w: %w", errUnconfined, err)
		}
		profile()
		return nil
	})
	return c.confined, nil
}

// setEnvironment makes the environment that of the package: what it may read, or all of the host's.
func setEnvironment(env []string, all bool) error {
	var errs []error
	for _, entry := range os.Environ() {
		name, _, _ := strings.Cut(entry, "=")
		if slices.Contains(startVariables, name) || all && name != goDebug {
			errs = append(errs, os.Unsetenv(name))
		}
	}
	for _, entry := range env {
		if name, value, ok := strings.Cut(entry, "="); ok && name != "" && name != goDebug {
			errs = append(errs, os.Setenv(name, value))
		}
	}
	return errors.Join(errs...)
}

// startVariables are those that a process is started with by its host. Another one that this process starts is no child.
var startVariables = []string{handshake.MagicCookieKey, "GOGC", scopeVariable, controlVariable, profileVariable}

// labels are contexts with the labels of the goroutines that run a package's plugins: a crash of the process names them.
func labels(base context.Context, plugins []runtime.Plugin) map[string]context.Context {
	all := make(map[string]context.Context, len(plugins))
	for _, p := range plugins {
		at := fmt.Sprintf("%s:%d:%d", p.File, p.Line, p.Column)
		all[p.Name] = pprof.WithLabels(base, pprof.Labels(labelPlugin, p.Name, labelPlace, at))
	}
	return all
}

// provides takes what the package provides.
func (l *loadedPackage) provides(list []runtime.Implementation) {
	for _, impl := range list {
		l.contracts = append(l.contracts, slices.Index(l.offered, impl.Contract))
		at := fmt.Sprintf("%s:%d:%d", impl.File, impl.Line, impl.Column)
		l.typedLabels = append(l.typedLabels, pprof.WithLabels(l.base, pprof.Labels(labelPlugin, impl.Key(), labelPlace, at)))
	}
}
