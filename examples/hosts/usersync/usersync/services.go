package usersync

import (
	"context"
	"errors"
)

// Files are the tables that tenants uploaded, as a service of the host: plugins read them without access to its disk.
type Files interface {
	// Read returns the rows of a sheet of a file, the first one where the sheet is "". A CSV file has one sheet, whose name
	// does not matter. It fails with ErrNotFound where there is no such file or sheet, and with ErrWrongFormat for what is no table.
	Read(ctx context.Context, file, sheet string) ([][]string, error)
}

// Searcher searches LDAP directories, as a service of the host: plugins need neither a library for the protocol, nor the network.
type Searcher interface {
	// Search returns all entries that match. It fails with ErrCannotConnect, ErrUnauthorized and ErrNotFound (of the base).
	Search(ctx context.Context, server LDAPServer, search LDAPSearch) ([]LDAPEntry, error)
}

// LDAPServer is a directory, and who asks it.
type LDAPServer struct {
	// URL is ldap://HOST[:PORT], or ldaps:// for TLS.
	URL string
	// StartTLS asks for TLS on a connection of ldap://, before anything else is sent.
	StartTLS bool
	// CA are the certificates, as PEM, that the server's is held against. "" is those of the system.
	CA string
	// BindDN "" binds nobody: the directory answers what anybody may know.
	BindDN   string
	Password Secret
}

// LDAPSearch is what is searched for, in a whole subtree.
type LDAPSearch struct {
	Base, Filter string
	Attributes   []string
	// PageSize is how many entries are asked for at a time, Limit how many are enough. 0 is no bound.
	PageSize, Limit int
}

// LDAPEntry is an entry of a directory.
type LDAPEntry struct {
	DN string
	// Attributes are by their names in lower case.
	Attributes map[string][]string
}

// The errors of services, for errors.Is.
var (
	ErrCannotConnect = errors.New("cannot connect")
	ErrUnauthorized  = errors.New("unauthorized")
	ErrNotFound      = errors.New("not found")
	ErrWrongFormat   = errors.New("wrong format")
)

// OutcomeOf is what the error of a service means for a test of a connection; ok is false for one that means nothing.
func OutcomeOf(err error) (o Outcome, ok bool) {
	switch {
	case errors.Is(err, ErrCannotConnect):
		return CannotConnect, true
	case errors.Is(err, ErrUnauthorized):
		return Unauthorized, true
	case errors.Is(err, ErrNotFound):
		return NotFound, true
	case errors.Is(err, ErrWrongFormat):
		return WrongFormat, true
	}
	return "", false
}
