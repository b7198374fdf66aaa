//go:build linux

package worker_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"github.com/scriptd/scriptd/engine/runtime"
	"github.com/scriptd/scriptd/engine/worker"
	"github.com/scriptd/scriptd/engine/worker/confine"
)

// reaching is a package that was granted something of everything, and reaches for what its parameter says.
const reaching = `package p

import (
	"context"
	"fmt"
	"net"
	"os"
	"strings"

	"github.com/scriptd/scriptd/plugin"
)

type Params struct {
	Do   string
	Text string
	N    int
}

func Register(r *plugin.Registrar) error { return r.Add(plugin.Spec{Name: "p"}, handle) }

var kept [][]byte

func handle(_ context.Context, p Params) (string, error) {
	switch p.Do {
	case "read":
		text, err := os.ReadFile(p.Text)
		return string(text), err
	case "write":
		return "", os.WriteFile(p.Text, nil, 0o600)
	case "temp":
		f, err := os.CreateTemp("", "x")
		if err != nil {
			return "", err
		}
		return f.Name(), f.Close()
	case "dial":
		c, err := net.Dial("tcp", p.Text)
		if err != nil {
			return "", err
		}
		return "connected", c.Close()
	case "open":
		for range p.N {
			if _, err := net.Dial("tcp", p.Text); err != nil {
				return "", err
			}
		}
	case "grow":
		for range p.N {
			b := make([]byte, 1<<20)
			for i := 0; i < len(b); i += 4096 {
				b[i] = 1
			}
			kept = append(kept, b)
		}
	case "print":
		for range p.N {
			fmt.Println(strings.Repeat("x", 1000))
		}
	}
	return p.Text, nil
}
`

func reachingPkg(p runtime.Permissions, l runtime.Limits) runtime.Package {
	return runtime.Package{Name: "test/p", Dir: "p", Tree: fstest.MapFS{"p/p.go": {Data: []byte(reaching)}}, Permissions: p, Limits: l}
}

// needKernel skips a test where the kernel does not hold what the test is about.
func needKernel(t *testing.T, names ...string) {
	t.Helper()
	for _, f := range confine.Probe() {
		for _, name := range names {
			if f.Name == name && !f.Have {
				t.Skip(f)
			}
		}
	}
}

