package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/scriptd/scriptd/engine"
	"github.com/scriptd/scriptd/examples/hosts/usersync/symbols"
)

// asHost, set in its environment, makes the test binary the host.
const asHost = "SCRIPTD_TEST_AS_USERSYNC"

func TestMain(m *testing.M) {
	engine.ServeWorker(symbols.Symbols) // the children of the host are this binary, too
	if os.Getenv(asHost) != "" {
		main()
		return
	}
	os.Exit(m.Run())
}

// isolations are where plugins run: in this process, and each in a process of its own.
func isolations() []engine.Isolation {
	return []engine.Isolation{engine.IsolationNone, engine.IsolationProcess}
}

// folder is a host's folder: its configuration, the plugins of this example, and those that a test adds.
type folder struct{ dir string }

// newFolder makes a folder with these tenants, which are YAML, and the custom plugins of files.
func newFolder(t *testing.T, tenants string, custom map[string]string) *folder {
	t.Helper()
	plugins, err := filepath.Abs("plugins")
	if err != nil {
		t.Fatal(err)
	}
	f := &folder{t.TempDir()}
	f.write(t, "usersync.yaml", "tenants:\n"+tenants)
	f.write(t, "scriptd.yaml", fmt.Sprintf(`cache: {dir: cache}
sources:
  - name: builtin
    filesystem: {path: %q}
    packages:
      - path: file
      - path: ldap
      - path: http
        permissions: {net: ["127.0.0.1:*"]}
  - name: custom
    filesystem: {path: custom}
`, plugins))
	for _, dir := range []string{"custom", "uploads"} {
		if err := os.MkdirAll(filepath.Join(f.dir, dir), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for name, text := range custom {
		f.write(t, filepath.Join("custom", name), text)
	}
	return f
}

func (f *folder) write(t *testing.T, name, text string) {
	t.Helper()
	file := filepath.Join(f.dir, name)
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// open starts a host in this process until the end of the test. Its log is safe to read while it runs.
func (f *folder) open(t *testing.T, where engine.Isolation) (*host, *logs) {
	t.Helper()
	log := &logs{}
	h, err := open(t.Context(), filepath.Join(f.dir, "usersync.yaml"), where, slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug})))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := h.close(); err != nil {
			t.Error(err)
		}
	})
	return h, log
}

// run runs the command in the folder.
func (f *folder) run(ctx context.Context, where engine.Isolation, args ...string) (stdout, stderr string, err error) {
	var out, errs logs
	err = run(ctx, append([]string{"-c", filepath.Join(f.dir, "usersync.yaml"), "-isolation", string(where)}, args...), &out, &errs)
	return out.String(), errs.String(), err
}

// logs is a buffer for several goroutines.
type logs struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (l *logs) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.Write(p)
}

func (l *logs) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.String()
}

func TestUsage(t *testing.T) {
	f := newFolder(t, "  []\n", nil)
	for want, args := range map[string][]string{
		`no such verb: ""`:              {},
		`no such verb: "lst"`:           {"lst"},
		"-o yaml: want table or json":   {"-o", "yaml", "types"},
		"fetch: want one tenant":        {"fetch"},
		"there is no tenant a":          {"fetch", "a"},
		"flag provided but not defined": {"-x"},
		"flag: help requested":          {"-h"},
	} {
		if _, _, err := f.run(t.Context(), engine.IsolationNone, args...); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%q: got %v, want %s", args, err, want)
		}
	}
	if err := run(t.Context(), []string{"-c", "missing.yaml", "types"}, nil, &logs{}); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("got %v", err)
	}
}
