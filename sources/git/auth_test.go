package git_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"math/big"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/scriptd/scriptd/sources"
	"github.com/scriptd/scriptd/sources/git"
	"github.com/scriptd/scriptd/sources/sourcetest/gitserver"
)

func pemOf(kind string, der []byte) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
}

// clientCert makes a certificate that vouches for itself.
func clientCert(t *testing.T) (cert *x509.Certificate, certPEM, keyPEM string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "me"}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	if cert, err = x509.ParseCertificate(der); err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return cert, pemOf("CERTIFICATE", der), pemOf("PRIVATE KEY", private)
}

func TestClientCertificates(t *testing.T) {
	dir, repo := newRepo(t)
	push(t, repo, gitserver.Change{Files: files("a", "1")})
	cert, certPEM, keyPEM := clientCert(t)
	_, otherPEM, otherKey := clientCert(t)
	pool := x509.NewCertPool()
	pool.AddCert(cert)
	srv := serve(t, dir, gitserver.Options{TLS: true, ClientCAs: pool})
	opts := git.Options{URL: srv.URL("plugins.git"), CAFile: writeTemp(t, "ca.pem", string(srv.CA()))}
	with := func(certPEM, keyPEM string) git.Options {
		o := opts
		o.ClientCert, o.ClientKey = writeTemp(t, "client.pem", certPEM), sources.Literal(keyPEM)
		return o
	}
	src := open(t, with(certPEM, keyPEM))
	rev, err := src.Resolve(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	list(t, src, rev)
	_, err = open(t, opts).Resolve(t.Context())
	wantError(t, err, sources.Transient, "certificate required")
	_, err = open(t, with(otherPEM, otherKey)).Resolve(t.Context())
	wantError(t, err, sources.Transient, "tls")
	_, err = open(t, with(certPEM, otherKey)).Resolve(t.Context())
	wantError(t, err, sources.Misconfigured, "read the client's certificate and its key: they do not hold")
	for _, bad := range []git.Options{{URL: opts.URL, ClientCert: "x"}, {URL: opts.URL, ClientKey: sources.Literal("x")}} {
		_, err := git.New(bad)
		wantError(t, err, sources.Misconfigured, "client_cert and client_key go together")
	}
}

// github is an API that gives out the password of a git server.
type github struct {
	*httptest.Server
	asked  atomic.Int32
	status atomic.Int32
	life   time.Duration
}

func newGitHub(t *testing.T, key *rsa.PrivateKey, life time.Duration) *github {
	t.Helper()
	g := &github{life: life}
	g.status.Store(http.StatusCreated)
	g.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		g.asked.Add(1)
		if code := int(g.status.Load()); code != http.StatusCreated {
			w.Header().Set("Retry-After", "60")
			http.Error(w, password, code)
			return
		}
		if r.Method != http.MethodPost || r.URL.Path != "/app/installations/42/access_tokens" || !isJWT(r.Header.Get("Authorization"), &key.PublicKey) {
			http.Error(w, "unauthorized", http.StatusUnauthorized)
			return
		}
		w.WriteHeader(http.StatusCreated)
		fmt.Fprintf(w, `{"token":%q,"expires_at":%q}`, password, time.Now().Add(g.life).UTC().Format(time.RFC3339))
	}))
	t.Cleanup(g.Close)
	return g
}

func isJWT(auth string, key *rsa.PublicKey) bool {
	parts := strings.Split(strings.TrimPrefix(auth, "Bearer "), ".")
	if len(parts) != 3 {
		return false
	}
	sum := sha256.Sum256([]byte(parts[0] + "." + parts[1]))
	signature, err := base64.RawURLEncoding.DecodeString(parts[2])
	if err != nil || rsa.VerifyPKCS1v15(key, crypto.SHA256, sum[:], signature) != nil {
		return false
	}
	raw, err := base64.RawURLEncoding.DecodeString(parts[1])
	var claims struct {
		Iss      string
		Iat, Exp int64
	}
	return err == nil && json.Unmarshal(raw, &claims) == nil && claims.Iss == "app" && claims.Iat <= time.Now().Unix() && claims.Exp-claims.Iat <= 600
}

