//go:build unix

package worker

import (
	"os/exec"
	"runtime"
)

// forker starts processes, all on one thread. Linux ties a child to the thread that has started it, not to the process: the thread
// must not end before the child does.
type forker struct {
	start chan forkRequest
}

type forkRequest struct {
	cmd     *exec.Cmd
	started chan error
}

func newForker() *forker {
	f := &forker{start: make(chan forkRequest)}
	go func() {
		runtime.LockOSThread()
		// A locked thread would end with the goroutine, and take along what others have started on it in the same way.
		defer runtime.UnlockOSThread()
		for r := range f.start {
			r.started <- r.cmd.Start()
		}
	}()
	return f
}

// run starts a command.
func (f *forker) run(cmd *exec.Cmd) error {
	r := forkRequest{cmd, make(chan error, 1)}
	f.start <- r
	return <-r.started
}

// close gives the thread back, once no process is left.
func (f *forker) close() { close(f.start) }
