package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"time"

	"github.com/scriptd/scriptd/client"
	"github.com/scriptd/scriptd/engine"
	"github.com/scriptd/scriptd/examples/hosts/greeter/draft"
	"github.com/scriptd/scriptd/examples/hosts/greeter/symbols"
	v1 "github.com/scriptd/scriptd/examples/hosts/greeter/v1"
	"github.com/scriptd/scriptd/plugin"
	"github.com/scriptd/scriptd/server"
)

// anotherMachine has the plugin run where a server is, and its callers elsewhere.
func anotherMachine(ctx context.Context, l *lab) error {
	if err := l.install("english"); err != nil {
		return err
	}
	e, err := l.host(ctx, engine.NewContract[v1.Greeter]("greeter", 1))
	if err != nil {
		return err
	}
	stop, addr, err := serve(ctx, e, "127.0.0.1:0")
	if err != nil {
		return err
	}
	defer func() { _ = stop() }() // what it says is heard below
	c, err := connect(addr, client.NewContract[v1.Greeter]("greeter", 1))
	if err != nil {
		return err
	}
	defer c.Close()
	english, err := client.Get[v1.Greeter](ctx, c, "english")
	if err != nil {
		return err
	}
	text, err := english.Greet(ctx, "Gopher")
	if err != nil {
		return err
	}
	l.say("Greet: %s", text)
	for _, err := range []error{misfit[draft.Longer](ctx, addr), misfit[draft.Changed](ctx, addr)} {
		l.say("refused by Get: %s", strings.TrimPrefix(fmt.Sprint(err), "scriptd at http://"+addr+": "))
	}

	if err := stop(); err != nil {
		return err
	}
	_, err = english.Greet(ctx, "Gopher")
	l.say("while the server is away: unavailable %t, worth a retry %t", errors.Is(err, client.ErrUnavailable), plugin.IsRetryable(err))
	again, _, err := serve(ctx, e, addr)
	if err != nil {
		return err
	}
	for text, err = english.Greet(ctx, "Gopher"); plugin.IsRetryable(err); text, err = english.Greet(ctx, "Gopher") {
		time.Sleep(10 * time.Millisecond)
	}
	l.say("when it is back: %s", text)
	return errors.Join(err, again())
}

func connect(addr string, contract client.Contract) (*client.Client, error) {
	return client.New("http://"+addr, &client.Options{
		Contracts: []client.Contract{contract}, Symbols: []client.Exports{symbols.Symbols},
	})
}

// misfit is what somebody is told whose interface is T.
func misfit[T any](ctx context.Context, addr string) error {
	c, err := connect(addr, client.NewContract[T]("greeter", 1))
	if err != nil {
		return err
	}
	defer c.Close()
	_, err = client.Get[T](ctx, c, "english")
	return err
}

// serve has a server answer at an address until it is stopped.
func serve(ctx context.Context, e *engine.Engine, addr string) (stop func() error, at string, err error) {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", addr)
	if err != nil {
		return nil, "", err
	}
	ctx, cancel := context.WithCancel(ctx)
	done := make(chan error, 1)
	go func() {
		defer close(done)
		done <- server.New(e, nil).Serve(ctx, listener)
	}()
	return func() error {
		cancel()
		return <-done
	}, listener.Addr().String(), nil
}
