// Package gitserver serves git repositories as a real server does, for tests and demonstrations: over smart HTTP, by
// git's own http-backend, and over ssh, by git's own upload-pack. It needs the git command.
//
//	repo, err := gitserver.Init(ctx, dir, "plugins.git")
//	commit, err := repo.Push(ctx, map[string]string{"hello/hello.go": src}, "Say hello")
//	srv, err := gitserver.Start(dir, gitserver.Options{})
//	defer srv.Close()
//	url := srv.URL("plugins.git")
package gitserver

import (
	"context"
	"crypto/subtle"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/cgi"
	"net/http/httptest"
	"os/exec"
	"path/filepath"
)

// Options say how a Server serves.
type Options struct {
	// Addr is the host and port to listen on, such as that of a server before. Empty is a free port of the loopback
	// interface.
	Addr string
	// Username and Password are wanted from clients, where they are set.
	Username, Password string
	// TLS serves https, with a certificate of its own (see Server.CA).
	TLS bool
	// ClientCAs are wanted to vouch for clients, where they are set: with TLS.
	ClientCAs *x509.CertPool
}

// Server serves the bare repositories below a folder over smart HTTP.
type Server struct {
	http *httptest.Server
}

// Start serves the repositories below dir until Close is called.
func Start(dir string, opts Options) (*Server, error) {
	git, err := exec.LookPath("git")
	if err != nil {
		return nil, fmt.Errorf("serve git repositories: %w", err)
	}
	dir, err = filepath.Abs(dir)
	if err != nil {
		return nil, fmt.Errorf("serve git repositories: %w", err)
	}
	backend := &cgi.Handler{
		Path:   git,
		Args:   []string{"http-backend"},
		Env:    append(environment(), "GIT_PROJECT_ROOT="+dir, "GIT_HTTP_EXPORT_ALL=1"),
		Logger: log.New(io.Discard, "", 0),
		Stderr: io.Discard,
	}
	s := httptest.NewUnstartedServer(guard(opts, backend))
	if opts.Addr != "" {
		l, err := net.Listen("tcp", opts.Addr) //nolint:noctx // it ends with Close
		if err != nil {
			s.Close()
			return nil, fmt.Errorf("serve git repositories: %w", err)
		}
		s.Listener.Close()
		s.Listener = l
	}
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	if opts.ClientCAs != nil {
		s.TLS = &tls.Config{ClientCAs: opts.ClientCAs, ClientAuth: tls.RequireAndVerifyClientCert}
	}
	if opts.TLS {
		s.StartTLS()
	} else {
		s.Start()
	}
	return &Server{http: s}, nil
}

// guard asks for the credentials.
func guard(opts Options, next http.Handler) http.Handler {
	if opts.Username == "" && opts.Password == "" {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		user, password, _ := r.BasicAuth()
		if !same(user, opts.Username) || !same(password, opts.Password) {
			w.Header().Set("WWW-Authenticate", `Basic realm="git"`)
			http.Error(w, "unauthorized", http.StatusUnauthorized)
			return
		}
		next.ServeHTTP(w, r)
	})
}

func same(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }

// URL is where the repository of this name is served.
func (s *Server) URL(name string) string { return s.http.URL + "/" + name }

// Addr is the host and port that the server listens on.
func (s *Server) Addr() string { return s.http.Listener.Addr().String() }

// CA is the certificate, in PEM, that vouches for a server with TLS. Nil without.
func (s *Server) CA() []byte {
	cert := s.http.Certificate()
	if cert == nil {
		return nil
	}
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cert.Raw})
}

// Close ends the server and waits for requests that are under way.
func (s *Server) Close() { s.http.Close() }

// command is the git command, away from the settings of whoever runs it.
func command(ctx context.Context, dir string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, "git", args...)
	cmd.Dir = dir
	cmd.Env = environment()
	return cmd
}
