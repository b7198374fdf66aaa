package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"testing/fstest"
	"time"

	"github.com/scriptd/scriptd/cache"
	"github.com/scriptd/scriptd/config"
	"github.com/scriptd/scriptd/engine"
)

// eavesdropper counts who connects to an origin, and who asks for its name.
type eavesdropper struct {
	addr        string
	connections atomic.Int64
	names       atomic.Int64
}

// eavesdrop listens where an origin might, and answers nothing. Names are looked up at it, by this process, until the test ends.
func eavesdrop(t *testing.T) *eavesdropper {
	t.Helper()
	var lc net.ListenConfig
	l, err := lc.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	e := &eavesdropper{addr: l.Addr().String()}
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			e.connections.Add(1)
			c.Close()
		}
	}()
	before := net.DefaultResolver
	net.DefaultResolver = &net.Resolver{PreferGo: true, Dial: func(context.Context, string, string) (net.Conn, error) {
		e.names.Add(1)
		return nil, io.ErrUnexpectedEOF
	}}
	t.Cleanup(func() {
		net.DefaultResolver = before
		l.Close()
	})
	return e
}

// file writes a configuration file of a role, with origins at the eavesdropper, and some whose names it is asked for.
func (e *eavesdropper) file(t *testing.T, role, dir string) string {
	t.Helper()
	path := filepath.Join(dir, role+".yaml")
	text := fmt.Sprintf(`role: %s
cache: {dir: cache}
sources:
  - name: web
    git: {url: "http://%[2]s/p.git", ref: main}
    interval: 100ms
    webhook: {secret: "0123456789abcdef0123456789abcdef"}
  - {name: ssh, git: {url: "ssh://git@%[2]s/p.git", ref: main, ssh_key: key, known_hosts: hosts}, interval: 100ms}
  - {name: bucket, s3: {bucket: plugins, endpoint: "http://%[2]s", region: us-east-1, path_style: true, access_key_id: a, secret_access_key: b}, interval: 100ms}
  - {name: named, git: {url: "https://git.example.invalid/p.git", ref: main}, interval: 100ms}
  - {name: far, s3: {bucket: plugins, endpoint: "https://s3.example.invalid", region: us-east-1, access_key_id: a, secret_access_key: b}, interval: 100ms}
`, role, e.addr)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestAServerAsksNobody has a scriptd of the role serve do all that it does, with origins that nobody may connect to, or look up.
func TestAServerAsksNobody(t *testing.T) {
	e, dir := eavesdrop(t), t.TempDir()
	path := e.file(t, "serve", dir)
	cfg, err := config.Load(path)
	if err != nil {
		t.Fatal(err)
	}
	opts := cfg.Options()
	lead := func(source engine.Source, answer string) {
		t.Helper()
		name := source.Name + "_hello"
		d, err := opts.Cache.Put(t.Context(), fstest.MapFS{"hello/hello.go": {Data: []byte(word(name, answer))}})
		if err != nil {
			t.Fatal(err)
		}
		head := cache.Head{Origin: source.Origin, Revision: answer, Digest: d, FetchedAt: time.Now()}
		if err := opts.Cache.SetHead(t.Context(), source.Name, head); err != nil {
			t.Fatal(err)
		}
	}
	for _, source := range opts.Sources {
		lead(source, "one")
	}
	d := serve(t, path)
	for _, source := range opts.Sources {
		if name := source.Name + "_hello"; !d.answers(t, name, "one") {
			t.Errorf("%s does not answer: %s", name, d.log)
		}
		lead(source, "two")
	}
	for _, source := range opts.Sources {
		if name := source.Name + "_hello"; !eventually(func() bool { return d.answers(t, name, "two") }) {
			t.Errorf("%s does not follow: %s", name, d.log)
		}
		d.ask(t, http.MethodPost, "/v1/sources/"+source.Name+"/sync", "", http.StatusOK)
	}
	d.ask(t, http.MethodPost, "/v1/hooks/web", "{}", http.StatusUnauthorized)
	for _, args := range []string{
		"sync", "sources", "list", "packages", "validate", "run web_hello", "describe far_hello", "history named/hello", "rollback ssh/hello",
		"unpin ssh/hello", "reload bucket/hello", "sources suspend web", "sources resume web", "sources history web", "cache verify", "cache gc", "doctor",
	} {
		cli(t, exitOK, append([]string{"-c", path}, strings.Fields(args)...)...)
	}
	cli(t, exitUsage, "-c", path, "sources", "manifest", "far")
	lost, err := filepath.Glob(filepath.Join(dir, "cache", "blobs", "*", "*"))
	if err != nil || len(lost) == 0 {
		t.Fatalf("got %v, %v", lost, err)
	}
	for _, name := range lost {
		if err := os.Remove(name); err != nil {
			t.Fatal(err)
		}
	}
	cli(t, exitFailed, "-c", path, "cache", "verify", "--repair")
	if n, m := e.connections.Load(), e.names.Load(); n != 0 || m != 0 {
		t.Errorf("got %d connections and %d look-ups of names, want none", n, m)
	}

	// So one that may ask would be noticed.
	run(t.Context(), []string{"-c", e.file(t, "both", dir), "sync"}, strings.NewReader(""), io.Discard, io.Discard)
	if n, m := e.connections.Load(), e.names.Load(); n == 0 || m == 0 {
		t.Errorf("got %d connections and %d look-ups of names of a scriptd that asks: the test proves nothing", n, m)
	}
}
