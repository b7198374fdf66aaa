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
	"syscall"
	"testing"
	"testing/fstest"
	"time"

	"github.com/scriptd/scriptd/engine/runtime"
	"github.com/scriptd/scriptd/engine/worker"
	"github.com/scriptd/scriptd/plugin"
)

// patience bounds what has to happen some time.
const patience = 30 * time.Second

// source is a package whose plugin p does what its parameter asks for.
const source = `package p

import (
	"context"
	"os/exec"
	"strings"
	"time"

	"github.com/scriptd/scriptd/plugin"
)

type Params struct {
	Do   string
	Text string
	N    int
}

func Register(r *plugin.Registrar) error {
	if err := r.Add(plugin.Spec{Name: "other"}, handle); err != nil {
		return err
	}
	return r.Add(plugin.Spec{Name: "p"}, handle)
}

func handle(ctx context.Context, p Params) (string, error) {
	switch p.Do {
	case "overflow":
		return forever(p.Text), nil
	case "wait":
		<-ctx.Done()
		return "", ctx.Err()
	case "sleep":
		time.Sleep(time.Duration(p.N) * time.Millisecond)
	case "repeat":
		return strings.Repeat("x", p.N), nil
	case "run":
		out, err := exec.Command("sh", "-c", p.Text).Output()
		return string(out), err
	}
	return p.Text, nil
}

func forever(s string) string { return s + forever(s) }
`

func pkg() runtime.Package {
	return runtime.Package{
		Name: "test/p", Tree: fstest.MapFS{"p/p.go": {Data: []byte(source)}}, Dir: "p", Permissions: runtime.Permissions{Run: []string{"*"}},
	}
}

// barePkg is pkg without a permission, and without what needs one.
func barePkg() runtime.Package {
	bare := strings.NewReplacer(`	"os/exec"`+"\n", "", `exec.Command("sh", "-c", p.Text).Output()`, `[]byte(p.Text), ctx.Err()`).Replace(source)
	return runtime.Package{Name: "test/p", Tree: fstest.MapFS{"p/p.go": {Data: []byte(bare)}}, Dir: "p"}
}

func load(tb testing.TB, rt runtime.Runtime, p runtime.Package) runtime.Instance {
	tb.Helper()
	inst, err := rt.Load(tb.Context(), p)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		_ = inst.Close(ctx) // some are gone
	})
	return inst
}

func do(ctx context.Context, inst runtime.Instance, what, text string, n int) (string, error) {
	res, err := inst.Call(ctx, "p", map[string]any{"Do": what, "Text": text, "N": float64(n)})
	if err == nil && !res.Success {
		err = errors.New(res.Error)
	}
	data, _ := res.Data.(string)
	return data, err
}

// answers makes sure that an instance answers.
func answers(tb testing.TB, inst runtime.Instance) {
	tb.Helper()
	if got, err := do(tb.Context(), inst, "", "hello", 0); err != nil || got != "hello" {
		tb.Errorf("got %q, %v", got, err)
	}
}

// brokenness records what Package.Broken is told.
type brokenness chan error

func watched(p runtime.Package) (runtime.Package, brokenness) {
	told := make(brokenness, 10)
	p.Broken = func(err error) { told <- err }
	return p, told
}

func (b brokenness) wait(t *testing.T) error {
	t.Helper()
	select {
	case err := <-b:
		return err
	case <-time.After(patience):
		t.Fatal("Broken was not called")
		return nil
	}
}

// crashed makes sure that an error is what a call gets whose process crashed.
func crashed(t *testing.T, err error, reason string) {
	t.Helper()
	crash, ok := errors.AsType[*runtime.CrashError](err)
	if !ok || !errors.Is(err, runtime.ErrCrashed) || !plugin.IsRetryable(err) || !strings.Contains(crash.Reason, reason) {
		t.Fatalf("got %v, want a crash that is worth a retry, with %q as the reason", err, reason)
	}
}

// only returns the one process that a runtime has.
func only(t *testing.T, rt *worker.Runtime) int {
	t.Helper()
	pids := rt.PIDs()
	if len(pids) != 1 {
		t.Fatalf("there are the processes %v, want one", pids)
	}
	return pids[0]
}

func signal(t *testing.T, pid int, s syscall.Signal) {
	t.Helper()
	if err := syscall.Kill(pid, s); err != nil {
		t.Fatal(err)
	}
}

// halt stops a process, and returns when all its threads have stopped.
func halt(t *testing.T, pid int) {
	t.Helper()
	signal(t, pid, syscall.SIGSTOP)
	for end := time.Now().Add(patience); ; time.Sleep(time.Millisecond) {
		tasks, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/stat", pid))
		if err != nil || len(tasks) == 0 {
			t.Fatalf("the process %d has no threads: %v", pid, err)
		}
		if !slices.ContainsFunc(tasks, func(path string) bool { return state(path) != "T" && state(path) != "" }) {
			return
		}
		if time.Now().After(end) {
			t.Fatalf("the process %d does not stop", pid)
		}
	}
}

// state returns the state that a file of /proc tells; it is empty where there is none.
func state(path string) string {
	stat, _ := os.ReadFile(path)
	_, rest, _ := strings.Cut(string(stat), ") ")
	state, _, _ := strings.Cut(rest, " ")
	return state
}

// running reports whether a process is there and no zombie.
func running(pid int) bool {
	s := state(fmt.Sprintf("/proc/%d/stat", pid))
	return s != "" && s != "Z" && s != "X"
}

// gone waits until processes are gone.
func gone(t *testing.T, pids ...int) {
	t.Helper()
	for end := time.Now().Add(patience); ; time.Sleep(time.Millisecond) {
		var left []int
		for _, pid := range pids {
			if running(pid) {
				left = append(left, pid)
			}
		}
		if len(left) == 0 {
			return
		}
		if time.Now().After(end) {
			t.Fatalf("the processes %v are still there", left)
		}
	}
}

// together runs functions at the same time.
func together(n int, f func(i int)) {
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() { f(i) })
	}
	wg.Wait()
}
