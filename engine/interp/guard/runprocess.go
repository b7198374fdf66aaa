package guard

import (
	"os"
	"sync"

	"github.com/scriptd/scriptd/engine/symbols"
)

// processes are those that a package has started, by which it may touch no others.
type processes struct {
	known beside[os.Process, int] // the process's number: the field may be changed

	mu   sync.Mutex
	pids map[int]bool // those that nobody has waited for
}

// processFuncs are the functions of package os for processes.
func processFuncs(g *Guard) map[string]any {
	return map[string]any{
		"os.StartProcess": g.startProcess,
		"os.FindProcess":  g.findProcess,
		"(*os.Process).Kill": func(p *os.Process) error {
			if err := g.mayTouch(p); err != nil {
				return err
			}
			return p.Kill()
		},
		"(*os.Process).Signal": func(p *os.Process, sig os.Signal) error {
			if err := g.mayTouch(p); err != nil {
				return err
			}
			return p.Signal(sig)
		},
		"(*os.Process).Wait": func(p *os.Process) (*os.ProcessState, error) {
			if err := g.mayTouch(p); err != nil {
				return nil, err
			}
			state, err := p.Wait()
			if err == nil {
				g.waited(p)
			}
			return state, err
		},
		"(*os.Process).Release": func(p *os.Process) error {
			if err := g.mayTouch(p); err != nil {
				return err
			}
			return p.Release()
		},
		"(*os.Process).WithHandle": func(p *os.Process, f func(uintptr)) error {
			if err := g.mayTouch(p); err != nil {
				return err
			}
			return p.WithHandle(f)
		},
	}
}

func (g *Guard) startProcess(name string, argv []string, attr *os.ProcAttr) (*os.Process, error) {
	inner := os.ProcAttr{}
	if attr != nil {
		inner = *attr
	}
	path, err := g.mayRun(name, inner.Dir)
	if err == nil {
		err = g.mayControl(inner.Sys != nil)
	}
	if err == nil {
		inner.Env, err = g.checkedEnv(inner.Env, "")
	}
	if err != nil {
		return nil, plain("fork/exec", name, err)
	}
	p, err := os.StartProcess(path, argv, &inner)
	if err != nil {
		return nil, plain("fork/exec", name, err)
	}
	g.started(p)
	return p, nil
}

// findProcess is os.FindProcess, for the processes that the package has started.
func (g *Guard) findProcess(pid int) (*os.Process, error) {
	if g.everyProcess() {
		return os.FindProcess(pid)
	}
	g.processes.mu.Lock()
	started := g.processes.pids[pid]
	g.processes.mu.Unlock()
	if !started {
		return nil, os.NewSyscallError("findprocess", g.deniedProcess())
	}
	p, err := os.FindProcess(pid)
	if err == nil {
		g.processes.known.put(p, pid)
	}
	return p, err
}

// started notes a process of the package's.
func (g *Guard) started(p *os.Process) {
	if g.everyProcess() {
		return
	}
	g.processes.known.put(p, p.Pid)
	g.processes.mu.Lock()
	defer g.processes.mu.Unlock()
	if g.processes.pids == nil {
		g.processes.pids = make(map[int]bool)
	}
	g.processes.pids[p.Pid] = true
}

// waited notes that a process is no more: another may have its number.
func (g *Guard) waited(p *os.Process) {
	pid, ok := g.processes.known.of(p)
	if !ok {
		return
	}
	g.processes.mu.Lock()
	defer g.processes.mu.Unlock()
	delete(g.processes.pids, pid)
}

// mayTouch reports whether a process is one that the package has started.
func (g *Guard) mayTouch(p *os.Process) error {
	if pid, ok := g.processes.known.of(p); g.everyProcess() || ok && pid == p.Pid || ok && p.Pid < 0 {
		return nil
	}
	return os.NewSyscallError("kill", g.deniedProcess())
}

func (g *Guard) everyProcess() bool { return g.Permissions.All || g.Program }

func (g *Guard) deniedProcess() error {
	denied := g.denied(symbols.All, "")
	denied.Why = "run is for the programs that it has started"
	return denied
}
