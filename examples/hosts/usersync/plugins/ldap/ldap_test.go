package ldap

import (
	"context"
	"errors"
	"reflect"
	"strings"
	"testing"

	"github.com/scriptd/scriptd/examples/hosts/usersync/usersync"
)

// found are the entries that filters find. The real server is in the host's tests.
type found map[string][]usersync.LDAPEntry

func (f found) Search(_ context.Context, _ usersync.LDAPServer, s usersync.LDAPSearch) ([]usersync.LDAPEntry, error) {
	entries, ok := f[s.Filter]
	if !ok {
		return nil, usersync.ErrNotFound
	}
	return entries, nil
}

func entry(dn string, attributes map[string][]string) usersync.LDAPEntry {
	return usersync.LDAPEntry{DN: dn, Attributes: attributes}
}

func use(t *testing.T, f found, work func(usersync.DataSource)) {
	t.Helper()
	typ := ldapType{f}
	d, err := typ.Describe(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	config, err := d.Config(map[string]any{
		"url": "ldap://x", "base": "dc=x", "user_filter": "users", "department_filter": "departments", "properties": []string{"Mail", "cn"},
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := typ.Open(t.Context(), config, func(ds usersync.DataSource) error { work(ds); return nil }); err != nil {
		t.Fatal(err)
	}
}

func TestFetch(t *testing.T) {
	use(t, found{
		"departments": {
			entry("ou=R\\, D,dc=x", map[string][]string{"ou": {"R, D"}}),
			entry("ou=lab, ou=r\\, d, dc=x", map[string][]string{"ou": {"lab"}}),
			entry("ou=sales,dc=x", map[string][]string{"ou": {"sales"}}),
		},
		"users": {
			entry("uid=ada,OU=Lab,ou=R\\, D,dc=x", map[string][]string{"uid": {"ada"}, "mail": {"a@x", "b@x"}, "memberof": {"ou=Sales, dc=x", "ou=lab,ou=R\\, D,dc=x", "ou=none,dc=x"}}),
			entry("uid=alan,dc=x", map[string][]string{"uid": {"alan"}, "manager": {"UID=Ada, ou=lab,ou=R\\, D,dc=x", "uid=gone,dc=x"}}),
		},
	}, func(ds usersync.DataSource) {
		if res, err := ds.TestConnection(t.Context()); err != nil || res.Outcome != usersync.OK || res.Sample == nil || res.Sample.Code != "ada" {
			t.Errorf("got %+v and %v", res, err)
		}
		departments, err := ds.FetchDepartments(t.Context())
		if want := []usersync.Department{{Code: "R, D", Name: "R, D"}, {Code: "lab", Name: "lab", Parent: "R, D"}, {Code: "sales", Name: "sales"}}; err != nil || !reflect.DeepEqual(departments, want) {
			t.Errorf("got %+v and %v, want %+v", departments, err, want)
		}
		users, err := ds.FetchUsers(t.Context())
		want := []usersync.User{
			{Code: "ada", Properties: map[string]string{"Mail": "a@x"}, Leaders: []string{}, Departments: []string{"lab", "sales"}},
			{Code: "alan", Properties: map[string]string{}, Leaders: []string{"ada"}, Departments: []string{}},
		}
		if err != nil || !reflect.DeepEqual(users, want) {
			t.Errorf("got %+v and %v, want %+v", users, err, want)
		}
	})
}

func TestFaults(t *testing.T) {
	use(t, found{"departments": nil, "users": {entry("cn=ada,dc=x", nil)}}, func(ds usersync.DataSource) {
		if _, err := ds.FetchUsers(t.Context()); !errors.Is(err, usersync.ErrWrongFormat) || !strings.Contains(err.Error(), "cn=ada,dc=x has no attribute uid") {
			t.Errorf("got %v", err)
		}
		if res, err := ds.TestConnection(t.Context()); err != nil || res.Outcome != usersync.WrongFormat {
			t.Errorf("got %+v and %v", res, err)
		}
	})
	use(t, found{"users": nil}, func(ds usersync.DataSource) {
		if _, err := ds.FetchDepartments(t.Context()); !errors.Is(err, usersync.ErrNotFound) {
			t.Errorf("got %v", err)
		}
		if res, err := ds.TestConnection(t.Context()); err != nil || res.Outcome != usersync.OK || res.Sample != nil {
			t.Errorf("got %+v and %v", res, err)
		}
	})
	use(t, found{}, func(ds usersync.DataSource) {
		if res, err := ds.TestConnection(t.Context()); err != nil || res.Outcome != usersync.NotFound {
			t.Errorf("got %+v and %v", res, err)
		}
	})
}
