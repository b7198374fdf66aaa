//go:build unix

package worker

import (
	"fmt"
	"os"
	"runtime/debug"
	"sync/atomic"
	"syscall"

	yaegi "github.com/traefik/yaegi/interp"

	"github.com/scriptd/scriptd/engine/worker/confine"
	"github.com/scriptd/scriptd/engine/worker/wire"
)

// scopeVariable has a process begin with confine.Scope.
const scopeVariable = "SCRIPTD_WORKER_SCOPE"

// The descriptors that a child starts with, after the standard ones.
const (
	callsDescriptor = iota + 3
	backgroundDescriptor
	crashDescriptor
)

// served says that Serve was called in this process, which New wants: the children are this binary.
var served atomic.Bool

// Served reports whether this process may have children: its main called Serve.
func Served() bool { return served.Load() }

// Serve is the first thing that main does in a host whose packages run in processes of their own. It returns at once, except
// in such a process, in which it does not return. The tables are those of the host's own packages that
// Options.Universe has of any runtime of this process: see symbols.With.
func Serve(tables ...yaegi.Exports) {
	if os.Getenv(handshake.MagicCookieKey) != handshake.MagicCookieValue {
		served.Store(true)
		return
	}
	if os.Getenv(scopeVariable) != "" {
		if err := confine.Scope(); err != nil {
			fmt.Fprintln(os.Stderr, "this process cannot be kept to itself:", err)
			os.Exit(1)
		}
	}
	closeInherited()
	confine.BoundStacks()
	control := os.Getenv(controlVariable) // before a package has it gone
	c, err := newChild(tables)
	if err == nil {
		err = c.serve()
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "this process runs packages of a host that has not started it:", err)
		os.Exit(1)
	}
	if len(tables) == 0 {
		warmSymbols()
	}
	if err := c.shake(control); err != nil {
		fmt.Fprintln(os.Stderr, "go-plugin:", err)
		os.Exit(1)
	}
	select {} // until the host is gone
}

// newChild takes over the descriptors of this process.
func newChild(tables []yaegi.Exports) (*child, error) {
	var files []*os.File
	for fd := uintptr(callsDescriptor); fd <= crashDescriptor; fd++ {
		syscall.CloseOnExec(int(fd)) // no process that a package starts keeps them
		f := os.NewFile(fd, "descriptor of the host")
		if _, err := f.Stat(); err != nil {
			return nil, err
		}
		files = append(files, f)
	}
	if err := debug.SetCrashOutput(files[2], debug.CrashOptions{}); err != nil {
		return nil, err
	}
	files[2].Close() // the runtime has one of its own, which ends with the process
	return &child{
		calls: files[0], background: &background{stream: wire.NewStream(files[1])}, tables: tables,
		shaken: make(chan struct{}),
	}, nil
}
