//go:build unix

package worker_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/scriptd/scriptd/engine/runtime"
	"github.com/scriptd/scriptd/engine/runtime/runtimetest"
	"github.com/scriptd/scriptd/engine/worker"
)

// grouped has all packages that have no group share one.
type grouped struct {
	*worker.Runtime
	permissions runtime.Permissions // of the group; those of the package come to it
}

func (g grouped) Load(ctx context.Context, p runtime.Package) (runtime.Instance, error) {
	return g.Runtime.Load(ctx, member(p, p.Name, g.permissions.Merge(p.Permissions)))
}

// member is a package of a group, under a name of its own.
func member(p runtime.Package, name string, group runtime.Permissions) runtime.Package {
	p.Name, p.Group, p.GroupPermissions = name, "test", group
	return p
}

// sharing is what the tests' packages of a group may do together.
var sharing = runtime.Permissions{Run: []string{"*"}}

// The promises of a runtime hold for packages that share a process.
func TestRuntimeOfGroup(t *testing.T) {
	if testing.Short() {
		t.Skip("the same runs for packages by themselves")
	}
	runtimetest.Run(t, func(t *testing.T) runtime.Runtime {
		t.Helper()
		return grouped{open(t, worker.Options{Spares: -1}), runtime.Permissions{}}
	})
}

// Packages of a group are in one process, however many are loaded at the same time, and their variables are their own.
func TestGroupSharesProcess(t *testing.T) {
	for _, spares := range []int{-1, 1} {
		t.Run(fmt.Sprintf("spares %d", spares), func(t *testing.T) {
			rt := open(t, worker.Options{Spares: spares})
			insts := make([]runtime.Instance, 8)
			together(len(insts), func(i int) {
				insts[i] = load(t, rt, member(counting(), fmt.Sprintf("test/p%d", i), sharing))
			})
			if n := len(rt.PIDs()) - rt.Spares(); spares < 0 && n != 1 {
				t.Errorf("there are %d processes", n)
			}
			for range 2 { // another generation is beside the first
				insts = append(insts, load(t, rt, member(counting(), "test/p0", sharing)))
			}
			for i, inst := range insts {
				for n := range i + 1 {
					if got := count(t, inst); got != float64(n+1) {
						t.Fatalf("package %d: call %d is number %v", i, n+1, got)
					}
				}
			}
			other := member(counting(), "test/q", sharing)
			other.Group = "other"
			load(t, rt, other)
			load(t, rt, counting())
			if pids := rt.PIDs(); spares < 0 && len(pids) != 3 {
				t.Errorf("with one of another group and one of none, there are the processes %v", pids)
			}
		})
	}
}

// What is closed leaves the calls of others alone; with the last one the process ends.
func TestCloseInGroup(t *testing.T) {
	rt := open(t, worker.Options{Spares: -1})
	a, told := watched(member(pkg(), "test/a", sharing))
	insts := []runtime.Instance{load(t, rt, a), load(t, rt, member(pkg(), "test/b", sharing)), load(t, rt, a)}
	pid := only(t, rt)
	waiting := make(chan error, 1)
	go func() {
		_, err := do(context.Background(), insts[0], "wait", "", 0)
		waiting <- err
	}()
	answer := make(chan error, 1)
	go func() {
		_, err := do(t.Context(), insts[1], "sleep", "", 300)
		answer <- err
	}()
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	_ = insts[0].Close(ctx) // it says that a call still ran
	if err := <-waiting; !errors.Is(err, runtime.ErrStopped) {
		t.Errorf("a call of the package that was closed: got %v", err)
	}
	if _, err := do(t.Context(), insts[0], "", "", 0); !errors.Is(err, runtime.ErrStopped) {
		t.Errorf("a call after Close: got %v", err)
	}
	if err := <-answer; err != nil {
		t.Errorf("a call of another one: got %v", err)
	}
	answers(t, insts[1])
	answers(t, insts[2])
	for _, inst := range insts[1:] {
		if err := inst.Close(t.Context()); err != nil {
			t.Error(err)
		}
	}
	// It is there for a while still.
	again := load(t, rt, a)
	if got := only(t, rt); got != pid {
		t.Errorf("the process was %d, and is %d", pid, got)
	}
	if err := again.Close(t.Context()); err != nil {
		t.Error(err)
	}
	gone(t, pid)
	if _, err := do(t.Context(), again, "", "", 0); !errors.Is(err, runtime.ErrStopped) {
		t.Errorf("a call after the end of the process: got %v", err)
	}
	answers(t, load(t, rt, a))
	if len(told) > 0 {
		t.Errorf("Broken was told %v", <-told)
	}
}

// A load that fails, or that nobody waits for, leaves the others alone, and nothing behind.
func TestFailedLoadInGroup(t *testing.T) {
	rt := open(t, worker.Options{Spares: -1})
	inst := load(t, rt, member(pkg(), "test/a", sharing))
	pid := only(t, rt)
	bad := member(runtime.Package{Dir: ".", Tree: fstest.MapFS{"p.go": {Data: []byte("package p\n\nfunc Register() {}\n")}}}, "test/bad", sharing)
	if _, err := rt.Load(t.Context(), bad); err == nil || !strings.Contains(err.Error(), "wrong Register") {
		t.Errorf("got %v", err)
	}
	slow := member(runtime.Package{Dir: ".", Tree: fstest.MapFS{"p.go": {Data: []byte(`package p

import (
	"time"

	"github.com/scriptd/scriptd/plugin"
)

func Register(*plugin.Registrar) error { time.Sleep(time.Hour); return nil }
`)}}}, "test/slow", sharing)
	slow.Grace = 50 * time.Millisecond
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := rt.Load(ctx, slow); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
	together(8, func(i int) { // given up at any moment
		ctx, cancel := context.WithTimeout(t.Context(), time.Duration(i)*time.Millisecond)
		defer cancel()
		if given, err := rt.Load(ctx, member(pkg(), "test/given-up", sharing)); err == nil {
			_ = given.Close(t.Context())
		}
	})
	answers(t, inst)
	if got := only(t, rt); got != pid {
		t.Errorf("the process was %d, and is %d", pid, got)
	}
	if err := inst.Close(t.Context()); err != nil {
		t.Error(err)
	}
	gone(t, pid)
}

