// Package http reads departments and users from any HTTP API that has them in pages of JSON:
//
//	GET URL/users?page=1&page_size=100   {"count": 250, "results": [{"code": "ada", "properties": {"email": "ada@example.com"}}, …]}
//
// It shows a configuration with secrets, and errors that tell what to do.
package http

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/scriptd/scriptd/examples/hosts/usersync/usersync"
	"github.com/scriptd/scriptd/plugin"
)

// Register provides the type "general".
func Register(r *plugin.Registrar) error { return r.Provide("datasource", "general", apiType{}) }

type apiType struct{}

// Describe implements usersync.Type.
func (apiType) Describe(context.Context) (usersync.Description, error) {
	return usersync.Description{Title: "General HTTP API", Fields: []usersync.Field{
		{Name: "url", Required: true, Doc: "address of the API, such as https://hr.example.com/api/v1"},
		{Name: "auth", Default: "bearer", OneOf: []string{"none", "bearer", "basic"}, Doc: "how the API is told who asks"},
		{Name: "token", Kind: usersync.Sensitive, Doc: "for auth bearer"},
		{Name: "username", Doc: "for auth basic"},
		{Name: "password", Kind: usersync.Sensitive, Doc: "for auth basic"},
		{Name: "users_path", Default: "users", Doc: "below the address"},
		{Name: "departments_path", Default: "departments", Doc: "below the address"},
		{Name: "page_size", Kind: usersync.Number, Default: 100, Min: 1, Max: 1000, Doc: "how many are asked for at a time"},
		{Name: "attempts", Kind: usersync.Number, Default: 4, Min: 1, Max: 10, Doc: "how often a request is tried that is answered with 429 or 5xx"},
	}}, nil
}

// Open implements usersync.Type.
func (apiType) Open(_ context.Context, config usersync.Config, use func(usersync.DataSource) error) error {
	c, err := newClient(config)
	if err != nil {
		return err
	}
	defer c.close()
	return use(&source{client: c, config: config})
}

type source struct {
	client *client
	config usersync.Config
}

// FetchDepartments implements usersync.DataSource.
func (s *source) FetchDepartments(ctx context.Context) ([]usersync.Department, error) {
	var all []usersync.Department
	err := s.client.pages(ctx, s.config.Text("departments_path"), s.config.Number("page_size"), func(item json.RawMessage) error {
		var d usersync.Department
		if err := decode(item, &d); err != nil {
			return err
		}
		all = append(all, d)
		return coded(d.Code)
	})
	if err != nil {
		return nil, fmt.Errorf("fetch departments: %w", err)
	}
	return all, nil
}

// FetchUsers implements usersync.DataSource.
func (s *source) FetchUsers(ctx context.Context) ([]usersync.User, error) {
	var all []usersync.User
	err := s.client.pages(ctx, s.config.Text("users_path"), s.config.Number("page_size"), func(item json.RawMessage) error {
		u, err := decodeUser(item)
		all = append(all, u)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("fetch users: %w", err)
	}
	return all, nil
}

// errEnough ends a walk over pages.
var errEnough = errors.New("enough")

// TestConnection implements usersync.DataSource.
func (s *source) TestConnection(ctx context.Context) (usersync.TestResult, error) {
	var sample *usersync.User
	err := s.client.pages(ctx, s.config.Text("users_path"), 1, func(item json.RawMessage) error {
		u, err := decodeUser(item)
		if err != nil {
			return err
		}
		sample = &u
		return errEnough
	})
	switch outcome, ok := usersync.OutcomeOf(err); {
	case ok:
		return usersync.TestResult{Outcome: outcome, Message: err.Error()}, nil
	case err != nil && !errors.Is(err, errEnough):
		return usersync.TestResult{}, fmt.Errorf("test the connection: %w", err)
	case sample == nil:
		return usersync.TestResult{Outcome: usersync.OK, Message: "the API answers, and has no users"}, nil
	}
	return usersync.TestResult{Outcome: usersync.OK, Message: "the API answers with users", Sample: sample}, nil
}

func decodeUser(item json.RawMessage) (usersync.User, error) {
	var u usersync.User
	if err := decode(item, &u); err != nil {
		return u, err
	}
	return u, coded(u.Code)
}

func decode(item json.RawMessage, into any) error {
	if err := json.Unmarshal(item, into); err != nil {
		return fmt.Errorf("%w: a result is not as it should be: %w", usersync.ErrWrongFormat, err)
	}
	return nil
}

func coded(code string) error {
	if code == "" {
		return fmt.Errorf("%w: a result has no code", usersync.ErrWrongFormat)
	}
	return nil
}
