package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/scriptd/scriptd/engine"
	"github.com/scriptd/scriptd/examples/hosts/usersync/usersync"
)

// tenant is an organisation. It is a data source, opened anew for each piece of work by whichever version of its plugin serves
// then. It is safe for concurrent use.
type tenant struct {
	engine *engine.Engine
	Name   string
	Type   string
	// given is the configuration as it is written, with its secrets.
	given map[string]any
}

var _ usersync.DataSource = (*tenant)(nil)

// FetchDepartments implements usersync.DataSource.
func (t *tenant) FetchDepartments(ctx context.Context) ([]usersync.Department, error) {
	return with(ctx, t, func(ds usersync.DataSource) ([]usersync.Department, error) { return ds.FetchDepartments(ctx) })
}

// FetchUsers implements usersync.DataSource.
func (t *tenant) FetchUsers(ctx context.Context) ([]usersync.User, error) {
	return with(ctx, t, func(ds usersync.DataSource) ([]usersync.User, error) { return ds.FetchUsers(ctx) })
}

// TestConnection implements usersync.DataSource.
func (t *tenant) TestConnection(ctx context.Context) (usersync.TestResult, error) {
	return with(ctx, t, func(ds usersync.DataSource) (usersync.TestResult, error) {
		res, err := ds.TestConnection(ctx)
		return res, err
	})
}

// organisation is all that a data source has.
type organisation struct {
	Departments []usersync.Department `json:"departments"`
	Users       []usersync.User       `json:"users"`
}

// fetch returns departments and users, both from one data source.
func (t *tenant) fetch(ctx context.Context) (organisation, error) {
	return with(ctx, t, func(ds usersync.DataSource) (organisation, error) {
		departments, err := ds.FetchDepartments(ctx)
		if err != nil {
			return organisation{}, err
		}
		users, err := ds.FetchUsers(ctx)
		o := organisation{departments, users}
		return o, errors.Join(err, o.check())
	})
}

// config returns the type and the configuration, which holds under its description.
func (t *tenant) config(ctx context.Context) (usersync.Type, usersync.Config, error) {
	typ, err := engine.Get[usersync.Type](t.engine, t.Type)
	if err != nil {
		return nil, nil, err
	}
	d, err := typ.Describe(ctx)
	if err != nil {
		return nil, nil, err
	}
	config, err := d.Config(t.given)
	if err != nil {
		return nil, nil, fmt.Errorf("config: %w", err)
	}
	return typ, config, nil
}

// errUnused is the error for a type of data sources that does not do what it has to: nothing was fetched, and nothing is not
// the same as nobody.
var errUnused = errors.New("the type of data sources is at fault: Open called use not at all, twice, or hid its error")

// with does a piece of work with the tenant's data source. Errors and messages come out without the secrets of the configuration.
func with[T any](ctx context.Context, t *tenant, work func(usersync.DataSource) (T, error)) (T, error) {
	var none T
	typ, config, err := t.config(ctx)
	if err != nil {
		return none, fmt.Errorf("tenant %s: %w", t.Name, err)
	}
	// A call that runs out of time returns while the work may go on: it leaves its result in a channel, not in a variable.
	results := make(chan T, 1)
	err = typ.Open(ctx, config, func(ds usersync.DataSource) error {
		v, err := work(ds)
		if err != nil {
			return err
		}
		select {
		case results <- v:
			return nil
		default:
			return errUnused
		}
	})
	if err != nil {
		return none, &tenantError{tenant: t.Name, text: config.Redact(err.Error()), err: err}
	}
	select {
	case v := <-results:
		if res, ok := any(&v).(*usersync.TestResult); ok {
			res.Message = config.Redact(res.Message)
		}
		return v, nil
	default:
		return none, &tenantError{tenant: t.Name, text: errUnused.Error(), err: errUnused}
	}
}

// tenantError is an error of a data source. It is what its cause is, for errors.Is, and does not give it away: that may
// hold a secret.
type tenantError struct {
	tenant, text string
	err          error
}

func (e *tenantError) Error() string        { return "tenant " + e.tenant + ": " + e.text }
func (e *tenantError) Is(target error) bool { return errors.Is(e.err, target) }
