// Package directory searches LDAP directories. It is the service usersync.Searcher.
package directory

import (
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"
	"time"

	"github.com/go-ldap/ldap/v3"

	"github.com/scriptd/scriptd/examples/hosts/usersync/usersync"
)

// dialTimeout is how long a server may take to accept a connection.
const dialTimeout = 10 * time.Second

// Searcher searches, each time on a connection of its own. It is safe for concurrent use.
type Searcher struct{}

var _ usersync.Searcher = Searcher{}

// Search implements usersync.Searcher.
func (Searcher) Search(ctx context.Context, server usersync.LDAPServer, search usersync.LDAPSearch) ([]usersync.LDAPEntry, error) {
	conn, err := connect(ctx, server)
	if err != nil {
		return nil, outcome(ctx, err)
	}
	defer conn.Close()
	defer context.AfterFunc(ctx, func() { conn.Close() })()
	if server.BindDN != "" {
		if err := conn.Bind(server.BindDN, string(server.Password)); err != nil {
			return nil, outcome(ctx, fmt.Errorf("bind as %s: %w", server.BindDN, err))
		}
	}
	request := ldap.NewSearchRequest(search.Base, ldap.ScopeWholeSubtree, ldap.NeverDerefAliases, search.Limit, 0, false,
		search.Filter, search.Attributes, nil)
	var res *ldap.SearchResult
	if search.PageSize > 0 && search.Limit == 0 {
		res, err = conn.SearchWithPaging(request, uint32(search.PageSize)) //nolint:gosec // above 0, and what is too large, the server refuses
	} else {
		res, err = conn.Search(request)
	}
	enough := search.Limit > 0 && ldap.IsErrorWithCode(err, ldap.LDAPResultSizeLimitExceeded)
	if err != nil && !enough {
		return nil, outcome(ctx, fmt.Errorf("search %s below %s: %w", search.Filter, search.Base, err))
	}
	return entries(res, search.Limit), nil
}

// connect dials, and makes the connection safe where that is asked for.
func connect(ctx context.Context, server usersync.LDAPServer) (*ldap.Conn, error) {
	u, err := url.Parse(server.URL)
	if err != nil || u.Scheme != "ldap" && u.Scheme != "ldaps" || u.Hostname() == "" {
		return nil, errors.New("the address of a directory is ldap://HOST[:PORT], or ldaps:// for TLS")
	}
	config := &tls.Config{ServerName: u.Hostname(), MinVersion: tls.VersionTLS12}
	if server.CA != "" {
		config.RootCAs = x509.NewCertPool()
		if !config.RootCAs.AppendCertsFromPEM([]byte(server.CA)) {
			return nil, errors.New("the certificates to trust are not PEM")
		}
	}
	port := map[string]string{"ldap": ldap.DefaultLdapPort, "ldaps": ldap.DefaultLdapsPort}[u.Scheme]
	address := net.JoinHostPort(u.Hostname(), cmp.Or(u.Port(), port))
	ctx, cancel := context.WithTimeout(ctx, dialTimeout)
	defer cancel()
	var plain net.Dialer
	dial := plain.DialContext
	if u.Scheme == "ldaps" {
		dial = (&tls.Dialer{Config: config}).DialContext
	}
	raw, err := dial(ctx, "tcp", address)
	if err != nil {
		return nil, fmt.Errorf("%w to %s: %w", usersync.ErrCannotConnect, address, err)
	}
	conn := ldap.NewConn(raw, u.Scheme == "ldaps")
	conn.Start()
	if server.StartTLS && u.Scheme == "ldap" {
		stop := context.AfterFunc(ctx, func() { conn.Close() })
		defer stop()
		if err := conn.StartTLS(config); err != nil {
			conn.Close()
			return nil, fmt.Errorf("%w to %s: StartTLS: %w", usersync.ErrCannotConnect, address, err)
		}
	}
	return conn, nil
}

// outcome adds what an error of the protocol means.
func outcome(ctx context.Context, err error) error {
	var of *ldap.Error
	switch {
	case ctx.Err() != nil:
		return fmt.Errorf("%w: %w", ctx.Err(), err)
	case errors.Is(err, usersync.ErrCannotConnect) || !errors.As(err, &of):
		return err
	}
	switch of.ResultCode {
	case ldap.LDAPResultInvalidCredentials, ldap.LDAPResultInsufficientAccessRights, ldap.LDAPResultStrongAuthRequired,
		ldap.LDAPResultInappropriateAuthentication, ldap.LDAPResultConfidentialityRequired, ldap.LDAPResultAuthorizationDenied:
		return fmt.Errorf("%w: %w", usersync.ErrUnauthorized, err)
	case ldap.LDAPResultNoSuchObject, ldap.LDAPResultInvalidDNSyntax:
		return fmt.Errorf("%w: %w", usersync.ErrNotFound, err)
	case ldap.ErrorNetwork:
		return fmt.Errorf("%w: %w", usersync.ErrCannotConnect, err)
	}
	return err
}

func entries(res *ldap.SearchResult, limit int) []usersync.LDAPEntry {
	all := make([]usersync.LDAPEntry, 0, len(res.Entries))
	for _, e := range res.Entries {
		if limit > 0 && len(all) == limit {
			break
		}
		made := usersync.LDAPEntry{DN: e.DN, Attributes: make(map[string][]string)}
		for _, a := range e.Attributes {
			made.Attributes[strings.ToLower(a.Name)] = a.Values
		}
		all = append(all, made)
	}
	return all
}