// A process is confined once. Packages that take other walls get another one, and later ones follow.
func TestWallsOfGroup(t *testing.T) {
	rt := open(t, worker.Options{Spares: -1})
	first := load(t, rt, member(barePkg(), "test/a", runtime.Permissions{}))
	pid := only(t, rt)
	load(t, rt, member(barePkg(), "test/b", runtime.Permissions{}))
	if only(t, rt) != pid {
		t.Error("another process was started for the same walls")
	}
	second := load(t, rt, member(pkg(), "test/b", sharing))
	load(t, rt, member(barePkg(), "test/a", sharing))
	if n := len(rt.PIDs()); n != 2 {
		t.Errorf("there are %d processes once more was granted, want 2", n)
	}
	own := member(barePkg(), "test/c", sharing)
	own.Permissions.Env = []string{"HOME"} // which the group was not told
	load(t, rt, own)
	load(t, rt, member(barePkg(), "test/a", sharing))
	if n := len(rt.PIDs()); n != 3 {
		t.Errorf("there are %d processes with one that may do more than its group, want 3", n)
	}
	limited := member(barePkg(), "test/a", sharing)
	limited.GroupLimits.OpenFiles = 100
	load(t, rt, limited)
	if n := len(rt.PIDs()); n != 4 {
		t.Errorf("there are %d processes with other limits, want 4", n)
	}
	answers(t, first)
	answers(t, second)
	bad := member(barePkg(), "test/d", runtime.Permissions{Net: []string{"a:http"}})
	for range 2 {
		if _, err := rt.Load(t.Context(), bad); err == nil || !strings.Contains(err.Error(), "keep the package to what it was granted: confine: net: ") {
			t.Errorf("got %v", err)
		}
	}
}

// Each package is held to its own permissions, whatever the process may do.
func TestPermissionsInGroup(t *testing.T) {
	dir := t.TempDir()
	files := [2]string{filepath.Join(dir, "a"), filepath.Join(dir, "b")}
	granted := make([]runtime.Permissions, len(files))
	group := runtime.Permissions{}
	for i, file := range files {
		if err := os.WriteFile(file, []byte("text"), 0o600); err != nil {
			t.Fatal(err)
		}
		name := fmt.Sprintf("WORKER_TEST_GROUP_%d", i)
		t.Setenv(name, "value")
		granted[i] = runtime.Permissions{Read: []string{file}, Env: []string{name}}
		group = group.Merge(granted[i])
	}
	rt := open(t, worker.Options{Spares: -1})
	for i, p := range granted {
		inst := load(t, rt, member(runtime.Package{Dir: ".", Permissions: p, Tree: fstest.MapFS{"p.go": {Data: []byte(`package p

import (
	"context"
	"os"

	"github.com/scriptd/scriptd/plugin"
)

type Params struct{ Do, Text string }

func Register(r *plugin.Registrar) error { return r.Add(plugin.Spec{Name: "p"}, handle) }

func handle(_ context.Context, p Params) (string, error) {
	if p.Do == "env" {
		return os.Getenv(p.Text), nil
	}
	text, err := os.ReadFile(p.Text)
	return string(text), err
}
`)}}}, fmt.Sprintf("test/p%d", i), group))
		for j := range files {
			get := func(what, name string) (string, error) {
				res, err := inst.Call(t.Context(), "p", map[string]any{"Do": what, "Text": name})
				if err == nil && !res.Success {
					err = errors.New(res.Error)
				}
				text, _ := res.Data.(string)
				return text, err
			}
			text, err := get("read", files[j])
			if i == j && (err != nil || text != "text") || i != j && (err == nil || !strings.Contains(err.Error(), "permission denied")) {
				t.Errorf("package %d reads file %d: %q, %v", i, j, text, err)
			}
			value, err := get("env", fmt.Sprintf("WORKER_TEST_GROUP_%d", j))
			if want := map[bool]string{true: "value"}[i == j]; err != nil || value != want {
				t.Errorf("package %d reads variable %d: %q, %v", i, j, value, err)
			}
		}
	}
	only(t, rt)
}

// A process sleeps when all its packages do.
func TestIdleGroup(t *testing.T) {
	rt := open(t, worker.Options{Spares: -1, Idle: 50 * time.Millisecond})
	insts := []runtime.Instance{load(t, rt, member(counting(), "test/a", sharing)), load(t, rt, member(counting(), "test/b", sharing))}
	pid := only(t, rt)
	for end := time.Now().Add(1500 * time.Millisecond); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		count(t, insts[0]) // one is used, and the other one is not
	}
	if got := only(t, rt); got != pid {
		t.Errorf("the process was %d, and is %d", pid, got)
	}
	if n := count(t, insts[1]); n != 1 {
		t.Errorf("the one that slept has call number %v", n)
	}
	sleeps(t, rt)
	var callers sync.WaitGroup
	for _, inst := range slices.Repeat(insts, 4) {
		callers.Go(func() { count(t, inst) })
	}
	callers.Wait()
	only(t, rt)
}
