//go:build unix

package worker

import (
	"context"
	"errors"
	"reflect"
	"slices"

	"github.com/scriptd/scriptd/engine/contract"
	"github.com/scriptd/scriptd/engine/contract/carry"
	"github.com/scriptd/scriptd/engine/runtime"
	"github.com/scriptd/scriptd/engine/worker/wire"
	"github.com/scriptd/scriptd/plugin"
)

// Check says which methods of contracts and services cannot be called in another process, and why. Load refuses packages that are
// given those.
func (r *Runtime) Check(contracts []*contract.Contract, services []runtime.Service) error {
	return r.plans.check(contracts, services)
}

// implemented is an implementation in the process.
type implemented struct {
	methods []*carry.Method // nil for one that is missing
}

// Implementations implements runtime.Instance.
func (in *instance) Implementations() []runtime.Implementation { return in.implementations }

// provides takes what the package provides.
func (in *instance) provides(list []runtime.Implementation) error {
	in.implementations = list
	for _, impl := range list {
		plan, err := in.runtime.plans.of(impl.Contract.Type)
		if err != nil {
			return err
		}
		methods := slices.Clone(plan.Methods())
		for i, m := range methods {
			if slices.Contains(impl.Missing, m.Name) {
				methods[i] = nil
			}
		}
		in.implemented = append(in.implemented, implemented{methods})
	}
	return nil
}

// Invoke implements runtime.Instance.
func (in *instance) Invoke(ctx context.Context, implementation, method int, args []reflect.Value) ([]reflect.Value, error) {
	m := in.implemented[implementation].methods[method]
	if m == nil {
		return nil, runtime.ErrNotImplemented
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	p := newPayload()
	defer recycle(p)
	request := callRequest{number: in.tenant.number, limits: limitsOf(ctx)}
	var listener wire.Handler
	if c := plugin.CallFrom(ctx); c != nil || m.Refers() {
		heard := &callListener{ctx: ctx, output: &in.tenant.output, aside: in.hear}
		if c != nil {
			request.hasCall, request.hasLog, request.progress = true, c.Log != nil, c.Progress != nil
			request.level = levelOf(c.Log)
			heard.log, heard.progress = c.Log, c.Progress
		}
		listener = heard
	}
	appendCall(p, request)
	p.Uint(uint64(implementation))
	p.Uint(uint64(method))
	var scope *carry.Scope
	if m.Refers() {
		scope = in.tenant.session.Begin()
		defer scope.End()
	}
	if err := p.Append(func(b []byte) ([]byte, error) { return m.AppendArgs(scope, b, args) }); err != nil {
		return nil, err
	}
	r, err := in.do(ctx, methodInvoke, p, listener)
	if err != nil {
		return nil, err
	}
	defer r.release()
	if err := decodeError(&r.d); err != nil {
		return nil, err
	}
	results, err := m.Results(scope, r.d.Rest(), args)
	if errors.Is(err, carry.ErrMalformed) {
		in.worker.process.kill("it sent what it must not: " + err.Error())
		return nil, in.lost()
	}
	if err != nil {
		return nil, err
	}
	return results, nil
}

// hear takes a message of the package's session.
func (in *instance) hear(message []byte) {
	if err := in.tenant.session.Receive(message); err != nil {
		in.worker.process.kill("it sent what it must not: " + err.Error())
	}
}

// connect has a package and its host call each other's functions.
func (t *tenant) connect(w *worker) {
	t.session = carry.NewSession(func(message []byte) error {
		p := newPayload()
		defer recycle(p)
		p.Uint(t.number)
		_ = p.Append(func(b []byte) ([]byte, error) { return append(b, message...), nil })
		return w.calls.Tell(tellSession, p)
	})
}

// lends reports whether the host has something of the package in use: a stream that it returned, say.
func (t *tenant) lends() bool { return t.session != nil && t.session.Held() > 0 }

// serve gives the package references to the services of its host.
func (t *tenant) serve(p *plans, services []runtime.Service, offered []offeredService) error {
	for i, s := range services {
		plan, err := p.service(s.Type)
		if err != nil {
			return err
		}
		if offered[i].reference, err = t.session.Offer(plan, s.Value); err != nil {
			return err
		}
	}
	return nil
}

// hangUp ends what package and host call of each other.
func (t *tenant) hangUp(why error) {
	if t.session != nil {
		t.session.Close(why)
	}
}
