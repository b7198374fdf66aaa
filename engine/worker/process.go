//go:build unix

package worker

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"sync"
	"syscall"
	"time"

	"github.com/hashicorp/go-plugin/runner"
)

// process is a child, which go-plugin takes over as it runs: this binary, in a process group of its own, with three descriptors more than usual.
type process struct {
	cmd            *exec.Cmd
	pid            int
	stdout, stderr *os.File
	crashPipe      *os.File

	exited chan struct{} // closed when it is gone
	report []byte        // what the Go runtime wrote when it crashed; from then on

	mu     sync.Mutex
	gone   bool
	reason string // why it was killed; empty where it was not
}

var _ runner.Runner = (*process)(nil)

// maxReport bounds what is kept of the report of a crash. What matters is at its beginning.
const maxReport = 64 << 10

// startProcess starts a process, with an environment and its ends of two connections, which are closed here. Whatever else it holds is
// closed once it has ended.
func startProcess(f *forker, env []string, calls, background *os.File) (*process, error) {
	p := &process{exited: make(chan struct{})}
	theirs := []*os.File{calls, background}
	defer func() { closeFiles(theirs...) }()
	for _, ours := range []**os.File{&p.stdout, &p.stderr, &p.crashPipe} {
		r, w, err := os.Pipe()
		if err != nil {
			p.closeOurs()
			return nil, err
		}
		*ours = r
		theirs = append(theirs, w)
	}
	path := "/proc/self/exe"
	if _, err := os.Stat(path); err != nil {
		if path, err = os.Executable(); err != nil {
			p.closeOurs()
			return nil, err
		}
	}
	p.cmd = &exec.Cmd{
		Path: path, Args: []string{os.Args[0], "worker"}, Env: env, SysProcAttr: attributes(),
		Stdout: theirs[2], Stderr: theirs[3], ExtraFiles: []*os.File{calls, background, theirs[4]},
	}
	if err := f.run(p.cmd); err != nil {
		p.closeOurs()
		return nil, err
	}
	p.pid = p.cmd.Process.Pid
	go p.reap()
	return p, nil
}

func (p *process) closeOurs() {
	for _, f := range []*os.File{p.stdout, p.stderr, p.crashPipe} {
		if f != nil {
			f.Close()
		}
	}
}

// Start implements runner.Runner: the process runs already.
func (p *process) Start(context.Context) error { return nil }

// drainTime is how long the standard streams of a process that is gone are read. They end at once, except where it has started
// processes that have left its group.
const drainTime = time.Second

// reap waits until the process is gone. Its end of the pipe for crashes is closed then; where it is closed before, the process is
// killed.
func (p *process) reap() {
	p.report, _ = io.ReadAll(io.LimitReader(p.crashPipe, maxReport)) // what there is is good enough
	_, _ = io.Copy(io.Discard, p.crashPipe)
	p.crashPipe.Close()
	p.signalGroup()
	awaitExit(p.pid)
	p.mu.Lock()
	p.signalGroupLocked() // as long as the number is its own
	_ = p.cmd.Wait()      // the state tells
	p.gone = true
	p.mu.Unlock()
	close(p.exited)
	time.AfterFunc(drainTime, func() {
		p.stdout.Close()
		p.stderr.Close()
	})
}

func (p *process) signalGroup() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.signalGroupLocked()
}

func (p *process) signalGroupLocked() {
	if !p.gone {
		_ = syscall.Kill(-p.pid, syscall.SIGKILL) // there may be nobody left
	}
}

// kill ends the process and those that it has started, for a reason that is told where it is the first.
func (p *process) kill(reason string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.reason == "" && !p.gone {
		p.reason = reason
	}
	p.signalGroupLocked()
}

// because says why the process is gone, where nobody has killed it. An empty reason says nothing.
func (p *process) because(reason string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.reason == "" {
		p.reason = reason
	}
}

// why tells why a process that is gone is so.
func (p *process) why() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.reason != "" {
		return p.reason
	}
	return p.cmd.ProcessState.String()
}

// state is how the process has ended; empty where it has not.
func (p *process) state() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.gone {
		return ""
	}
	return p.cmd.ProcessState.String()
}

// Wait implements runner.AttachedRunner.
func (p *process) Wait(context.Context) error {
	<-p.exited
	return nil // how it ended is told by why
}

// Kill implements runner.AttachedRunner.
func (p *process) Kill(context.Context) error {
	p.kill("it was killed")
	return nil
}

// Diagnose implements runner.Runner.
func (p *process) Diagnose(context.Context) string {
	select {
	case <-p.exited:
		return p.why()
	default:
		return ""
	}
}

// Stdout implements runner.Runner.
func (p *process) Stdout() io.ReadCloser { return p.stdout }

// Stderr implements runner.Runner.
func (p *process) Stderr() io.ReadCloser { return p.stderr }

// Name implements runner.Runner.
func (p *process) Name() string { return "worker" }

// ID implements runner.AttachedRunner.
func (p *process) ID() string { return strconv.Itoa(p.pid) }

// PluginToHost implements runner.AddrTranslator: both are on one machine.
func (p *process) PluginToHost(network, addr string) (hostNetwork, hostAddr string, err error) {
	if network != "unix" {
		return "", "", fmt.Errorf("the process listens on %s, want a unix socket", network)
	}
	return network, addr, nil
}

// HostToPlugin implements runner.AddrTranslator.
func (p *process) HostToPlugin(network, addr string) (pluginNetwork, pluginAddr string, err error) {
	return network, addr, nil
}