func TestGitHubApp(t *testing.T) {
	dir, repo := newRepo(t)
	push(t, repo, gitserver.Change{Files: files("a", "1")})
	url := serve(t, dir, gitserver.Options{Username: "x-access-token", Password: password}).URL("plugins.git")
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	other, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	pkcs1 := pemOf("RSA PRIVATE KEY", x509.MarshalPKCS1PrivateKey(key))
	pkcs8, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	api := newGitHub(t, key, time.Hour)
	opts := func(private string) git.Options {
		return git.Options{URL: url, App: git.App{ID: "app", Installation: "42", PrivateKey: sources.Literal(private), API: api.URL}}
	}
	src := open(t, opts(pkcs1))
	rev, err := src.Resolve(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	list(t, src, rev)
	if n := api.asked.Load(); n != 1 {
		t.Errorf("%d tokens were asked for, want 1 for all", n)
	}
	if _, err := open(t, opts(pemOf("PRIVATE KEY", pkcs8))).Resolve(t.Context()); err != nil {
		t.Error(err)
	}
	_, err = open(t, opts(pemOf("RSA PRIVATE KEY", x509.MarshalPKCS1PrivateKey(other)))).Resolve(t.Context())
	wantError(t, err, sources.Denied, "GitHub refuses the id, the installation or the private key (401)")
	_, err = open(t, opts("not a key")).Resolve(t.Context())
	wantError(t, err, sources.Misconfigured, "read the private key of the GitHub App: it is not in PEM")
	api.status.Store(http.StatusServiceUnavailable)
	_, err = open(t, opts(pkcs1)).Resolve(t.Context())
	wantError(t, err, sources.Transient, "503")
	if after := sources.RetryAfter(err); after != time.Minute {
		t.Errorf("it is to be tried again after %s", after)
	}

	// A token that ends soon is replaced.
	brief := newGitHub(t, key, time.Minute)
	o := opts(pkcs1)
	o.App.API = brief.URL
	src = open(t, o)
	for range 2 {
		if _, err := src.Resolve(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if n := brief.asked.Load(); n != 2 {
		t.Errorf("%d tokens were asked for, want 2", n)
	}
	for want, change := range map[string]func(*git.Options){
		"needs an id, an installation and a private_key": func(o *git.Options) { o.App.ID = "" },
		"the installation of a GitHub App is a number":   func(o *git.Options) { o.App.Installation = "../x" },
		"it is not encrypted":                            func(o *git.Options) { o.App.API = "http://git.example.com" },
		"it has a GitHub App, and a token":               func(o *git.Options) { o.Token = sources.Literal("x") },
	} {
		bad := opts(pkcs1)
		change(&bad)
		_, err := git.New(bad)
		wantError(t, err, sources.Misconfigured, want)
	}
}

// Credentials that are revoked, and come again, while the source is in use.
func TestCredentialsThatAreRevoked(t *testing.T) {
	dir, repo := newRepo(t)
	push(t, repo, gitserver.Change{Files: files("a", "1")})
	current := password
	src := open(t, git.Options{
		URL: serve(t, dir, gitserver.Options{Username: "me", Password: password}).URL("plugins.git"), Username: "me",
		Password: sources.NewSecret(func() (string, error) { return current, nil }),
	})
	rev, err := src.Resolve(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	list(t, src, rev)
	current = "revoked"
	commit := push(t, repo, gitserver.Change{Message: "Second", Files: files("a", "2")})
	_, err = src.Resolve(t.Context())
	wantError(t, err, sources.Denied, "the server refuses the credentials")
	err = src.Fetch(t.Context(), sources.Revision(commit), sources.NewTree(sources.Selection{}, sources.Limits{}))
	wantError(t, err, sources.Denied, "the server refuses the credentials")
	current = password
	if rev, err = src.Resolve(t.Context()); err != nil || string(rev) != commit {
		t.Fatal(rev, err)
	}
	if got := fmt.Sprint(list(t, src, rev)); got != "[a 2]" {
		t.Errorf("files %s", got)
	}
}
