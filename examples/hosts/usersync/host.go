package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"

	"github.com/traefik/yaegi/interp"

	"github.com/scriptd/scriptd/config"
	"github.com/scriptd/scriptd/engine"
	"github.com/scriptd/scriptd/examples/hosts/usersync/directory"
	"github.com/scriptd/scriptd/examples/hosts/usersync/files"
	"github.com/scriptd/scriptd/examples/hosts/usersync/symbols"
	"github.com/scriptd/scriptd/examples/hosts/usersync/usersync"
)

// builtin is the name of the source, in scriptd's configuration, of the host's own plugins.
const builtin = "builtin"

// host has the types of data sources that plugins bring, and the tenants.
type host struct {
	engine  *engine.Engine
	uploads *files.Folder
	tenants []*tenant
}

// open starts the host of a configuration file.
func open(ctx context.Context, file string, isolation engine.Isolation, log *slog.Logger) (*host, error) {
	s, err := load(file)
	if err != nil {
		return nil, err
	}
	cfg, err := config.Load(s.Plugins)
	if err != nil {
		return nil, err
	}
	h := &host{}
	if h.uploads, err = files.Open(s.Uploads); err != nil {
		return nil, err
	}
	opts := cfg.Options()
	if isolation != "" {
		opts.Isolation = isolation
	}
	opts.Logger = log
	opts.Contracts = []engine.Contract{engine.NewContract[usersync.Type]("datasource", 1, engine.Names(mayBeCalled))}
	opts.Symbols = []interp.Exports{symbols.Symbols}
	opts.Services = []engine.Service{
		engine.NewService[usersync.Files](h.uploads), engine.NewService[usersync.Searcher](directory.Searcher{}),
	}
	if h.engine, err = engine.New(ctx, opts); err != nil {
		return nil, errors.Join(err, h.uploads.Close())
	}
	for _, t := range s.Tenants {
		h.tenants = append(h.tenants, &tenant{engine: h.engine, Name: t.Name, Type: t.Type, given: t.Config})
	}
	return h, nil
}

func (h *host) close() error { return errors.Join(h.engine.Close(), h.uploads.Close()) }

// mayBeCalled keeps the ids of the host's own types, those to come included, apart from those of others.
func mayBeCalled(source, id string) error {
	if custom := strings.HasPrefix(id, "custom_"); source != builtin && !custom {
		return errors.New(`the id of a custom type begins with "custom_"`)
	} else if source == builtin && custom {
		return errors.New(`"custom_" is for the ids of custom types`)
	}
	return nil
}

// dataSourceType is a type that can be used now.
type dataSourceType struct {
	ID string `json:"id"`
	usersync.Description
	// Package is where it comes from.
	Package string `json:"package"`
}

// types returns the types, by id.
func (h *host) types(ctx context.Context) ([]dataSourceType, error) {
	all := []dataSourceType{}
	for _, i := range h.engine.Implementations() {
		t, err := engine.Get[usersync.Type](h.engine, i.Name)
		if err != nil {
			continue // it has gone since
		}
		d, err := t.Describe(ctx)
		if err != nil {
			return nil, fmt.Errorf("type %s: %w", i.Name, err)
		}
		all = append(all, dataSourceType{ID: i.Name, Description: d, Package: i.Source + "/" + i.Package})
	}
	return all, nil
}

// named returns the tenants of these names, all without any.
func (h *host) named(names []string) ([]*tenant, error) {
	if len(names) == 0 {
		return h.tenants, nil
	}
	var some []*tenant
	for _, name := range names {
		i := slices.IndexFunc(h.tenants, func(t *tenant) bool { return t.Name == name })
		if i < 0 {
			return nil, fmt.Errorf("there is no tenant %s", name)
		}
		some = append(some, h.tenants[i])
	}
	return some, nil
}
