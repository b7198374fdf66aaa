package git_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/pem"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	gossh "golang.org/x/crypto/ssh"

	"github.com/scriptd/scriptd/sources"
	"github.com/scriptd/scriptd/sources/git"
	"github.com/scriptd/scriptd/sources/sourcetest/gitserver"
)

func TestHTTPCredentials(t *testing.T) {
	dir, repo := newRepo(t)
	push(t, repo, gitserver.Change{Files: files("a", "1")})
	srv := serve(t, dir, gitserver.Options{Username: "me", Password: password})
	url := srv.URL("plugins.git")
	token := serve(t, dir, gitserver.Options{Username: "x-access-token", Password: password}).URL("plugins.git")
	withUser := func(user string) string { return strings.Replace(url, "://", "://"+user+"@", 1) }
	secret := sources.Literal(password)

	tests := []struct {
		name string
		opts git.Options
		want string // empty: it works
	}{
		{"user and password", git.Options{URL: url, Username: "me", Password: secret}, ""},
		{"in the url", git.Options{URL: withUser("me:" + password)}, ""},
		{"user in the url", git.Options{URL: withUser("me"), Password: secret}, ""},
		{"the option goes before the url", git.Options{URL: withUser("you:wrong"), Username: "me", Password: secret}, ""},
		{"a token", git.Options{URL: token, Token: secret}, ""},
		{"a token of a user", git.Options{URL: url, Username: "me", Token: secret}, ""},
		{"none", git.Options{URL: url}, "the server wants credentials"},
		{"another user", git.Options{URL: url, Username: "you", Password: secret}, "the server refuses the credentials"},
		{"a wrong password", git.Options{URL: url, Username: "me", Password: sources.Literal("wrong-" + password)}, "the server refuses the credentials"},
		{"a wrong password in the url", git.Options{URL: withUser("you:" + password)}, "the server refuses the credentials"},
		{"a wrong token", git.Options{URL: url, Token: secret}, "the server refuses the credentials"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			src := open(t, tt.opts)
			rev, err := src.Resolve(t.Context())
			if tt.want != "" {
				wantError(t, err, sources.Denied, "git repository http://127.0.0.1:", "plugins.git: "+tt.want)
				err = src.Fetch(t.Context(), sources.Revision(strings.Repeat("1", 40)), sources.NewTree(sources.Selection{}, sources.Limits{}))
				wantError(t, err, sources.Denied, tt.want)
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			list(t, src, rev)
		})
	}
}

func TestSecretsAreReadAnew(t *testing.T) {
	dir, repo := newRepo(t)
	push(t, repo, gitserver.Change{Files: files("a", "1")})
	srv := serve(t, dir, gitserver.Options{Username: "me", Password: password})
	var current string
	var unset error
	src := open(t, git.Options{URL: srv.URL("plugins.git"), Username: "me", Password: sources.NewSecret(func() (string, error) {
		return current, unset
	})})
	_, err := src.Resolve(t.Context())
	wantError(t, err, sources.Denied)
	current = password
	if _, err := src.Resolve(t.Context()); err != nil {
		t.Error(err)
	}
	unset = errors.New("GIT_PASSWORD is not set")
	_, err = src.Resolve(t.Context())
	wantError(t, err, sources.Misconfigured, "read secret: GIT_PASSWORD is not set")
}

