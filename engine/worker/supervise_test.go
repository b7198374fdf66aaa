//go:build unix

package worker_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	goruntime "runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/scriptd/scriptd/engine/runtime"
	"github.com/scriptd/scriptd/engine/worker"
)

// A fatal error of the Go runtime ends the process and the calls in it, and says where it comes from.
func TestFatalError(t *testing.T) {
	rt := open(t, worker.Options{})
	p, broken := watched(pkg())
	inst := load(t, rt, p)
	other := load(t, rt, pkg())
	if _, err := inst.Call(t.Context(), "other", nil); err != nil {
		t.Fatal(err)
	}
	waiting := make(chan error, 1)
	go func() {
		_, err := do(context.Background(), inst, "wait", "", 0)
		waiting <- err
	}()
	_, err := do(t.Context(), inst, "overflow", "x", 0)
	crashed(t, err, "fatal error: stack overflow")
	crash, _ := errors.AsType[*runtime.CrashError](err)
	want := runtime.CrashError{Package: "test/p", Plugin: "p", File: "p/p.go", Line: 22, Column: 39}
	if crash.Package != want.Package || crash.Plugin != want.Plugin || crash.File != want.File || crash.Line != want.Line || crash.Column != want.Column {
		t.Errorf("got  %+v\nwant %+v", crash, want)
	}
	if want := "test/p crashed: fatal error: stack overflow (exit status 2), in plugin p of p/p.go:22:39"; crash.Error() != want {
		t.Errorf("got  %s\nwant %s", crash, want)
	}
	if !strings.Contains(crash.Output, "goroutine ") {
		t.Errorf("got the output %q", crash.Output)
	}
	crashed(t, <-waiting, "stack overflow")
	crashed(t, broken.wait(t), "stack overflow")
	_, err = do(t.Context(), inst, "", "", 0)
	crashed(t, err, "stack overflow")
	crashed(t, inst.Health(t.Context()), "stack overflow")
	crashed(t, inst.Close(t.Context()), "stack overflow")
	answers(t, other)
	if len(broken) > 0 {
		t.Errorf("Broken was told again: %v", <-broken)
	}
}

func TestProcessThatIsKilled(t *testing.T) {
	rt := open(t, worker.Options{Spares: -1})
	p, broken := watched(pkg())
	inst := load(t, rt, p)
	pid := only(t, rt)
	time.AfterFunc(20*time.Millisecond, func() { signal(t, pid, syscall.SIGKILL) })
	_, err := do(context.Background(), inst, "wait", "", 0)
	crashed(t, err, "signal: killed")
	crashed(t, broken.wait(t), "signal: killed")
	answers(t, load(t, rt, pkg()))
}

// An idle process that dies is told too.
func TestIdleProcessThatIsKilled(t *testing.T) {
	rt := open(t, worker.Options{Spares: -1})
	p, broken := watched(pkg())
	load(t, rt, p)
	signal(t, only(t, rt), syscall.SIGKILL)
	crashed(t, broken.wait(t), "signal: killed")
}

// A process that is stopped keeps no caller beyond its time, and is killed once a call has been waited for in vain.
func TestProcessThatIsStopped(t *testing.T) {
	rt := open(t, worker.Options{Spares: -1, PingInterval: time.Hour})
	p, broken := watched(pkg())
	p.Grace = 50 * time.Millisecond
	inst := load(t, rt, p)
	pid := only(t, rt)
	halt(t, pid)
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if _, err := do(ctx, inst, "", "", 0); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
	crashed(t, broken.wait(t), "did not answer")
	gone(t, pid)
}

// A process that is stopped is found also where a call has all the time there is.
func TestPings(t *testing.T) {
	rt := open(t, worker.Options{Spares: -1, PingInterval: 20 * time.Millisecond, PingTimeout: 300 * time.Millisecond})
	p, broken := watched(pkg())
	inst := load(t, rt, p)
	pid := only(t, rt)
	if _, err := do(t.Context(), inst, "sleep", "", 1000); err != nil { // a call that takes its time is no fault
		t.Fatal(err)
	}
	time.AfterFunc(20*time.Millisecond, func() { signal(t, pid, syscall.SIGSTOP) })
	_, err := do(context.Background(), inst, "wait", "", 0)
	crashed(t, err, "did not answer for 300ms")
	crashed(t, broken.wait(t), "did not answer for 300ms")
	gone(t, pid)
}

