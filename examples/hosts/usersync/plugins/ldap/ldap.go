// Package ldap reads departments and users from an LDAP directory, through a service of the host. Departments are those entries
// that a filter finds; one is part of another by where it is in the tree. Users belong to the department that they are below, and to those
// that an attribute names.
package ldap

import (
	"context"
	"fmt"

	"github.com/scriptd/scriptd/examples/hosts/usersync/usersync"
	"github.com/scriptd/scriptd/plugin"
)

// Register provides the type "ldap".
func Register(r *plugin.Registrar) error {
	var t ldapType
	if err := r.Service(&t.searcher); err != nil {
		return err
	}
	return r.Provide("datasource", "ldap", t)
}

type ldapType struct{ searcher usersync.Searcher }

// Describe implements usersync.Type.
func (ldapType) Describe(context.Context) (usersync.Description, error) {
	return usersync.Description{Title: "LDAP directory", Fields: []usersync.Field{
		{Name: "url", Required: true, Doc: "ldap://HOST[:PORT], or ldaps:// for TLS"},
		{Name: "start_tls", Kind: usersync.Flag, Doc: "ask for TLS on a connection of ldap://"},
		{Name: "ca", Doc: "certificates as PEM that the server's is held against; those of the system if empty"},
		{Name: "bind_dn", Doc: "who asks; nobody if empty"},
		{Name: "password", Kind: usersync.Sensitive, Doc: "of bind_dn"},
		{Name: "base", Required: true, Doc: "where departments and users are, such as dc=example,dc=com"},
		{Name: "user_filter", Default: "(objectClass=inetOrgPerson)", Doc: "which entries are users"},
		{Name: "user_code", Default: "uid", Doc: "attribute that is the code of a user"},
		{Name: "properties", Kind: usersync.List, Default: []string{"cn", "mail", "telephoneNumber"}, Doc: "attributes that are properties of a user"},
		{Name: "leader", Default: "manager", Doc: "attribute with the DNs of a user's leaders"},
		{Name: "department_filter", Default: "(objectClass=organizationalUnit)", Doc: "which entries are departments"},
		{Name: "department_code", Default: "ou", Doc: "attribute that is the code of a department"},
		{Name: "department_name", Default: "ou", Doc: "attribute that is the name of a department"},
		{Name: "member_of", Default: "memberOf", Doc: "attribute with the DNs of further departments of a user"},
		{Name: "page_size", Kind: usersync.Number, Default: 500, Min: 1, Max: 10000, Doc: "how many entries are asked for at a time"},
	}}, nil
}

// Open implements usersync.Type.
func (t ldapType) Open(_ context.Context, config usersync.Config, use func(usersync.DataSource) error) error {
	return use(&source{searcher: t.searcher, config: config, server: usersync.LDAPServer{
		URL: config.Text("url"), StartTLS: config.Flag("start_tls"), CA: config.Text("ca"),
		BindDN: config.Text("bind_dn"), Password: config.Secret("password"),
	}})
}

type source struct {
	searcher usersync.Searcher
	config   usersync.Config
	server   usersync.LDAPServer
	// departments are what was found, by FetchDepartments or FetchUsers.
	departments *tree
}

// FetchDepartments implements usersync.DataSource.
func (s *source) FetchDepartments(ctx context.Context) ([]usersync.Department, error) {
	if err := s.find(ctx); err != nil {
		return nil, err
	}
	all := make([]usersync.Department, 0, len(s.departments.entries))
	for _, e := range s.departments.entries {
		all = append(all, usersync.Department{
			Code: s.departments.codes[normal(e.DN)], Name: first(e, s.config.Text("department_name")), Parent: s.departments.above(e.DN),
		})
	}
	return all, nil
}

// FetchUsers implements usersync.DataSource.
func (s *source) FetchUsers(ctx context.Context) ([]usersync.User, error) {
	if err := s.find(ctx); err != nil {
		return nil, err
	}
	entries, err := s.search(ctx, s.config.Text("user_filter"), 0, s.userAttributes()...)
	if err != nil {
		return nil, fmt.Errorf("search users: %w", err)
	}
	users, err := newTree(entries, s.config.Text("user_code"))
	if err != nil {
		return nil, fmt.Errorf("search users: %w", err)
	}
	all := make([]usersync.User, 0, len(entries))
	for _, e := range entries {
		all = append(all, s.user(e, users))
	}
	return all, nil
}

// TestConnection implements usersync.DataSource.
func (s *source) TestConnection(ctx context.Context) (usersync.TestResult, error) {
	entries, err := s.search(ctx, s.config.Text("user_filter"), 1, s.userAttributes()...)
	switch outcome, ok := usersync.OutcomeOf(err); {
	case ok:
		return usersync.TestResult{Outcome: outcome, Message: err.Error()}, nil
	case err != nil:
		return usersync.TestResult{}, err
	case len(entries) == 0:
		return usersync.TestResult{Outcome: usersync.OK, Message: "the directory answers, and user_filter finds nobody"}, nil
	}
	users, err := newTree(entries, s.config.Text("user_code"))
	if outcome, ok := usersync.OutcomeOf(err); ok {
		return usersync.TestResult{Outcome: outcome, Message: err.Error()}, nil
	}
	alone := &source{config: s.config, departments: &tree{}} // nothing was asked about departments
	sample := alone.user(entries[0], users)
	return usersync.TestResult{Outcome: usersync.OK, Message: "the directory answers with users", Sample: &sample}, err
}
