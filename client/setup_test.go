package client_test

import (
	"context"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/traefik/yaegi/interp"

	"github.com/scriptd/scriptd/client"
	"github.com/scriptd/scriptd/engine"
	"github.com/scriptd/scriptd/engine/runtime/runtimetest/roster"
	"github.com/scriptd/scriptd/engine/runtime/runtimetest/roster/rostertest"
	"github.com/scriptd/scriptd/engine/runtime/runtimetest/roster/symbols"
	"github.com/scriptd/scriptd/server"
	"github.com/scriptd/scriptd/sources/filesystem"
)

// host is an engine with package staff, and the folder that it is from.
type host struct {
	*engine.Engine
	dir string
}

func rosterHost(t testing.TB, change func(*engine.Options)) *host {
	t.Helper()
	dir := t.TempDir()
	if err := os.CopyFS(dir, rostertest.Source()); err != nil {
		t.Fatal(err)
	}
	opts := engine.Options{
		Contracts: []engine.Contract{engine.NewContract[roster.Directory]("directory", 1, engine.Optional("Oldest"))},
		Symbols:   []interp.Exports{symbols.Symbols},
		Services:  []engine.Service{engine.NewService[roster.Clock](rostertest.Clock{})},
		Sources:   []engine.Source{folder(t, dir)},
		Isolation: engine.IsolationNone,
	}
	if change != nil {
		change(&opts)
	}
	return &host{newEngine(t, opts), dir}
}

func folder(t testing.TB, dir string) engine.Source {
	t.Helper()
	src, err := filesystem.New(filesystem.Options{Path: dir})
	if err != nil {
		t.Fatal(err)
	}
	return engine.Source{Name: "local", Type: "filesystem", Origin: dir, From: src}
}

func newEngine(t testing.TB, opts engine.Options) *engine.Engine {
	t.Helper()
	e, err := engine.New(t.Context(), opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	})
	return e
}

// put writes a file of a package, and has it go live.
func (h *host) put(t testing.TB, path, text string) {
	t.Helper()
	file := filepath.Join(h.dir, path)
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	h.sync(t)
}

func (h *host) sync(t testing.TB) {
	t.Helper()
	if res, err := h.Sync(t.Context(), "local"); err != nil || res[0].Error != "" {
		t.Fatal(res, err)
	}
}

// serving is a server that runs.
type serving struct {
	addr, url string
	cancel    context.CancelFunc
	done      chan error
}

func serve(t testing.TB, e *engine.Engine, opts *server.Options) *serving {
	t.Helper()
	return serveAt(t, e, opts, "127.0.0.1:0")
}

func serveAt(t testing.TB, e *engine.Engine, opts *server.Options, addr string) *serving {
	t.Helper()
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	return serveOn(t, e, opts, listener)
}

func serveOn(t testing.TB, e *engine.Engine, opts *server.Options, listener net.Listener) *serving {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	s := &serving{listener.Addr().String(), "http://" + listener.Addr().String(), cancel, make(chan error, 1)}
	go func() {
		s.done <- server.New(e, opts).Serve(ctx, listener)
		close(s.done)
	}()
	t.Cleanup(func() { s.stop(t) })
	return s
}

func (s *serving) stop(t testing.TB) {
	t.Helper()
	s.cancel()
	if err := <-s.done; err != nil {
		t.Error(err)
	}
}

func contracts() []client.Contract {
	return []client.Contract{client.NewContract[roster.Directory]("directory", 1, client.Optional("Oldest"))}
}

func connect(t testing.TB, url string, change func(*client.Options)) *client.Client {
	t.Helper()
	opts := &client.Options{Contracts: contracts(), Symbols: []client.Exports{symbols.Symbols}}
	if change != nil {
		change(opts)
	}
	c, err := client.New(url, opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	})
	return c
}

func get[T any](t testing.TB, c *client.Client, name string) T {
	t.Helper()
	v, err := client.Get[T](t.Context(), c, name)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// within is how long anything may take that is expected to happen.
const within = 30 * time.Second