func TestTLS(t *testing.T) {
	dir, repo := newRepo(t)
	push(t, repo, gitserver.Change{Files: files("a", "1")})
	srv := serve(t, dir, gitserver.Options{Username: "me", Password: password, TLS: true})
	opts := git.Options{URL: srv.URL("plugins.git"), Username: "me", Password: sources.Literal(password)}

	_, err := open(t, opts).Resolve(t.Context())
	wantError(t, err, sources.Transient, "certificate")

	opts.CAFile = writeTemp(t, "ca.pem", string(srv.CA()))
	src := open(t, opts)
	rev, err := src.Resolve(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	list(t, src, rev)

	opts.CAFile = writeTemp(t, "ca.pem", "not a certificate")
	_, err = open(t, opts).Resolve(t.Context())
	wantError(t, err, sources.Misconfigured, "read certificates from "+opts.CAFile)
	opts.CAFile = "/nowhere/ca.pem"
	_, err = open(t, opts).Resolve(t.Context())
	wantError(t, err, sources.Misconfigured, opts.CAFile)
}

func TestSSHCredentials(t *testing.T) {
	dir, repo := newRepo(t)
	push(t, repo, gitserver.Change{Files: files("a", "1")})
	key, keyFile := newKey(t)
	_, otherFile := newKey(t)
	host, _ := newKey(t)
	curve, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	secondHost, _ := signerOf(t, curve)
	start := func(hostKeys ...gossh.Signer) *gitserver.SSHServer {
		srv, err := gitserver.StartSSH(dir, gitserver.SSHOptions{HostKeys: hostKeys, AuthorizedKey: key.PublicKey(), Password: password})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(srv.Close)
		return srv
	}
	srv := start(host, secondHost)
	other := start(host)
	known := func(srv *gitserver.SSHServer, at string) string {
		return writeTemp(t, "known_hosts", srv.KnownHosts(at))
	}
	url := srv.URL("plugins.git")
	right := sources.Literal(keyFile)
	trusted := known(srv, srv.Addr())

	tests := []struct {
		name string
		opts git.Options
		kind sources.Kind
		want string // empty: it works
	}{
		{"a key", git.Options{URL: url, SSHKey: right, KnownHosts: trusted}, 0, ""},
		{"a user", git.Options{URL: url, Username: "me", SSHKey: right, KnownHosts: trusted}, 0, ""},
		{"a password", git.Options{URL: url, Password: sources.Literal(password), KnownHosts: trusted}, 0, ""},
		{"a password in the url", git.Options{
			URL: strings.Replace(url, "git@", "git:"+password+"@", 1), KnownHosts: trusted,
		}, 0, ""},
		{"one of the server's keys is known", git.Options{URL: url, SSHKey: right, KnownHosts: known(other, srv.Addr())}, 0, ""},
		{"an encrypted key", git.Options{
			URL: url, SSHKey: sources.Literal(encrypted(t, keyFile)), SSHKeyPassphrase: sources.Literal(password), KnownHosts: trusted,
		}, 0, ""},
		{"no credentials", git.Options{URL: url, KnownHosts: trusted}, sources.Misconfigured, "ssh needs an ssh_key or a password"},
		{"another key", git.Options{URL: url, SSHKey: sources.Literal(otherFile), KnownHosts: trusted}, sources.Denied, "the server refuses the credentials"},
		{"a wrong password", git.Options{
			URL: url, Password: sources.Literal("wrong-" + password), KnownHosts: trusted,
		}, sources.Denied, "the server refuses the credentials"},
		{"not a key", git.Options{URL: url, SSHKey: sources.Literal(password), KnownHosts: trusted}, sources.Misconfigured, "read the ssh key"},
		{"no passphrase", git.Options{
			URL: url, SSHKey: sources.Literal(encrypted(t, keyFile)), KnownHosts: trusted,
		}, sources.Misconfigured, "it is encrypted: set ssh_key_passphrase"},
		{"a wrong passphrase", git.Options{
			URL: url, SSHKey: sources.Literal(encrypted(t, keyFile)), SSHKeyPassphrase: sources.Literal("x"), KnownHosts: trusted,
		}, sources.Misconfigured, "read the ssh key"},
		{"an unknown server", git.Options{URL: url, SSHKey: right, KnownHosts: known(srv, "example.com:22")}, sources.Misconfigured, "the server is not in known_hosts"},
		{"a server with another key", git.Options{
			URL: other.URL("plugins.git"), SSHKey: right, KnownHosts: writeTemp(t, "known_hosts", otherKey(t, other.Addr())),
		}, sources.Misconfigured, "the server's key is not the one in known_hosts"},
		{"no known_hosts", git.Options{URL: url, SSHKey: right, KnownHosts: "/nowhere/known_hosts"}, sources.Misconfigured, "/nowhere/known_hosts"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			src := open(t, tt.opts)
			rev, err := src.Resolve(t.Context())
			if tt.want != "" {
				wantError(t, err, tt.kind, "git repository ssh://git@127.0.0.1:", tt.want)
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			list(t, src, rev)
		})
	}
}

// encrypted is a key's file, with the password as its passphrase.
func encrypted(t *testing.T, keyFile string) string {
	t.Helper()
	key, err := gossh.ParseRawPrivateKey([]byte(keyFile))
	if err != nil {
		t.Fatal(err)
	}
	block, err := gossh.MarshalPrivateKeyWithPassphrase(key, "", []byte(password))
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(block))
}

