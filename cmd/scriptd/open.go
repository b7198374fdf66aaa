package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/scriptd/scriptd/config"
	"github.com/scriptd/scriptd/engine"
)

// load reads the configuration file.
func (a *app) load() (*config.Config, error) {
	path := cmp.Or(a.config, os.Getenv("SCRIPTD_CONFIG"), "scriptd.yaml")
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return nil, &exitError{exitConfig, fmt.Errorf("there is no %s: write one, or name another with -c FILE or $SCRIPTD_CONFIG", path)}
	}
	cfg, err := config.Load(path)
	if _, ok := errors.AsType[config.Errors](err); err != nil && !ok {
		return nil, &exitError{exitConfig, err}
	}
	return cfg, err
}

// options reads the configuration file into options for an engine of a verb that ends.
func (a *app) options() (engine.Options, error) {
	cfg, err := a.load()
	if err != nil {
		return engine.Options{}, err
	}
	opts := cfg.Options()
	opts.Logger, err = a.callLogger()
	return opts, err
}

// open returns an engine for the configuration file, which the caller closes.
func (a *app) open(ctx context.Context) (*engine.Engine, error) {
	opts, err := a.options()
	if err != nil {
		return nil, err
	}
	return start(ctx, opts)
}

// start returns an engine. What New finds wrong is wrong in the options, which came from the configuration.
func start(ctx context.Context, opts engine.Options) (*engine.Engine, error) {
	eng, err := engine.New(ctx, opts)
	if err != nil && ctx.Err() == nil {
		err = &exitError{exitConfig, err}
	}
	return eng, err
}
