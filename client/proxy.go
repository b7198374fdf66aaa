package client

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"sync/atomic"

	"github.com/scriptd/scriptd/engine/contract/carry"
)

// proxy stands for an implementation on the server.
type proxy struct {
	client *Client
	known  *known
	name   string
	opened atomic.Pointer[opened]
}

// opened is an implementation, as a connection knows it.
type opened struct {
	line   *line
	remote *carry.Remote
	plan   *carry.Plan
}

func (p *proxy) value() reflect.Value { return p.known.wrapper.Make(p, p.call) }

func (p *proxy) call(method int, args []reflect.Value) []reflect.Value {
	m := &p.known.Methods[method]
	ctx := context.Background()
	if m.Context >= 0 {
		if given, ok := reflect.TypeAssert[context.Context](args[m.Context]); ok {
			ctx = given
		}
	}
	out, err := p.invoke(ctx, method, args)
	if err != nil {
		return m.Failed(err)
	}
	return out
}

func (p *proxy) invoke(ctx context.Context, method int, args []reflect.Value) (out []reflect.Value, err error) {
	err = p.with(ctx, func(o *opened) error {
		m := o.plan.Methods()[method]
		if m.Missing() {
			return fmt.Errorf("%s/%s.%s: the server's interface does not have it: %w", p.known.Name, p.name, m.Name, ErrNotImplemented)
		}
		out, err = o.remote.Call(m, args)
		if _, panicked := errors.AsType[*carry.PanicError](err); panicked {
			return err
		}
		return p.client.explain(err)
	})
	return out, err
}

// with opens the implementation where the connection does not know it, and calls f.
func (p *proxy) with(ctx context.Context, f func(*opened) error) error {
	for again := true; ; again = false {
		l, err := p.client.take(ctx)
		if err != nil {
			return err
		}
		o, err := p.open(ctx, l)
		if err == nil {
			err = f(o)
			l.end()
			return err
		}
		l.end()
		if !again || !l.over() || ctx.Err() != nil { // nothing was called
			return err
		}
	}
}

func (p *proxy) open(ctx context.Context, l *line) (*opened, error) {
	if o := p.opened.Load(); o != nil && o.line == l {
		return o, nil
	}
	var o *opened
	err := p.client.ask(ctx, func(ctx context.Context) error {
		plan, err := l.meet(ctx, p.known)
		if err != nil {
			return err
		}
		reference, err := l.control.Open(ctx, p.known.Name, p.known.Version, p.name)
		if err != nil {
			return err
		}
		o = &opened{l, l.conn.Session().Remote(reference), plan}
		return nil
	})
	if err != nil {
		return nil, err
	}
	p.opened.Store(o)
	return o, nil
}

// ask asks the server for something that takes no longer than it takes to reach it.
func (c *Client) ask(ctx context.Context, f func(context.Context) error) error {
	within, cancel := context.WithTimeout(ctx, c.opts.DialTimeout)
	defer cancel()
	err := f(within)
	if err != nil && within.Err() != nil && ctx.Err() == nil {
		return c.unavailable(fmt.Errorf("it does not answer: %w", err))
	}
	return c.explain(err)
}

// explain says which server an error is of, where it does not tell.
func (c *Client) explain(err error) error {
	switch {
	case err == nil || errors.Is(err, ErrUnavailable) || errors.Is(err, ErrClosed):
		return err
	case errors.Is(err, carry.ErrBusy):
		err = fmt.Errorf("%w: %w", ErrBusy, err)
	}
	return fmt.Errorf("scriptd at %s: %w", c.base, err)
}