// otherKey is a known_hosts file that has another key for the server.
func otherKey(t *testing.T, addr string) string {
	t.Helper()
	key, _ := newKey(t)
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		t.Fatal(err)
	}
	return "[" + host + "]:" + port + " " + string(gossh.MarshalAuthorizedKey(key.PublicKey()))
}

func TestServersThatAreNoGitServers(t *testing.T) {
	tests := []struct {
		name    string
		handler http.HandlerFunc
		kind    sources.Kind
		want    string
	}{
		{"a web page", func(w http.ResponseWriter, _ *http.Request) {
			_, _ = w.Write([]byte("<html>Welcome</html>"))
		}, sources.NotFound, "what answers there is no git server"},
		{"nothing", func(http.ResponseWriter, *http.Request) {}, sources.NotFound, ""},
		{"busy", func(w http.ResponseWriter, _ *http.Request) {
			http.Error(w, password, http.StatusServiceUnavailable)
		}, sources.Transient, "the server answers 503 Service Unavailable"},
		{"too many requests", func(w http.ResponseWriter, _ *http.Request) {
			http.Error(w, "slow down", http.StatusTooManyRequests)
		}, sources.Transient, "the server answers 429"},
		{"forbidden, with an essay", func(w http.ResponseWriter, _ *http.Request) {
			http.Error(w, strings.Repeat(password, 1<<20), http.StatusForbidden)
		}, sources.Denied, "the server wants credentials"},
		{"a redirect to http elsewhere", func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "http://user:"+password+"@git.example.com"+r.URL.String()+"&token="+password, http.StatusFound)
		}, sources.Misconfigured, "address http://git.example.com/x.git/info/refs?service=[redacted]&token=[redacted]: it is not encrypted"},
		{"a redirect in a circle", func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, r.URL.String()+"&token="+password, http.StatusFound)
		}, sources.Transient, "too many redirects"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			srv := httptest.NewServer(tt.handler)
			defer srv.Close()
			_, err := open(t, git.Options{URL: srv.URL + "/x.git"}).Resolve(t.Context())
			wantError(t, err, tt.kind, tt.want)
			if len(err.Error()) > 500 {
				t.Errorf("the error has %d bytes", len(err.Error()))
			}
		})
	}
}

// A server that keeps credentials for itself: they do not follow a redirect to another.
func TestCredentialsDoNotFollowRedirects(t *testing.T) {
	dir, repo := newRepo(t)
	push(t, repo, gitserver.Change{Files: files("a", "1")})
	srv := serve(t, dir, gitserver.Options{})
	leaked := make(chan string, 10)
	listen := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if auth := r.Header.Get("Authorization"); auth != "" {
			leaked <- auth
		}
		http.Redirect(w, r, srv.URL("plugins.git")+"/info/refs?service=git-upload-pack", http.StatusFound)
	}))
	defer listen.Close()
	front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, listen.URL+r.URL.String(), http.StatusFound)
	}))
	defer front.Close()
	src := open(t, git.Options{URL: front.URL + "/plugins.git", Username: "me", Password: sources.Literal(password)})
	rev, err := src.Resolve(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	list(t, src, rev)
	select {
	case auth := <-leaked:
		t.Errorf("another server was told %q", auth)
	default:
	}
}

func TestUnreachable(t *testing.T) {
	var lc net.ListenConfig
	l, err := lc.Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := l.Addr().String()
	l.Close()
	_, key := newKey(t)
	for _, opts := range []git.Options{
		{URL: "http://me:" + password + "@" + addr + "/x.git"},
		{URL: "ssh://" + addr + "/x.git", SSHKey: sources.Literal(key), KnownHosts: writeTemp(t, "known_hosts", otherKey(t, addr))},
	} {
		_, err := open(t, opts).Resolve(t.Context())
		wantError(t, err, sources.Transient, "git repository "+sources.RedactURL(opts.URL), "connection refused")
	}
}
