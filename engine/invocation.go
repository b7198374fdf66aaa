package engine

import (
	"context"
	"reflect"

	"github.com/scriptd/scriptd/engine/contract"
	"github.com/scriptd/scriptd/plugin"
)

// invocation is what of a call is that of a method.
type invocation struct {
	proxy  *proxy
	method int
	args   []reflect.Value
	out    []reflect.Value
}

// invoke calls a method of what serves now.
func (e *Engine) invoke(p *proxy, method int, args []reflect.Value) ([]reflect.Value, error) {
	m := &p.contract.Methods[method]
	ctx := context.Background()
	if m.Context >= 0 {
		if given, ok := reflect.TypeAssert[context.Context](args[m.Context]); ok {
			ctx = given
		}
	}
	c := &struct {
		call
		invocation
	}{
		call{engine: e, name: p.key, number: e.calls.Add(1)}, invocation{proxy: p, method: method, args: args},
	}
	c.typed = &c.invocation
	return c.call.invoke(ctx)
}

func (i *invocation) of() *contract.Method { return &i.proxy.contract.Methods[i.method] }

// brief reports whether the method surely ends soon by itself.
func (i *invocation) brief(target *entry) bool {
	return target.impl.Brief != nil && target.impl.Brief[i.method]
}

// suits reports whether an implementation has the version that the call is for.
func (i *invocation) suits(target *entry) error {
	if target.impl.Contract == i.proxy.contract {
		return nil
	}
	if err := i.proxy.reaches(target); err != nil {
		return err
	}
	return errOlder
}

// repeatable reports whether a call can be made twice: nothing that it was given is used up.
func (i *invocation) repeatable() bool {
	for t := range i.of().Type.Ins() {
		switch t.Kind() {
		case reflect.Func, reflect.Chan:
			return false
		case reflect.Interface:
			if t.NumMethod() > 0 && t != reflect.TypeFor[context.Context]() && t != reflect.TypeFor[error]() {
				return false
			}
		}
	}
	return true
}

// answer calls the method. The result says how it went; what it returned is in out.
func (i *invocation) answer(ctx context.Context, target *entry) (plugin.Result, error) {
	out, err := target.gen.inst.Invoke(ctx, target.index, i.method, i.args)
	if err != nil {
		return plugin.Result{}, err
	}
	i.out = out
	if !i.of().Fails {
		return plugin.Result{Success: true}, nil
	}
	if err, ok := reflect.TypeAssert[error](out[len(out)-1]); ok && err != nil {
		return plugin.Result{Error: err.Error(), Retry: plugin.IsRetryable(err), Invalid: plugin.IsInvalid(err)}, nil
	}
	return plugin.Result{Success: true}, nil
}
