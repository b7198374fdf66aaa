//go:build linux

package worker_test

import (
	"bufio"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/scriptd/scriptd/engine/worker"
)

// hostVariable makes this test binary a host of its own, in the folder that it names.
const hostVariable = "WORKER_TEST_HOST"

// killRounds is how many hosts are killed, with some of their children, at random.
const killRounds = 100

// Such a host has packages with a process each, and some that share one: so many processes.
const (
	hostPackages  = 3
	hostMembers   = 2
	hostProcesses = hostPackages + 1
)

// runHost loads packages, calls them without end, replaces those that break, and prints the numbers of its processes whenever
// there are others.
func runHost(dir string) {
	rt, err := worker.New(worker.Options{Dir: dir})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	ctx := context.Background()
	for i := range hostPackages + hostMembers {
		go func() {
			for {
				broken := make(chan struct{}, 1)
				p := pkg()
				if i >= hostPackages {
					p = member(p, fmt.Sprintf("test/p%d", i), sharing)
				}
				p.Broken = func(error) { broken <- struct{}{} }
				inst, err := rt.Load(ctx, p)
				if err != nil {
					continue
				}
				for range 4 {
					go func() {
						for {
							if _, err := do(ctx, inst, "", "x", 0); err != nil {
								return
							}
						}
					}()
				}
				<-broken
				_ = inst.Close(ctx) // it is gone
			}
		}()
	}
	last := ""
	for {
		if now := fmt.Sprint(rt.PIDs()); now != last {
			fmt.Println(strings.Trim(now, "[]"))
			last = now
		}
		time.Sleep(time.Millisecond)
	}
}

// testHost is a host in a process of its own.
type testHost struct {
	cmd  *exec.Cmd
	pids chan []int
}

func startHost(t *testing.T, dir string) *testHost {
	t.Helper()
	h := &testHost{cmd: exec.Command("/proc/self/exe"), pids: make(chan []int, 1000)} //nolint:noctx // it is killed
	h.cmd.Env = append(os.Environ(), hostVariable+"="+dir)
	h.cmd.Stderr = os.Stderr
	out, err := h.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := h.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		defer close(h.pids)
		for lines := bufio.NewScanner(out); lines.Scan(); {
			var pids []int
			for field := range strings.FieldsSeq(lines.Text()) {
				pid, _ := strconv.Atoi(field)
				pids = append(pids, pid)
			}
			h.pids <- pids
		}
	}()
	t.Cleanup(func() { _ = h.cmd.Process.Kill() })
	return h
}

// await waits until the host has so many processes, and returns those.
func (h *testHost) await(t *testing.T, n int) []int {
	t.Helper()
	timeout := time.After(patience)
	for {
		select {
		case pids, ok := <-h.pids:
			if !ok {
				t.Fatal("the host is gone")
			}
			if len(pids) == n {
				return pids
			}
		case <-timeout:
			t.Fatalf("the host does not have %d processes", n)
		}
	}
}

// kill kills the host, and returns all the processes that it has named since.
func (h *testHost) kill(t *testing.T) []int {
	t.Helper()
	if err := h.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	var all []int
	for pids := range h.pids {
		all = append(all, pids...)
	}
	_ = h.cmd.Wait() // it was killed
	return all
}

// A host that is killed takes its children along, those that are stopped too; the next one removes its folder.
func TestHostThatIsKilled(t *testing.T) {
	dir := shortDir(t)
	h := startHost(t, dir)
	pids := h.await(t, hostProcesses+1)
	halt(t, pids[0])
	gone(t, append(h.kill(t), pids...)...)
	left, err := filepath.Glob(filepath.Join(dir, worker.FolderPattern))
	if err != nil || len(left) != 1 {
		t.Fatalf("the host left the folders %v, %v", left, err)
	}
	rt := open(t, worker.Options{Dir: dir})
	if _, err := os.Stat(left[0]); !os.IsNotExist(err) {
		t.Errorf("the folder of the host that was killed: %v", err)
	}
	// That of a host that lives stays.
	other := open(t, worker.Options{Dir: dir})
	answers(t, load(t, rt, pkg()))
	answers(t, load(t, other, pkg()))
}

// No process is left, whoever is killed or stopped, and when.
func TestNoOrphans(t *testing.T) {
	rounds := killRounds
	if testing.Short() {
		rounds = 3
	}
	dir := shortDir(t)
	for range rounds {
		h := startHost(t, dir)
		seen := h.await(t, hostProcesses+1)
		for range rand.IntN(4) {
			pid := seen[rand.IntN(len(seen))]
			_ = syscall.Kill(pid, []syscall.Signal{syscall.SIGKILL, syscall.SIGSTOP, syscall.SIGSEGV}[rand.IntN(3)]) // it may be gone
			time.Sleep(time.Duration(rand.IntN(20)) * time.Millisecond)
		}
		gone(t, append(h.kill(t), seen...)...)
	}
	open(t, worker.Options{Dir: dir, Spares: -1}) // sweeps
}
