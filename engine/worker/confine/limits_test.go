//go:build linux

package confine_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/scriptd/scriptd/engine/worker/confine"
)

var grown [][]byte

// limits are attempts at having more than there is for a package.
var limits = map[string]func(world) (string, error){
	"recursion": func(world) (string, error) { return fmt.Sprint(descend(0)), nil },
	"memory": func(world) (string, error) {
		for range 1 << 9 {
			grow(8 << 20)
		}
		return "", nil
	},
	"slow memory": func(world) (string, error) {
		for range 1 << 12 {
			grow(1 << 20)
			time.Sleep(time.Millisecond)
		}
		return "", nil
	},
	"descriptors": func(world) (string, error) {
		for n := range 1 << 14 {
			if _, err := unix.Open("/dev/null", unix.O_RDONLY, 0); err != nil {
				return fmt.Sprint(n), err
			}
		}
		return "", nil
	},
	"size of files": func(w world) (string, error) {
		f, err := os.Create(w.granted("output"))
		if err != nil {
			return "", err
		}
		defer f.Close()
		block := make([]byte, 1<<16)
		for n := range 1 << 8 {
			if _, err := f.Write(block); err != nil {
				return fmt.Sprint(n * len(block)), err
			}
		}
		return "", nil
	},
	"many threads": func(world) (string, error) {
		for range 1 << 10 {
			go func() { runtime.LockOSThread(); select {} }()
			runtime.Gosched()
		}
		time.Sleep(10 * time.Second)
		return "", nil
	},
	"abort": func(world) (string, error) {
		// As a free child it asks for a core first.
		_ = unix.Setrlimit(unix.RLIMIT_CORE, &unix.Rlimit{Cur: unix.RLIM_INFINITY, Max: unix.RLIM_INFINITY})
		runtime.LockOSThread()
		act := [4]uintptr{} // the default: to end, with a core
		if err := raw(unix.SYS_RT_SIGACTION, uintptr(unix.SIGQUIT), ptr(&act), 0, 8); err != nil {
			return "", err
		}
		return "", unix.Kill(os.Getpid(), unix.SIGQUIT)
	},
	"bomb": func(world) (string, error) {
		for n := range 1 << 12 {
			if err := forkAsleep(); err != nil {
				return fmt.Sprint(n), err
			}
		}
		return "", nil
	},
	"spin": func(world) (string, error) {
		for end := time.Now().Add(20 * time.Second); time.Now().Before(end); {
			continue
		}
		return "", nil
	},
	"sleep":      func(world) (string, error) { time.Sleep(20 * time.Second); return "", nil },
	"headless":   headless,
	"grandchild": func(world) (string, error) { return run("sh", "-c", "a=x; while :; do a=$a$a; done") },
}

//go:noinline
func descend(n int) int {
	var frame [64]int
	frame[n%64] = descend(n + 1) //nolint:staticcheck // it ends with the stack
	return frame[(n+1)%64] + 1
}

func grow(n int) {
	b := make([]byte, n)
	for i := 0; i < n; i += 4096 {
		b[i] = 1
	}
	grown = append(grown, b)
}

func TestLimits(t *testing.T) {
	needLandlock(t, 4)
	tests := []struct {
		name   string
		limits confine.Limits
		// ended is what the process says as it ends. Empty is a process that goes on, with errno.
		ended string
		errno syscall.Errno
		// from and to bound how much it got, as a number.
		from, to int
	}{
		{name: "recursion", ended: "goroutine stack exceeds 67108864-byte limit"},
		{name: "memory", limits: confine.Limits{Memory: spareForRace + 64<<20, Processes: 16}, ended: "out of memory"},
		{name: "descriptors", limits: confine.Limits{OpenFiles: 50}, errno: unix.EMFILE, from: 20, to: 50},
		{name: "size of files", limits: confine.Limits{FileSize: 1 << 20}, errno: unix.EFBIG, from: 1 << 20, to: 1 << 20},
		{name: "many threads", limits: confine.Limits{Processes: 40}, ended: "thread exhaustion"},
	}
	for user, uid := range users() {
		for _, tt := range tests {
			t.Run(user+"/"+tt.name, func(t *testing.T) {
				w := newWorld(t, uid)
				began := time.Now()
				a := do(t, uid, job{Case: tt.name, World: w, Policy: confine.Policy{Permissions: writeGranted(w), Limits: tt.limits}})
				if tt.ended != "" {
					if a.Ended == nil || !strings.Contains(a.Stderr, tt.ended) {
						t.Errorf("after %v: got %v, want %q", time.Since(began), a, tt.ended)
					}
					return
				}
				var n int
				_, _ = fmt.Sscan(a.Output, &n)
				if a.Ended != nil || a.Errno != tt.errno || n < tt.from || n > tt.to {
					t.Errorf("got %d and %v, want %d to %d and %v", n, a, tt.from, tt.to, tt.errno)
				}
			})
		}
	}
}

func TestNoCore(t *testing.T) {
	pattern, err := os.ReadFile("/proc/sys/kernel/core_pattern")
	if err != nil {
		t.Fatal(err)
	}
	for name, bare := range map[string]bool{"confined": false, "not confined": true} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, os.Getuid())
			a := do(t, os.Getuid(), job{Case: "abort", World: w, Policy: confine.Policy{Permissions: writeDir(w)}, Bare: bare})
			if a.Ended == nil || a.Ended.Sys().(syscall.WaitStatus).Signal() != unix.SIGQUIT {
				t.Fatalf("got %v, want %v", a, unix.SIGQUIT)
			}
			dumped := a.Ended.Sys().(syscall.WaitStatus).CoreDump()
			if dumped != bare && (!bare || strings.TrimSpace(string(pattern)) == "core") {
				t.Errorf("its memory was dumped: got %t, want %t", dumped, bare)
			}
			files, err := filepath.Glob(filepath.Join(w.Dir, "core*"))
			if err != nil || len(files) > 0 && !bare {
				t.Errorf("it left %v, %v", files, err)
			}
		})
	}
}

// TestBomb shows that processes come to an end, also where nobody watches. Root has no such limit.
func TestBomb(t *testing.T) {
	needLandlock(t, 4)
	uid, ok := users()["nobody"]
	if !ok {
		uid = os.Getuid()
	}
	w := newWorld(t, uid)
	p := confine.Policy{Permissions: permissions{Run: []string{"true"}}, Limits: confine.Limits{Processes: 30}}
	a := do(t, uid, job{Case: "bomb", World: w, Policy: p})
	var n int
	_, _ = fmt.Sscan(a.Output, &n)
	if a.Ended != nil || a.Errno != unix.EAGAIN || n > 1200 {
		t.Errorf("got %d processes and %v, want at most 1200 and %v; %v", n, a, unix.EAGAIN, a.Report)
	}
}

func TestNoLimits(t *testing.T) {
	w := newWorld(t, os.Getuid())
	none := confine.Limits{Memory: -1, CPU: -1, OpenFiles: -1, Processes: -1, FileSize: -1}
	a := do(t, os.Getuid(), job{Case: "stat", World: w, Policy: confine.Policy{Limits: none}})
	for _, name := range []string{"NOFILE", "FSIZE", "DATA", "NPROC"} {
		if a.Ended != nil || strings.Contains(a.Report.String(), name) {
			t.Errorf("got %v and a limit: %v", a, a.Report)
		}
	}
	if !errors.Is(a.Errno, syscall.Errno(0)) && a.Errno != 0 {
		t.Error(a)
	}
}
