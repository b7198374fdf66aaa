package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/scriptd/scriptd/engine"
	"github.com/scriptd/scriptd/examples/hosts/usersync/usersync"
)

// verbs are what the command does.
var verbs = map[string]func(ctx context.Context, h *host, args []string, p *printer) error{
	"types": listTypes, "tenants": listTenants, "test": testTenants, "fetch": fetchTenant, "watch": watchTypes,
}

func listTypes(ctx context.Context, h *host, _ []string, p *printer) error {
	types, err := h.types(ctx)
	if err != nil {
		return err
	}
	return p.types(types)
}

// listedTenant is a tenant as it may be shown: a usersync.Config prints without its secrets. Where the type does not say which
// fields those are, none are shown.
type listedTenant struct {
	Name   string          `json:"name"`
	Type   string          `json:"type"`
	Config usersync.Config `json:"config"`
	Error  string          `json:"error,omitempty"`
}

func listTenants(ctx context.Context, h *host, args []string, p *printer) error {
	tenants, err := h.named(args)
	if err != nil {
		return err
	}
	list := []listedTenant{}
	for _, t := range tenants {
		listed := listedTenant{Name: t.Name, Type: t.Type}
		if _, listed.Config, err = t.config(ctx); err != nil {
			listed.Error = err.Error()
		}
		list = append(list, listed)
	}
	return p.tenants(list)
}

// testedTenant is what the test of a tenant's data source came to.
type testedTenant struct {
	Name string `json:"name"`
	usersync.TestResult
}

func testTenants(ctx context.Context, h *host, args []string, p *printer) error {
	tenants, err := h.named(args)
	if err != nil {
		return err
	}
	list := []testedTenant{}
	var errs []error
	for _, t := range tenants {
		res, err := t.TestConnection(ctx)
		switch {
		case err != nil:
			res = usersync.TestResult{Outcome: "error", Message: err.Error()}
			errs = append(errs, err)
		case res.Outcome != usersync.OK:
			errs = append(errs, fmt.Errorf("tenant %s: %s", t.Name, res.Outcome))
		}
		list = append(list, testedTenant{t.Name, res})
	}
	return errors.Join(p.tests(list), errors.Join(errs...))
}

func fetchTenant(ctx context.Context, h *host, args []string, p *printer) error {
	if len(args) != 1 {
		return errors.New("fetch: want one tenant")
	}
	tenants, err := h.named(args)
	if err != nil {
		return err
	}
	o, err := tenants[0].fetch(ctx)
	if err != nil {
		return err
	}
	for _, note := range o.dangling() {
		fmt.Fprintln(p.stderr, "usersync:", note)
	}
	return p.organisation(o)
}

// watchTypes keeps the plugins in step with their folders, and tells of the types that come and go. What does not load is
// in the log.
func watchTypes(ctx context.Context, h *host, _ []string, p *printer) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	ran := make(chan error, 1)
	go func() { ran <- h.engine.Run(ctx) }()
	for change := range engine.Watch[usersync.Type](ctx, h.engine) {
		if err := p.change(ctx, change); err != nil {
			cancel()
			return errors.Join(err, <-ran)
		}
	}
	return <-ran
}
