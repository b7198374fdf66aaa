package git

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"path/filepath"
	"strings"

	"github.com/scriptd/scriptd/sources"
)

// transportKind is how a repository is reached.
type transportKind int

const (
	local transportKind = iota
	overHTTP
	overSSH
)

// remote is where a repository is.
type remote struct {
	kind     transportKind
	display  string // for errors, without credentials
	url      string // of http, without credentials
	host     string // of ssh, with the port
	path     string // of ssh, as the server sees it; of a local repository
	user     string
	password string
}

// parseRemote understands what git clone does. Its errors do not repeat the address, which may hold credentials.
func parseRemote(raw string) (remote, error) {
	r := remote{display: sources.RedactURL(raw)}
	if raw == "" {
		return r, errors.New("it has no url")
	}
	if !strings.Contains(raw, "://") {
		return r.parseShort(raw)
	}
	u, err := url.Parse(raw)
	if err != nil {
		return r, errors.New("it is not a valid URL")
	}
	r.user = u.User.Username()
	r.password, _ = u.User.Password()
	u.User = nil
	switch u.Scheme {
	case "http", "https":
		r.kind, r.url = overHTTP, strings.TrimSuffix(u.String(), "/")
	case "ssh", "git+ssh", "ssh+git":
		r.kind, r.host, r.path = overSSH, withPort(u.Host), u.Path
	case "file":
		r.kind, r.path = local, filepath.FromSlash(u.Path)
		return r, nil
	default:
		return r, fmt.Errorf("the scheme %s is not supported: use https, ssh or file", u.Scheme)
	}
	if u.Hostname() == "" || strings.Trim(u.Path, "/") == "" {
		return r, errors.New("it needs a host and a path")
	}
	return r, nil
}

// parseShort parses user@host:path, and paths. As for git, a colon before any slash makes it a host, but not that
// after a drive's letter.
func (r remote) parseShort(raw string) (remote, error) {
	host, path, ok := strings.Cut(raw, ":")
	if !ok || len(host) < 2 || strings.ContainsAny(host, `/\`) {
		abs, err := filepath.Abs(raw)
		r.kind, r.path = local, abs
		return r, err
	}
	if user, rest, ok := strings.Cut(host, "@"); ok {
		r.user, host = user, rest
	}
	if host == "" || path == "" {
		return r, errors.New("it needs a host and a path")
	}
	r.kind, r.host, r.path = overSSH, withPort(host), path
	return r, nil
}

// hostname is the host of a server, without the port; empty on this machine.
func (r remote) hostname() string {
	if r.kind == overSSH {
		host, _, _ := net.SplitHostPort(r.host) // it has a port: see withPort
		return host
	}
	u, err := url.Parse(r.url)
	if err != nil {
		return ""
	}
	return u.Hostname()
}

func withPort(host string) string {
	if _, _, err := net.SplitHostPort(host); err == nil {
		return host
	}
	return net.JoinHostPort(strings.Trim(host, "[]"), "22")
}
