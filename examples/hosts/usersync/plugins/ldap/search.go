package ldap

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/scriptd/scriptd/examples/hosts/usersync/usersync"
)

func (s *source) search(ctx context.Context, filter string, limit int, attributes ...string) ([]usersync.LDAPEntry, error) {
	return s.searcher.Search(ctx, s.server, usersync.LDAPSearch{
		Base: s.config.Text("base"), Filter: filter, Attributes: attributes, PageSize: s.config.Number("page_size"), Limit: limit,
	})
}

// find searches the departments, once.
func (s *source) find(ctx context.Context) error {
	if s.departments != nil {
		return nil
	}
	code := s.config.Text("department_code")
	entries, err := s.search(ctx, s.config.Text("department_filter"), 0, code, s.config.Text("department_name"))
	if err != nil {
		return fmt.Errorf("search departments: %w", err)
	}
	if s.departments, err = newTree(entries, code); err != nil {
		return fmt.Errorf("search departments: %w", err)
	}
	return nil
}

func (s *source) userAttributes() []string {
	return append([]string{s.config.Text("user_code"), s.config.Text("leader"), s.config.Text("member_of")}, s.config.List("properties")...)
}

func (s *source) user(e usersync.LDAPEntry, users *tree) usersync.User {
	u := usersync.User{Code: first(e, s.config.Text("user_code")), Properties: make(map[string]string), Leaders: []string{}, Departments: []string{}}
	for _, name := range s.config.List("properties") {
		if v := first(e, name); v != "" {
			u.Properties[name] = v
		}
	}
	for _, dn := range values(e, s.config.Text("leader")) {
		if code, ok := users.codes[normal(dn)]; ok {
			u.Leaders = append(u.Leaders, code)
		}
	}
	if code := s.departments.above(e.DN); code != "" {
		u.Departments = append(u.Departments, code)
	}
	for _, dn := range values(e, s.config.Text("member_of")) {
		if code, ok := s.departments.codes[normal(dn)]; ok && !slices.Contains(u.Departments, code) {
			u.Departments = append(u.Departments, code)
		}
	}
	return u
}

func values(e usersync.LDAPEntry, attribute string) []string {
	return e.Attributes[strings.ToLower(attribute)]
}

func first(e usersync.LDAPEntry, attribute string) string {
	if all := values(e, attribute); len(all) > 0 {
		return all[0]
	}
	return ""
}
