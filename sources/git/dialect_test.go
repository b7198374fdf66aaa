package git_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/netip"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/scriptd/scriptd/sources"
	"github.com/scriptd/scriptd/sources/git"
	"github.com/scriptd/scriptd/sources/sourcetest"
	"github.com/scriptd/scriptd/sources/sourcetest/gitserver"
)

// front serves what change makes of requests to a git server.
func front(t *testing.T, to string, change func(*http.Request)) *httptest.Server {
	t.Helper()
	target, err := url.Parse(to)
	if err != nil {
		t.Fatal(err)
	}
	proxy := httputil.NewSingleHostReverseProxy(target)
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		change(r)
		proxy.ServeHTTP(w, r)
	}))
	t.Cleanup(srv.Close)
	return srv
}

// A server that knows nothing of version 2, as some proxies see to.
func TestServersOfOld(t *testing.T) {
	sourcetest.Run(t, func(t *testing.T) sourcetest.Harness {
		t.Helper()
		dir, repo := newRepo(t)
		srv := serve(t, dir, gitserver.Options{})
		old := front(t, srv.URL(""), func(r *http.Request) { r.Header.Del("Git-Protocol") })
		return harness(t, repo, git.Options{URL: old.URL + "/plugins.git"}, git.Options{URL: old.URL + "/missing.git"})
	})
}

func TestServersOfOldGoOn(t *testing.T) {
	repo, wire, at := large(t, 500, 10)
	old := front(t, strings.TrimSuffix(at, "/plugins.git"), func(r *http.Request) { r.Header.Del("Git-Protocol") })
	src := open(t, git.Options{URL: old.URL + "/plugins.git", Ref: "main"})
	rev, err := src.Resolve(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	list(t, src, rev)
	push(t, repo, gitserver.Change{Files: files("dir7/file7.go", text(7, 1))})
	if rev, err = src.Resolve(t.Context()); err != nil {
		t.Fatal(err)
	}
	wire.Take()
	if got := list(t, src, rev); len(got) != 500 {
		t.Errorf("%d files", len(got))
	}
	if p := wire.Take(); p.Bytes() > 20_000 {
		t.Errorf("a change of a file took %d bytes", p.Bytes())
	}
}

// A repository that has moved is found, and then asked at once.
func TestRepositoriesThatMoved(t *testing.T) {
	dir, repo := newRepo(t)
	push(t, repo, gitserver.Change{Files: files("a", "1")})
	srv := serve(t, dir, gitserver.Options{})
	var asked atomic.Int32
	moved := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		http.Redirect(w, r, srv.URL(strings.TrimPrefix(r.URL.RequestURI(), "/old/")), http.StatusMovedPermanently)
	}))
	defer moved.Close()
	src := open(t, git.Options{URL: moved.URL + "/old/plugins.git", Username: "me", Password: sources.Literal(password)})
	rev, err := src.Resolve(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	list(t, src, rev)
	before := asked.Load()
	if again, err := src.Resolve(t.Context()); err != nil || again != rev {
		t.Error(again, err)
	}
	if n := asked.Load() - before; n != 0 {
		t.Errorf("where it was is asked %d times more", n)
	}
}

// A redirect to another host of this machine is followed, without credentials; one into a closer network is not.
func TestRedirectsToOtherHosts(t *testing.T) {
	dir, repo := newRepo(t)
	push(t, repo, gitserver.Change{Files: files("a", "1")})
	srv := serve(t, dir, gitserver.Options{})
	var lc net.ListenConfig
	l, err := lc.Listen(t.Context(), "tcp", "127.0.0.2:0")
	if err != nil {
		t.Skip("127.0.0.2 cannot be had:", err)
	}
	target, err := url.Parse(srv.URL(""))
	if err != nil {
		t.Fatal(err)
	}
	proxy := httputil.NewSingleHostReverseProxy(target)
	var leaked atomic.Int32
	other := &httptest.Server{Listener: l, Config: &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "" {
			leaked.Add(1)
		}
		proxy.ServeHTTP(w, r)
	}), ReadHeaderTimeout: time.Minute}}
	other.Start()
	defer other.Close()
	redirects := front(t, srv.URL(""), func(*http.Request) {})
	redirects.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "http://"+l.Addr().String()+r.URL.RequestURI(), http.StatusFound)
	})
	src := open(t, git.Options{URL: redirects.URL + "/plugins.git", Username: "me", Password: sources.Literal(password)})
	rev, err := src.Resolve(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	list(t, src, rev)
	if leaked.Load() != 0 {
		t.Error("another host was told the password")
	}
	_, err = open(t, git.Options{URL: "http://git.example.com/x.git", Insecure: true, Lookup: func(context.Context, string) ([]netip.Addr, error) {
		return []netip.Addr{netip.MustParseAddr("169.254.169.254")}, nil
	}}).Resolve(t.Context())
	wantError(t, err, sources.Misconfigured, "connect to git.example.com at 169.254.169.254: link-local addresses are not for origins")
}

func TestExpiredCertificate(t *testing.T) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-2 * time.Hour), NotAfter: time.Now().Add(-time.Hour), IsCA: true, BasicConstraintsValid: true,
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewUnstartedServer(http.NotFoundHandler())
	srv.TLS = &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}}
	srv.Config.ErrorLog = quiet()
	srv.StartTLS()
	defer srv.Close()
	_, err = open(t, git.Options{URL: srv.URL + "/x.git", CAFile: writeTemp(t, "ca.pem", pemOf("CERTIFICATE", der))}).Resolve(t.Context())
	wantError(t, err, sources.Transient, "certificate has expired")
}

func TestAnswersOfServers(t *testing.T) {
	for status, want := range map[int]struct {
		kind sources.Kind
		text string
	}{
		401: {sources.Denied, "the server wants credentials"}, 403: {sources.Denied, "the server wants credentials"},
		404: {sources.NotFound, "it does not exist, or needs credentials"}, 410: {sources.NotFound, "it does not exist"},
		429: {sources.Transient, "the server answers 429 Too Many Requests"}, 500: {sources.Transient, "the server answers 500"},
		502: {sources.Transient, "502"}, 503: {sources.Transient, "503"},
	} {
		t.Run(fmt.Sprint(status), func(t *testing.T) {
			var asked atomic.Int32
			srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				asked.Add(1)
				w.Header().Set("Retry-After", "7")
				http.Error(w, password, status)
			}))
			defer srv.Close()
			_, err := open(t, git.Options{URL: srv.URL + "/x.git"}).Resolve(t.Context())
			wantError(t, err, want.kind, want.text)
			if want.kind == sources.Transient && sources.RetryAfter(err) != 7*time.Second {
				t.Errorf("it is to be tried again after %s", sources.RetryAfter(err))
			}
			if n := asked.Load(); n > 2 {
				t.Errorf("the server was asked %d times", n)
			}
		})
	}
}
