package client

import (
	"context"
	"fmt"
	"reflect"

	"github.com/scriptd/scriptd/engine/contract"
)

func contractOf[T any](c *Client) (*known, error) {
	t := reflect.TypeFor[T]()
	k := c.byType[t]
	if k == nil {
		return nil, fmt.Errorf("%s is no contract of this client: add it to Options.Contracts", t)
	}
	return k, nil
}

// Get returns the implementation name of the contract whose interface is T, of the server. It is a value for as long as the client
// lives: each call goes to the version that serves there then, over whatever connection there is. It fails with ErrUnavailable while the
// server is away, and with ErrNotFound while there is none of that name. It may be used by many goroutines at once.
//
// Get fails with those errors, with ErrVersion where the server has another version of the contract, and with ErrMismatch where its
// interface does not fit T.
func Get[T any](ctx context.Context, c *Client, name string) (T, error) {
	var none T
	k, err := contractOf[T](c)
	if err != nil {
		return none, err
	}
	p := &proxy{client: c, known: k, name: name}
	if err := p.with(ctx, func(*opened) error { return nil }); err != nil {
		return none, err
	}
	return p.value().Interface().(T), nil
}

// All returns the implementations of the contract whose interface is T that the server has, by name. Each is what Get returns. It fails
// as Get does.
func All[T any](ctx context.Context, c *Client) (map[string]T, error) {
	k, err := contractOf[T](c)
	if err != nil {
		return nil, err
	}
	l, err := c.met(ctx, k)
	if err != nil {
		return nil, err
	}
	defer l.end()
	var names []string
	err = c.ask(ctx, func(ctx context.Context) (err error) {
		names, err = l.control.Serving(ctx, k.Name, k.Version)
		return err
	})
	if err != nil {
		return nil, err
	}
	all := make(map[string]T)
	for _, name := range names {
		all[name] = (&proxy{client: c, known: k, name: name}).value().Interface().(T)
	}
	return all, nil
}

// met returns a connection over which a contract can be called, for a call that is to end.
func (c *Client) met(ctx context.Context, k *known) (*line, error) {
	l, err := c.take(ctx)
	if err != nil {
		return nil, err
	}
	err = c.ask(ctx, func(ctx context.Context) error {
		_, err := l.meet(ctx, k)
		return err
	})
	if err != nil {
		l.end()
		return nil, err
	}
	return l, nil
}

// Implements reports whether a value that Get returned has a method now: it is false for an optional one that the plugin, or the
// interface of the server, lacks, while nothing serves, and while the server is away.
func Implements(value any, method string) bool {
	p, ok := contract.Meaning(value).(*proxy)
	if !ok {
		return false
	}
	i := p.known.Index(method)
	has := false
	err := p.with(context.Background(), func(o *opened) error {
		if i < 0 || o.plan.Methods()[i].Missing() {
			return nil
		}
		return p.client.ask(context.Background(), func(ctx context.Context) (err error) {
			has, err = o.line.control.Implements(ctx, p.known.Name, p.known.Version, p.name, method)
			return err
		})
	})
	return err == nil && has
}
