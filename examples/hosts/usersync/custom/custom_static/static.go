// Package static is a custom type of data sources, with users that are written in the configuration. Copy it to begin with
// one of your own.
package static

import (
	"context"
	"fmt"

	"github.com/scriptd/scriptd/examples/hosts/usersync/usersync"
	"github.com/scriptd/scriptd/plugin"
)

// Register provides the type "custom_static".
func Register(r *plugin.Registrar) error {
	return r.Provide("datasource", "custom_static", staticType{})
}

type staticType struct{}

// Describe implements usersync.Type.
func (staticType) Describe(context.Context) (usersync.Description, error) {
	return usersync.Description{Title: "A few users", Fields: []usersync.Field{
		{Name: "users", Kind: usersync.List, Required: true, Doc: "the codes of the users"},
	}}, nil
}

// Open implements usersync.Type.
func (staticType) Open(_ context.Context, config usersync.Config, use func(usersync.DataSource) error) error {
	return use(source(config.List("users")))
}

type source []string

// FetchDepartments implements usersync.DataSource.
func (source) FetchDepartments(context.Context) ([]usersync.Department, error) { return nil, nil }

// FetchUsers implements usersync.DataSource.
func (s source) FetchUsers(context.Context) ([]usersync.User, error) {
	var users []usersync.User
	for _, code := range s {
		users = append(users, usersync.User{Code: code})
	}
	return users, nil
}

// TestConnection implements usersync.DataSource.
func (s source) TestConnection(ctx context.Context) (usersync.TestResult, error) {
	res := usersync.TestResult{Outcome: usersync.OK, Message: fmt.Sprintf("%d users", len(s))}
	users, err := s.FetchUsers(ctx)
	if len(users) > 0 {
		res.Sample = &users[0]
	}
	return res, err
}