// A stopped process does not keep Close.
func TestCloseOfStoppedProcess(t *testing.T) {
	rt := open(t, worker.Options{Spares: -1})
	p := pkg()
	p.Grace = 50 * time.Millisecond
	inst := load(t, rt, p)
	pid := only(t, rt)
	halt(t, pid)
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if err := inst.Close(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
	gone(t, pid)
}

// Whatever runs when an instance is closed ends, and what the process has started with it.
func TestCloseEndsEverything(t *testing.T) {
	rt := open(t, worker.Options{Spares: -1})
	p, broken := watched(pkg())
	p.Grace = 50 * time.Millisecond
	inst := load(t, rt, p)
	pid := only(t, rt)
	out, err := do(t.Context(), inst, "run", "sleep 1000 >/dev/null 2>&1 & echo $!", 0)
	if err != nil {
		t.Fatal(err)
	}
	grandchild, err := strconv.Atoi(strings.TrimSpace(out))
	if err != nil || !running(grandchild) {
		t.Fatalf("got the process %q, %v", out, err)
	}
	waiting := make(chan error, 2)
	for _, what := range []string{"wait", "sleep"} {
		go func() {
			_, err := do(context.Background(), inst, what, "", int(time.Hour.Milliseconds()))
			waiting <- err
		}()
	}
	time.Sleep(20 * time.Millisecond)
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	_ = inst.Close(ctx) // it may say that calls still ran
	for range 2 {
		if err := <-waiting; !errors.Is(err, runtime.ErrStopped) {
			t.Errorf("got %v", err)
		}
	}
	if _, err := do(t.Context(), inst, "", "", 0); !errors.Is(err, runtime.ErrStopped) {
		t.Errorf("a call after Close: got %v", err)
	}
	gone(t, pid, grandchild)
	if len(broken) > 0 {
		t.Errorf("Broken was told %v", <-broken)
	}
}

// A runtime that is closed leaves nothing behind: no process, file, goroutine or descriptor.
func TestCloseLeavesNothing(t *testing.T) {
	dir := t.TempDir()
	goroutines, files := goruntime.NumGoroutine(), openFiles(t)
	for range 3 {
		rt, err := worker.New(worker.Options{Dir: shortDir(t), Spares: 2})
		if err != nil {
			t.Fatal(err)
		}
		p, broken := watched(pkg())
		insts := []runtime.Instance{load(t, rt, p), load(t, rt, p)}
		answers(t, insts[0])
		waiting := make(chan error, 1)
		go func() {
			_, err := do(context.Background(), insts[1], "wait", "", 0)
			waiting <- err
		}()
		time.Sleep(10 * time.Millisecond)
		pids := rt.PIDs()
		together(3, func(int) {
			if err := rt.Close(); err != nil {
				t.Error(err)
			}
		})
		if err := <-waiting; !errors.Is(err, runtime.ErrStopped) {
			t.Errorf("got %v", err)
		}
		if _, err := rt.Load(t.Context(), pkg()); !errors.Is(err, worker.ErrClosed) {
			t.Errorf("a load: got %v", err)
		}
		if err := insts[0].Close(t.Context()); err != nil {
			t.Errorf("close of an instance: got %v", err)
		}
		gone(t, pids...)
		if len(broken) > 0 {
			t.Errorf("Broken was told %v", <-broken)
		}
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "*")); len(left) > 0 {
		t.Errorf("files are left: %v", left)
	}
	for end := time.Now().Add(patience); ; time.Sleep(10 * time.Millisecond) {
		if goruntime.NumGoroutine() <= goroutines && openFiles(t) <= files {
			return
		}
		if time.Now().After(end) {
			stacks := make([]byte, 1<<20)
			t.Fatalf("%d goroutines, were %d; %d files, were %d\n%s", goruntime.NumGoroutine(), goroutines, openFiles(t), files,
				stacks[:goruntime.Stack(stacks, true)])
		}
	}
}

func openFiles(t *testing.T) int {
	t.Helper()
	list, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	return len(list)
}

// shortDir is a folder whose sockets have short names.
func shortDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "w") //nolint:usetesting // names of sockets are bounded
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if left, _ := filepath.Glob(filepath.Join(dir, "*")); len(left) > 0 {
			t.Errorf("files are left: %v", left)
		}
		os.RemoveAll(dir)
	})
	return dir
}

// Processes that a package starts have no descriptor of the host's, one that it passes on without knowing included, and are no
// children of it.
func TestWhatGrandchildrenInherit(t *testing.T) {
	null, err := os.Open(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	defer null.Close()
	for _, from := range []int{100, 2000} {
		passed, err := unix.FcntlInt(null.Fd(), unix.F_DUPFD, from)
		if errors.Is(err, unix.EINVAL) { // no descriptor may have that number
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		defer unix.Close(passed)
	}
	p := pkg()
	p.Permissions.Read = []string{"/proc"}
	inst := load(t, open(t, worker.Options{}), p)
	out, err := do(t.Context(), inst, "run", "ls /proc/self/fd | wc -w; env | grep -c -e SCRIPTD -e PLUGIN_; true", 0)
	if err != nil || strings.Join(strings.Fields(out), " ") != "4 0" { // the standard ones, and the folder itself
		t.Errorf("got %q, %v", out, err)
	}
}

// A process is started in advance, and another one when it has got its package.
func TestSpares(t *testing.T) {
	rt := open(t, worker.Options{Spares: 2})
	await := func() {
		t.Helper()
		for end := time.Now().Add(patience); rt.Spares() != 2; time.Sleep(time.Millisecond) {
			if time.Now().After(end) {
				t.Fatalf("%d processes wait, want 2", rt.Spares())
			}
		}
	}
	await()
	before := rt.PIDs()
	insts := make([]runtime.Instance, 4)
	together(4, func(i int) {
		insts[i] = load(t, rt, barePkg())
		answers(t, insts[i])
	})
	await()
	after := rt.PIDs()
	if len(after) != 6 || len(before) != 2 {
		t.Errorf("got the processes %v, and before %v", after, before)
	}
	// One that dies meanwhile does not get a package.
	for _, pid := range after {
		signal(t, pid, syscall.SIGKILL)
	}
	answers(t, load(t, rt, barePkg()))
}

func TestLargePayloads(t *testing.T) {
	p := pkg()
	p.Limits.Memory = 4 << 30 // the race detector takes its share
	inst := load(t, open(t, worker.Options{}), p)
	const size = 64 << 20
	text := strings.Repeat("y", size)
	if got, err := do(t.Context(), inst, "", text, 0); err != nil || got != text {
		t.Errorf("got %d bytes, %v", len(got), err)
	}
	if _, err := do(t.Context(), inst, "repeat", "", 300<<20); err == nil || !strings.Contains(err.Error(), "too large") {
		t.Errorf("an answer that is too large: got %v", err)
	}
	answers(t, inst)
}
