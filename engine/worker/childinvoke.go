//go:build unix

package worker

import (
	"context"
	"errors"
	"fmt"
	"os"
	"reflect"
	"runtime/pprof"

	"github.com/scriptd/scriptd/engine/contract"
	"github.com/scriptd/scriptd/engine/contract/carry"
	"github.com/scriptd/scriptd/engine/runtime"
	"github.com/scriptd/scriptd/engine/worker/wire"
	"github.com/scriptd/scriptd/plugin"
)

// accept makes of what the host offers what a package may implement and use.
func (c *child) accept(o offer, pkg *runtime.Package, l *loadedPackage) error {
	if o.isEmpty() {
		return nil
	}
	for _, offered := range o.contracts {
		t, plan, err := c.plans.find(offered.is, c.plans.of)
		if err != nil {
			return fmt.Errorf("contract %s@%d: %w", offered.name, offered.version, err)
		}
		made := contract.New(t, offered.name, offered.version, contract.Optional(offered.optional...))
		if err := made.Err(); err != nil {
			return err
		}
		l.offered = append(l.offered, made)
		l.plans = append(l.plans, plan)
	}
	pkg.Contracts = l.offered
	for _, offered := range o.services {
		t, plan, err := c.plans.find(offered.is, c.plans.service)
		if err != nil {
			return fmt.Errorf("service %s.%s: %w", offered.is.path, offered.is.name, err)
		}
		v, err := l.session.Value(plan, offered.reference)
		if err != nil {
			return fmt.Errorf("service %s: %w", t, err)
		}
		value := reflect.New(t).Elem()
		value.Set(v)
		pkg.Services = append(pkg.Services, runtime.Service{Type: t, Value: value})
	}
	return nil
}

// connect has a package and its host call each other's functions.
func (c *child) connect(number uint64) *carry.Session {
	return carry.NewSession(func(message []byte) error {
		c.server.Yield() // an answer may be what a call waits for
		c.background.session(number, message)
		return nil
	})
}

// aside sends a message of a session to the caller of a call, who listens anyway, or in the background where there is none.
func (c *child) aside(call *wire.Call, number uint64, message []byte) error {
	p := newPayload()
	defer recycle(p)
	_ = p.Append(func(b []byte) ([]byte, error) { return append(b, message...), nil })
	c.server.Yield() // an answer is what the call waits for
	if !call.Event(eventSession, p) {
		c.background.session(number, message)
	}
	return nil
}

// session sends a message of a package's session.
func (b *background) session(number uint64, message []byte) {
	var p wire.Payload
	p.Uint(number)
	_ = p.Append(func(b []byte) ([]byte, error) { return append(b, message...), nil })
	b.send(backgroundSession, &p)
}

// told takes what the host says without calling.
func (c *child) told(tag byte, payload []byte) {
	d := wire.NewDecoder(payload)
	number := d.Uint()
	if tag != tellSession || d.Err() != nil {
		return
	}
	c.mu.Lock()
	l := c.packages[number]
	c.mu.Unlock()
	if l == nil || l.session == nil { // it was closed
		return
	}
	if err := l.session.Receive(d.Rest()); err != nil {
		fmt.Fprintln(os.Stderr, "what the host said:", err)
		leave()
	}
}

// method returns a method of what the package implements.
func (l *loadedPackage) method(implementation, method uint64) (*carry.Method, error) {
	list := l.inst.Implementations()
	if implementation >= uint64(len(list)) {
		return nil, errors.New("no such implementation")
	}
	methods := l.plans[l.contracts[implementation]].Methods()
	if method >= uint64(len(methods)) {
		return nil, errors.New("no such method")
	}
	return methods[method], nil
}

// invoke runs a method of an implementation.
func (c *child) invoke(call *wire.Call, p *wire.Payload) {
	d := wire.NewDecoder(call.Payload)
	r := decodeCall(d)
	implementation, number := d.Uint(), d.Uint()
	loaded, err := c.loaded(r.number)
	var m *carry.Method
	if err = errors.Join(d.Err(), err); err == nil {
		m, err = loaded.method(implementation, number)
	}
	if err != nil {
		call.Done()
		appendError(p, err)
		return
	}
	labels := loaded.typedLabels[implementation]
	ctx, cancel := callContext(labels, call, r.limits)
	defer cancel()
	if r.hasCall {
		ctx = plugin.WithCall(ctx, c.surroundings(call, r, loaded.output))
	}
	var scope *carry.Scope
	if m.Refers() {
		scope = loaded.session.Begin()
		defer scope.End()
		scope.Via(func(message []byte) error { return c.aside(call, r.number, message) })
	}
	args, err := m.Args(ctx, scope, d.Rest())
	call.Done()
	var out []reflect.Value
	if err == nil {
		pprof.SetGoroutineLabels(labels)
		out, err = loaded.inst.Invoke(ctx, int(implementation), int(number), args)
		pprof.SetGoroutineLabels(context.Background())
	}
	appendError(p, err)
	if err != nil {
		return
	}
	if err := p.Append(func(b []byte) ([]byte, error) { return m.AppendResults(scope, b, args, out) }); err != nil {
		p.Reset()
		appendError(p, err)
	}
}
