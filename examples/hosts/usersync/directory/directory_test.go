package directory

import (
	"context"
	"errors"
	"net"
	"slices"
	"strings"
	"testing"

	"github.com/scriptd/scriptd/examples/hosts/usersync/directory/glauth"
	"github.com/scriptd/scriptd/examples/hosts/usersync/usersync"
)

func reader(srv *glauth.Server) usersync.LDAPServer {
	return usersync.LDAPServer{URL: srv.URL(), BindDN: glauth.BindDN, Password: glauth.Password}
}

// people finds the users of the server.
var people = usersync.LDAPSearch{Base: glauth.Base, Filter: "(mail=*)", Attributes: []string{"cn", "Mail"}, PageSize: 100}

func TestSearch(t *testing.T) {
	srv := glauth.Start(t)
	for name, server := range map[string]usersync.LDAPServer{
		"plain":    reader(srv),
		"StartTLS": {URL: srv.URL(), StartTLS: true, CA: srv.CA, BindDN: glauth.BindDN, Password: glauth.Password},
		"ldaps":    {URL: srv.TLSURL(), CA: srv.CA, BindDN: glauth.BindDN, Password: glauth.Password},
	} {
		t.Run(name, func(t *testing.T) {
			found, err := Searcher{}.Search(t.Context(), server, people)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, e := range found {
				got = append(got, e.DN+" "+strings.Join(e.Attributes["mail"], ","))
			}
			slices.Sort(got)
			want := []string{glauth.AdaDN + " ada@acme.example", "cn=alan,ou=research,ou=users,dc=acme,dc=example alan@acme.example"}
			if !slices.Equal(got, want) {
				t.Errorf("got %q, want %q", got, want)
			}
		})
	}
	one := people
	one.Limit = 1
	if found, err := (Searcher{}).Search(t.Context(), reader(srv), one); err != nil || len(found) != 1 {
		t.Errorf("got %v and %v, want one entry", found, err)
	}
}

func TestSearchFaults(t *testing.T) {
	srv := glauth.Start(t)
	var lc net.ListenConfig
	l, err := lc.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l.Close()
	with := func(change func(*usersync.LDAPServer)) usersync.LDAPServer {
		s := reader(srv)
		change(&s)
		return s
	}
	elsewhere, filter := people, people
	elsewhere.Base = "dc=elsewhere"
	filter.Filter = "(mail=*"
	for name, tt := range map[string]struct {
		server usersync.LDAPServer
		search usersync.LDAPSearch
		want   error  // nil: none of the errors of services
		text   string // is in it
	}{
		"nobody answers":     {with(func(s *usersync.LDAPServer) { s.URL = "ldap://" + l.Addr().String() }), people, usersync.ErrCannotConnect, "refused"},
		"wrong password":     {with(func(s *usersync.LDAPServer) { s.Password = "wrong" }), people, usersync.ErrUnauthorized, "bind as " + glauth.BindDN},
		"may not search":     {with(func(s *usersync.LDAPServer) { s.BindDN = glauth.AdaDN }), people, usersync.ErrUnauthorized, "Insufficient Access Rights"},
		"unknown authority":  {with(func(s *usersync.LDAPServer) { s.URL = srv.TLSURL() }), people, usersync.ErrCannotConnect, "certificate"},
		"StartTLS, the same": {with(func(s *usersync.LDAPServer) { s.StartTLS = true }), people, usersync.ErrCannotConnect, "StartTLS"},
		"TLS to plain LDAP":  {with(func(s *usersync.LDAPServer) { s.URL = "ldaps" + strings.TrimPrefix(srv.URL(), "ldap") }), people, usersync.ErrCannotConnect, ""},
		"no certificates":    {with(func(s *usersync.LDAPServer) { s.CA = "CA" }), people, nil, "not PEM"},
		"not an address":     {with(func(s *usersync.LDAPServer) { s.URL = "https://127.0.0.1" }), people, nil, "ldap://HOST"},
		"a filter":           {reader(srv), filter, nil, "(mail=*"},
		"elsewhere":          {reader(srv), elsewhere, usersync.ErrUnauthorized, "dc=elsewhere"}, // glauth does not tell what is not there
	} {
		t.Run(name, func(t *testing.T) {
			found, err := Searcher{}.Search(t.Context(), tt.server, tt.search)
			_, known := usersync.OutcomeOf(err)
			if err == nil || tt.want != nil && !errors.Is(err, tt.want) || tt.want == nil && known || !strings.Contains(err.Error(), tt.text) {
				t.Errorf("got %v and %v, want %v with %q", found, err, tt.want, tt.text)
			}
			if strings.Contains(err.Error(), glauth.Password) {
				t.Errorf("the error has the password: %v", err)
			}
		})
	}
}

// A server that accepts and never answers is left when the context ends.
func TestSearchEndsWithItsContext(t *testing.T) {
	var lc net.ListenConfig
	l, err := lc.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		conn, err := l.Accept()
		if err != nil {
			return
		}
		defer conn.Close()
		_, _ = conn.Read(make([]byte, 1)) // it has begun
		cancel()
		<-t.Context().Done()
	}()
	_, err = Searcher{}.Search(ctx, usersync.LDAPServer{URL: "ldap://" + l.Addr().String(), BindDN: "cn=x", Password: "y"}, people)
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want the end of the context", err)
	}
}
