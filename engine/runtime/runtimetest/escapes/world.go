package escapes

import (
	"archive/zip"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"
	"testing"
	"time"

	"github.com/scriptd/scriptd/engine/runtime"
	"github.com/scriptd/scriptd/engine/runtime/runtimetest/nameserver"
)

// world is what there is to escape to. In the texts of an escape, its parts stand for themselves: DIR, EXE, ALLOWED, DENIED.
type world struct {
	dir             string
	allowed, denied string // host:port of servers, on two addresses of this machine
	rt              runtime.Runtime
}

func newWorld(t *testing.T, start Start) *world {
	t.Helper()
	w := &world{dir: t.TempDir()}
	for name, text := range map[string]string{
		"granted/file.txt": "granted", "secret/file.txt": "secret", "secret/p.go": "package secret", "secret/index.html": "secret page",
	} {
		file := filepath.Join(w.dir, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
			t.Fatal(err)
		}
		write(t, file, text)
	}
	for name, target := range map[string]string{"link": "../secret/file.txt", "abs": filepath.Join(w.dir, "secret/file.txt"), "dir": "../secret"} {
		if err := os.Symlink(target, filepath.Join(w.dir, "granted", name)); err != nil {
			t.Fatal(err)
		}
	}
	archive, err := os.Create(filepath.Join(w.dir, "secret/a.zip"))
	if err != nil {
		t.Fatal(err)
	}
	defer archive.Close()
	z := zip.NewWriter(archive)
	if _, err := z.Create("secret"); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	writeCertificate(t, filepath.Join(w.dir, "secret"))
	w.allowed, w.denied = w.serve(t, "127.0.0.1"), w.serve(t, "127.0.0.2")
	names := nameserver.New(t, map[string][]string{
		"api.example.com": {"127.0.0.1"}, "meta.example.com": {"169.254.169.254"}, "db.example.com": {"10.0.0.1"},
		"rebind.example.com": {"127.0.0.1|127.0.0.2"}, "own.test": {"127.0.0.2"},
	})
	w.rt = start(t, names)
	return w
}

func write(t *testing.T, file, text string) {
	t.Helper()
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func writeCertificate(t *testing.T, dir string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour), DNSNames: []string{"localhost"}}
	cert, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalECPrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, "cert.pem"), string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cert})))
	write(t, filepath.Join(dir, "key.pem"), string(pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: der})))
}

// serve answers requests on an address, with that. The path /to sends to the other server.
func (w *world) serve(t *testing.T, addr string) string {
	t.Helper()
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", addr+":0")
	if err != nil {
		t.Fatal(err)
	}
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(res http.ResponseWriter, req *http.Request) {
		if req.URL.Path == "/to" {
			http.Redirect(res, req, "http://"+w.denied+"/", http.StatusFound)
			return
		}
		fmt.Fprint(res, addr)
	}))
	s.Listener.Close()
	s.Listener = l
	s.Start()
	t.Cleanup(s.Close)
	return l.Addr().String()
}

// fill puts the parts of the world into a text.
func (w *world) fill(s string) string {
	exe, _ := os.Executable()
	built := ""
	if info, ok := debug.ReadBuildInfo(); ok {
		built = info.Path
	}
	port := func(address string) string { _, port, _ := net.SplitHostPort(address); return port }
	return strings.NewReplacer("DIR", w.dir, "EXE", exe, "ALLOWED", w.allowed, "DENIED", w.denied,
		"APORT", port(w.allowed), "DPORT", port(w.denied), "BUILD", built).Replace(s)
}

func (w *world) permissions(p runtime.Permissions) runtime.Permissions {
	each := func(list []string) []string {
		var out []string
		for _, s := range list {
			out = append(out, w.fill(s))
		}
		return out
	}
	return runtime.Permissions{Net: each(p.Net), Read: each(p.Read), Write: each(p.Write), Env: p.Env, Run: each(p.Run), All: p.All}
}
