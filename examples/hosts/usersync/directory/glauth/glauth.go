// Package glauth runs a real LDAP server, glauth, for tests, with a small organisation in it:
//
//	srv := glauth.Start(t)
//	srv.URL()    // ldap://127.0.0.1:PORT, which offers StartTLS
//	srv.TLSURL() // ldaps://127.0.0.1:PORT
package glauth

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"
)

// What is in the directory. Ada and Alan are in research, and Ada, who leads Alan, in sales, too, as her departmentDN says. BindDN may search; Ada may not.
const (
	Base     = "dc=acme,dc=example"
	BindDN   = "cn=reader,ou=services,ou=users,dc=acme,dc=example"
	Password = "open-sesame"
	AdaDN    = "cn=ada,ou=research,ou=users,dc=acme,dc=example"
)

// config takes the addresses of LDAP and LDAPS, the certificate and the key, and the SHA-256 of Password.
const config = `
[ldap]
  enabled = true
  listen = %[1]q
  tls = true
  tlsCertPath = %[3]q
  tlsKeyPath = %[4]q
[ldaps]
  enabled = true
  listen = %[2]q
  cert = %[3]q
  key = %[4]q
[backend]
  datastore = "config"
  baseDN = "dc=acme,dc=example"
[behaviors]
  LimitFailedBinds = false
[[groups]]
  name = "research"
  gidnumber = 5501
[[groups]]
  name = "sales"
  gidnumber = 5502
[[groups]]
  name = "services"
  gidnumber = 5503
[[users]]
  name = "ada"
  givenname = "Ada"
  sn = "Lovelace"
  mail = "ada@acme.example"
  uidnumber = 5001
  primarygroup = 5501
  passsha256 = %[5]q
  [[users.customattributes]]
    departmentDN = ["ou=Sales, ou=users,dc=acme,dc=example"]
[[users]]
  name = "alan"
  givenname = "Alan"
  sn = "Turing"
  mail = "alan@acme.example"
  uidnumber = 5002
  primarygroup = 5501
  passsha256 = %[5]q
  [[users.customattributes]]
    manager = ["cn=ada,ou=research,ou=users,dc=acme,dc=example"]
[[users]]
  name = "reader"
  uidnumber = 5003
  primarygroup = 5503
  passsha256 = %[5]q
  [[users.capabilities]]
    action = "search"
    object = "*"
`

// Server is a running server on a loopback address.
type Server struct {
	plain, tls string
	// CA is the certificate that its own is held against, as PEM.
	CA string
}

// URL is the address of the server, which offers StartTLS there.
func (s *Server) URL() string { return "ldap://" + s.plain }

// TLSURL is the address for TLS.
func (s *Server) TLSURL() string { return "ldaps://" + s.tls }

// Start runs the server until the end of the test. Where it is not built, a short test is skipped, and any other builds it.
func Start(t *testing.T) *Server {
	t.Helper()
	if _, ok := Find(); !ok && testing.Short() {
		t.Skip("NOT TESTED: LDAP: there is no bin/glauth, and building it takes minutes: run make bin/glauth, or the test without -short")
	}
	binary, err := Binary(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	cert, key, ca := certificate(t)
	hash := fmt.Sprintf("%x", sha256.Sum256([]byte(Password)))
	// The ports are free now; should another process take one before the server does, the next ones are tried.
	for range 5 {
		s := &Server{plain: freeAddress(t), tls: freeAddress(t), CA: ca}
		if err = s.start(t, binary, fmt.Sprintf(config, s.plain, s.tls, cert, key, hash)); err == nil {
			return s
		}
	}
	t.Fatal(err)
	return nil
}

func freeAddress(t *testing.T) string {
	t.Helper()
	var lc net.ListenConfig
	l, err := lc.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

func (s *Server) start(t *testing.T, binary, config string) error {
	t.Helper()
	file := filepath.Join(t.TempDir(), "glauth.cfg")
	if err := os.WriteFile(file, []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	var output bytes.Buffer
	cmd := exec.Command(binary, "-c", file) //nolint:noctx // it ends with the test, by stop
	cmd.Stdout, cmd.Stderr = &output, &output
	endWithParent(cmd)
	if err := cmd.Start(); err != nil {
		return err
	}
	exited := make(chan struct{})
	go func() {
		_ = cmd.Wait() // it ends when it is killed
		close(exited)
	}()
	stop := sync.OnceFunc(func() {
		_ = cmd.Process.Kill() // an error means that it has ended
		<-exited
	})
	t.Cleanup(stop)
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for deadline := time.Now().Add(20 * time.Second); ; {
		if answers(s.plain) && answers(s.tls) {
			return nil
		}
		select {
		case <-tick.C:
		case <-exited:
			return fmt.Errorf("the LDAP server ended: %s", output.String())
		}
		if time.Now().After(deadline) {
			stop()
			return fmt.Errorf("the LDAP server does not answer: %s", output.String())
		}
	}
}

func answers(address string) bool {
	conn, err := net.DialTimeout("tcp", address, time.Second) //nolint:noctx // of the loopback
	if err != nil {
		return false
	}
	conn.Close()
	return true
}
