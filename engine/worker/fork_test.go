//go:build linux

package worker

import (
	"os/exec"
	"syscall"
	"testing"
	"time"
)

// The thread on which processes are started does not end with the forker: a host may have started children of its own on it
// that the kernel ends with it.
func TestForkerLeavesItsThread(t *testing.T) {
	for range 10 { // one of them may have the first thread, which never ends
		f := newForker()
		cmd := exec.CommandContext(t.Context(), "sleep", "60")
		cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
		if err := f.run(cmd); err != nil {
			t.Fatal(err)
		}
		ended := make(chan error, 1)
		go func() { ended <- cmd.Wait() }()
		f.close()
		select {
		case err := <-ended:
			t.Fatalf("a child of its thread ended with the forker: %v", err)
		case <-time.After(20 * time.Millisecond): // in which a thread ends
		}
		if err := cmd.Process.Kill(); err != nil {
			t.Error(err)
		}
		if err := <-ended; err == nil {
			t.Error("it was killed, and ended well")
		}
	}
}
