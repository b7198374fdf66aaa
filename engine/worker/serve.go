//go:build unix

package worker

import (
	"fmt"
	"net/rpc"
	"os"
	"runtime/debug"
	"strconv"
	"sync/atomic"
	"syscall"

	"github.com/hashicorp/go-hclog"
	goplugin "github.com/hashicorp/go-plugin"
	yaegi "github.com/traefik/yaegi/interp"
	"golang.org/x/sys/unix"

	"github.com/scriptd/scriptd/engine/symbols"
	"github.com/scriptd/scriptd/engine/worker/confine"
	"github.com/scriptd/scriptd/engine/worker/wire"
)

// handshake is how a process finds out that it is a child, and that both sides speak the same.
var handshake = goplugin.HandshakeConfig{
	ProtocolVersion:  protocol,
	MagicCookieKey:   "SCRIPTD_WORKER",
	MagicCookieValue: "b7a8d1f2-plugin-packages",
}

// scopeVariable has a process begin with confine.Scope.
const scopeVariable = "SCRIPTD_WORKER_SCOPE"

// serviceName is what go-plugin dispenses.
const serviceName = "packages"

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
	c, err := newChild(tables)
	if err != nil {
		fmt.Fprintln(os.Stderr, "this process runs packages of a host that has not started it:", err)
		os.Exit(1)
	}
	goplugin.Serve(&goplugin.ServeConfig{
		HandshakeConfig: handshake,
		Plugins:         goplugin.PluginSet{serviceName: service{child: c}},
		Logger:          hclog.New(&hclog.LoggerOptions{Level: hclog.Warn, Output: os.Stderr, JSONFormat: true}),
	})
	os.Exit(0)
}

// gcPercent is for a process that is small, and whose garbage is mostly that of calls.
const gcPercent = 400

// newChild takes over the descriptors of this process.
func newChild(tables []yaegi.Exports) (*child, error) {
	debug.SetGCPercent(gcPercent)
	closeInherited()
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
	c := &child{calls: files[0], background: &background{stream: wire.NewStream(files[1])}, trimmer: newTrimmer()}
	c.universe, c.untabled = symbols.With(tables...)
	if c.untabled != nil {
		c.universe = symbols.Std()
	}
	return c, nil
}

// closeInherited closes what the host was given itself without knowing, and has passed on: a descriptor that Go has opened is closed
// in processes that are started.
func closeInherited() {
	for _, dir := range []string{"/proc/self/fd", "/dev/fd"} {
		list, err := os.ReadDir(dir)
		if err != nil {
			continue
		}
		for _, e := range list {
			fd, err := strconv.Atoi(e.Name())
			if err != nil || fd <= crashDescriptor {
				continue
			}
			if flags, err := unix.FcntlInt(uintptr(fd), unix.F_GETFD, 0); err == nil && flags&unix.FD_CLOEXEC == 0 {
				_ = unix.Close(fd) // what is not open need not be closed
			}
		}
		return
	}
}

// service is what go-plugin serves, on both sides: it starts to serve calls once the process is set up.
type service struct{ child *child }

var _ goplugin.Plugin = service{}

// Server implements goplugin.Plugin.
func (s service) Server(*goplugin.MuxBroker) (any, error) { return &Control{s.child}, nil }

// Client implements goplugin.Plugin.
func (service) Client(_ *goplugin.MuxBroker, c *rpc.Client) (any, error) { return c, nil }

// Control is what the host calls with net/rpc. It is exported for that package.
type Control struct{ child *child }

// BeginArgs say how to begin.
type BeginArgs struct {
	// Warm: there is time to get ready for a package.
	Warm bool
}

// Begin starts to serve calls.
func (c *Control) Begin(args BeginArgs, _ *struct{}) error {
	c.child.begin(args.Warm)
	return nil
}
