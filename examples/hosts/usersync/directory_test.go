package main

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/scriptd/scriptd/examples/hosts/usersync/directory/glauth"
	"github.com/scriptd/scriptd/examples/hosts/usersync/usersync"
)

// inLDAP is a tenant, as YAML, whose users are in a directory.
func inLDAP(url, config string) string {
	return fmt.Sprintf(`  - name: a
    type: ldap
    config:
      url: %q
      base: %q
      user_filter: (mail=*)
      department_filter: (objectClass=posixGroup)
      user_code: cn
      member_of: departmentDN
      properties: [mail, sn]
%s`, url, glauth.Base, config)
}

// as is what of a configuration says who asks.
func as(dn, password string) string {
	return fmt.Sprintf("      bind_dn: %q\n      password: %q\n", dn, password)
}

// indented is text as a block of YAML.
func indented(text string) string {
	return "|\n        " + strings.ReplaceAll(text, "\n", "\n        ") + "\n"
}

func TestLDAP(t *testing.T) {
	srv := glauth.Start(t)
	for _, where := range isolations() {
		t.Run(string(where), func(t *testing.T) {
			for name, tenant := range map[string]string{
				"plain":    inLDAP(srv.URL(), as(glauth.BindDN, glauth.Password)),
				"StartTLS": inLDAP(srv.URL(), as(glauth.BindDN, glauth.Password)+"      start_tls: true\n      ca: "+indented(srv.CA)),
				"ldaps":    inLDAP(srv.TLSURL(), as(glauth.BindDN, glauth.Password)+"      ca: "+indented(srv.CA)),
			} {
				t.Run(name, func(t *testing.T) {
					h, log := newFolder(t, tenant, nil).open(t, where)
					got, err := h.tenants[0].fetch(t.Context())
					if err != nil {
						t.Fatalf("%v\n%s", err, log)
					}
					users := make(map[string]usersync.User)
					for _, u := range got.Users {
						users[u.Code] = u
					}
					want := map[string]usersync.User{
						"ada":  {Code: "ada", Properties: map[string]string{"mail": "ada@acme.example", "sn": "Lovelace"}, Leaders: []string{}, Departments: []string{"research", "sales"}},
						"alan": {Code: "alan", Properties: map[string]string{"mail": "alan@acme.example", "sn": "Turing"}, Leaders: []string{"ada"}, Departments: []string{"research"}},
					}
					if !reflect.DeepEqual(users, want) || len(got.Departments) == 0 {
						t.Errorf("got %+v, want %+v", got, want)
					}
					if res, err := h.tenants[0].TestConnection(t.Context()); err != nil || res.Outcome != usersync.OK || res.Sample == nil {
						t.Errorf("got %+v and %v", res, err)
					}
				})
			}
		})
	}
}

func TestLDAPFaults(t *testing.T) {
	srv := glauth.Start(t)
	tests := map[string]struct {
		tenant  string
		outcome usersync.Outcome
		want    string
	}{
		"nobody answers":  {inLDAP("ldap://127.0.0.1:1", as(glauth.BindDN, glauth.Password)), usersync.CannotConnect, "refused"},
		"wrong password":  {inLDAP(srv.URL(), as(glauth.BindDN, "other")), usersync.Unauthorized, "bind as " + glauth.BindDN},
		"may not search":  {inLDAP(srv.URL(), as(glauth.AdaDN, glauth.Password)), usersync.Unauthorized, "Insufficient Access Rights"},
		"strange issuer":  {inLDAP(srv.TLSURL(), as(glauth.BindDN, glauth.Password)), usersync.CannotConnect, "certificate"},
		"no such code":    {strings.Replace(inLDAP(srv.URL(), as(glauth.BindDN, glauth.Password)), "user_code: cn", "user_code: badge", 1), usersync.WrongFormat, "has no attribute badge"},
		"finds nobody":    {strings.Replace(inLDAP(srv.URL(), as(glauth.BindDN, glauth.Password)), "(mail=*)", "(mail=none)", 1), usersync.OK, "finds nobody"},
		"a broken filter": {strings.Replace(inLDAP(srv.URL(), as(glauth.BindDN, glauth.Password)), "(mail=*)", "(mail=*", 1), "", "(mail=*"},
		"not an address":  {inLDAP("http://127.0.0.1", as(glauth.BindDN, glauth.Password)), "", "ldap://HOST[:PORT]"},
	}
	all := ""
	for name, tt := range tests {
		all += named(tt.tenant, name)
	}
	for _, where := range isolations() {
		h, _ := newFolder(t, all, nil).open(t, where)
		for name, tt := range tests {
			t.Run(string(where)+"/"+name, func(t *testing.T) { testFault(t, h, name, tt.outcome, tt.want) })
		}
	}
}