// The kernel keeps a package to what it was granted, in a process that waited for it and in one that did not.
func TestConfined(t *testing.T) {
	needKernel(t, "files", "TCP")
	dir := t.TempDir()
	granted, secret := filepath.Join(dir, "granted"), filepath.Join(dir, "secret")
	for _, d := range []string{granted, secret} {
		if err := os.Mkdir(d, 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(d, "file"), []byte("text"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	var addresses [2]string
	for i := range addresses {
		var lc net.ListenConfig
		l, err := lc.Listen(t.Context(), "tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		addresses[i] = l.Addr().String()
	}
	permissions := runtime.Permissions{Net: []string{addresses[0]}, Read: []string{granted}, Write: []string{granted}}
	for _, spares := range []int{-1, 1} {
		for _, run := range []bool{false, true} {
			t.Run(fmt.Sprintf("spares %d, run %t", spares, run), func(t *testing.T) {
				p := permissions
				if run {
					p.Run = []string{"sh"}
				}
				inst := load(t, open(t, worker.Options{Spares: spares}), reachingPkg(p, runtime.Limits{}))
				for _, tt := range []struct{ what, text, want string }{
					{"read", filepath.Join(granted, "file"), ""},
					{"read", filepath.Join(secret, "file"), "permission denied"},
					{"read", "/etc/passwd", "permission denied"},
					{"read", "/proc/self/environ", "permission denied"},
					{"read", fmt.Sprintf("/proc/%d/environ", os.Getpid()), "permission denied"},
					{"write", filepath.Join(granted, "new"), ""},
					{"write", filepath.Join(secret, "new"), "permission denied"},
					{"temp", "", ""},
					{"dial", addresses[0], ""},
					{"dial", addresses[1], "permission denied"},
				} {
					_, err := do(t.Context(), inst, tt.what, tt.text, 0)
					if got := fmt.Sprint(err); err == nil != (tt.want == "") || !strings.Contains(got, tt.want) {
						t.Errorf("%s %s: got %v, want %q", tt.what, tt.text, err, tt.want)
					}
				}
			})
		}
	}
}

// A package that may write has a folder for temporary files, which is gone with it.
func TestTemporaryFolder(t *testing.T) {
	needKernel(t, "files")
	rt := open(t, worker.Options{})
	var names [2]string
	for i := range names {
		inst := load(t, rt, reachingPkg(runtime.Permissions{Net: []string{"*:1"}, Read: []string{"/none"}, Write: []string{t.TempDir()}}, runtime.Limits{}))
		name, err := do(t.Context(), inst, "temp", "", 0)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := os.Stat(name); err != nil {
			t.Error(err)
		}
		names[i] = filepath.Dir(name)
		if err := inst.Close(t.Context()); err != nil {
			t.Error(err)
		}
		if _, err := os.Stat(names[i]); !os.IsNotExist(err) {
			t.Errorf("%s is still there: %v", names[i], err)
		}
	}
	if names[0] == names[1] {
		t.Errorf("both have %s", names[0])
	}
}

// all is what reaching needs to be accepted.
func all(dir string) runtime.Permissions {
	return runtime.Permissions{Net: []string{"*:1"}, Read: []string{dir}, Write: []string{dir}}
}

// What is beyond a limit names it.
func TestLimits(t *testing.T) {
	dir := t.TempDir()
	rt := open(t, worker.Options{})
	t.Run("memory", func(t *testing.T) {
		p, broken := watched(reachingPkg(all(dir), runtime.Limits{Memory: 200 << 20}))
		inst := load(t, rt, p)
		if _, err := do(t.Context(), inst, "grow", "", 50); err != nil {
			t.Fatal(err)
		}
		_, err := do(context.Background(), inst, "grow", "", 400)
		crashed(t, err, "limits: memory")
		crashed(t, broken.wait(t), "limits: memory")
	})
	t.Run("open files", func(t *testing.T) {
		var lc net.ListenConfig
		l, err := lc.Listen(t.Context(), "tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		p := all(dir)
		p.Net = []string{l.Addr().String()}
		inst := load(t, rt, reachingPkg(p, runtime.Limits{OpenFiles: 40}))
		if _, err := do(t.Context(), inst, "open", l.Addr().String(), 100); err == nil || !strings.Contains(err.Error(), "too many open files (limits: open_files)") {
			t.Errorf("got %v", err)
		}
		answersToo(t, inst)
	})
	t.Run("output", func(t *testing.T) {
		log := &lockedBuffer{}
		p := reachingPkg(all(dir), runtime.Limits{Output: 100_000})
		p.Log = textLog(log)
		inst := load(t, rt, p)
		if _, err := do(t.Context(), inst, "print", "", 10_000); err != nil {
			t.Fatal(err)
		}
		text := log.String()
		if n := strings.Count(text, "xxx stream="); n < 80 || n > 99 {
			t.Errorf("%d lines were logged", n)
		}
		if n := strings.Count(text, "more than 100000 bytes of output in a minute: what comes in the rest of it is left out (limits: output)"); n != 1 {
			t.Errorf("it is said %d times: %.500s", n, text)
		}
		answersToo(t, inst)
	})
}

func answersToo(t *testing.T, inst runtime.Instance) {
	t.Helper()
	if got, err := do(t.Context(), inst, "", "hello", 0); err != nil || got != "hello" {
		t.Errorf("got %q, %v", got, err)
	}
}

func textLog(to *lockedBuffer) *slog.Logger { return slog.New(slog.NewTextHandler(to, nil)) }

// lockedBuffer is safe for concurrent use.
type lockedBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}

// A package that cannot be confined is not loaded; a grant that comes to nothing is told.
func TestGrantsThatCannotBe(t *testing.T) {
	rt := open(t, worker.Options{})
	dir := t.TempDir()
	bad := all(dir)
	bad.Net = []string{"a:http"}
	_, err := rt.Load(t.Context(), reachingPkg(bad, runtime.Limits{}))
	if err == nil || !strings.Contains(err.Error(), "keep the package to what it was granted: confine: net: ") || errors.Is(err, runtime.ErrCrashed) {
		t.Errorf("got %v", err)
	}
	log := &lockedBuffer{}
	p := reachingPkg(all(dir), runtime.Limits{})
	p.Permissions.Read = append(p.Permissions.Read, filepath.Join(dir, "none"))
	p.Log = textLog(log)
	answersToo(t, load(t, rt, p))
	if text := log.String(); !strings.Contains(text, "a permission without effect") || !strings.Contains(text, filepath.Join(dir, "none")) {
		t.Errorf("got the log %s", text)
	}
}

// What a package logs goes to its own log, and is limited for itself.
func TestLogsInGroup(t *testing.T) {
	rt := open(t, worker.Options{Spares: -1})
	dir := t.TempDir()
	logs := make([]*lockedBuffer, 2)
	insts := make([]runtime.Instance, 2)
	for i := range insts {
		logs[i] = &lockedBuffer{}
		p := member(reachingPkg(all(dir), runtime.Limits{Output: 100_000}), fmt.Sprintf("test/p%d", i), all(dir))
		p.Log = textLog(logs[i])
		insts[i] = load(t, rt, p)
	}
	if _, err := do(t.Context(), insts[0], "print", "", 1000); err != nil {
		t.Fatal(err)
	}
	if _, err := do(t.Context(), insts[1], "print", "", 3); err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(logs[0].String(), "xxx stream="); n < 80 || n > 99 {
		t.Errorf("the first logged %d lines", n)
	}
	if n := strings.Count(logs[1].String(), "xxx stream="); n != 3 {
		t.Errorf("the second logged %d lines, want 3", n)
	}
}
