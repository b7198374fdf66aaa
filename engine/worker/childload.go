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

	"github.com/scriptd/scriptd/engine/runtime"
	"github.com/scriptd/scriptd/engine/worker/wire"
)

// load loads the package of this process.
func (c *child) load(call *wire.Call, p *wire.Payload) {
	d := wire.NewDecoder(call.Payload)
	r := decodeLoad(d)
	call.Done()
	if err := d.Err(); err != nil {
		appendError(p, err)
		return
	}
	ctx, cancel := callContext(context.Background(), call, r.limits)
	defer cancel()
	inst, err := c.loadPackage(ctx, call, r)
	if err != nil {
		appendError(p, err)
		return
	}
	appendError(p, nil)
	if err := appendPlugins(p, inst.Plugins()); err != nil {
		p.Reset()
		appendError(p, err)
	}
}

func (c *child) loadPackage(ctx context.Context, call *wire.Call, r *loadRequest) (runtime.Instance, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.loaded != nil {
		return nil, fmt.Errorf("load %s: a package is loaded already", r.pkg.Name)
	}
	if err := c.prepare(r); err != nil {
		return nil, fmt.Errorf("load %s: %w", r.pkg.Name, err)
	}
	pkg := r.pkg
	pkg.Tree = &childTree{ctx: ctx, call: call, have: r.files}
	c.background.output.allow(outputOf(r.pkg.Limits))
	pkg.Log = c.background.logger(r.level)
	pkg.Broken = c.background.broken
	inst, err := c.runtime.Load(ctx, pkg)
	if err != nil {
		return nil, err
	}
	c.loaded = &loadedPackage{inst, labels(inst.Plugins())}
	c.trimmer.later()
	return inst, nil
}

// prepare is what happens before anything of the package does: this process is confined to what the package was granted.
func (c *child) prepare(r *loadRequest) error {
	// The descriptors are open, and the symbol tables are there: warm has seen to it. What reads files that may not be
	// read later (certificates, time zones, users) is to be read here.
	if err := setEnvironment(r.env, r.pkg.Permissions.All); err != nil {
		return fmt.Errorf("set the environment: %w", err)
	}
	return c.confine(r)
}

// setEnvironment makes the environment that of the package: what it may read, or all of the host's.
func setEnvironment(env []string, all bool) error {
	var errs []error
	for _, entry := range os.Environ() {
		name, _, _ := strings.Cut(entry, "=")
		if slices.Contains(handshakeVariables, name) || all && name != goDebug {
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

// handshakeVariables are those that go-plugin gives to a process. Another one that this process starts is no child.
var handshakeVariables = []string{
	handshake.MagicCookieKey, "PLUGIN_MIN_PORT", "PLUGIN_MAX_PORT", "PLUGIN_PROTOCOL_VERSIONS", "PLUGIN_UNIX_SOCKET_DIR", scopeVariable,
}

// labels are contexts with the labels of the goroutines that run a package's plugins: a crash of the process names them.
func labels(plugins []runtime.Plugin) map[string]context.Context {
	all := make(map[string]context.Context, len(plugins))
	for _, p := range plugins {
		at := fmt.Sprintf("%s:%d:%d", p.File, p.Line, p.Column)
		all[p.Name] = pprof.WithLabels(context.Background(), pprof.Labels(labelPlugin, p.Name, labelPlace, at))
	}
	return all
}
