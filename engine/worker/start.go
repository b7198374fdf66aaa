//go:build unix

package worker

import (
	"context"
	"fmt"
	"net"
	"net/rpc"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"time"

	"github.com/hashicorp/go-hclog"
	goplugin "github.com/hashicorp/go-plugin"
	"github.com/hashicorp/go-plugin/runner"

	"github.com/scriptd/scriptd/engine/worker/wire"
)

// startWorker starts a process, and has it get ready for a package where there is time for it; else it may be sent one at once, and
// shakes hands meanwhile: see failed. A scoped one can be held to signal only to what it starts. The worker is to be killed in the end.
func (r *Runtime) startWorker(warm, scoped bool) (*worker, error) {
	w := &worker{log: r.opts.Log, shaken: make(chan struct{}), gone: make(chan struct{}), stderr: &tail{}}
	env := append(baseEnvironment(), handshake.MagicCookieKey+"="+handshake.MagicCookieValue)
	if scoped {
		env = append(env, scopeVariable+"=1")
	}
	if warm {
		w.control = filepath.Join(r.folder.path, strconv.FormatUint(r.controls.Add(1), 10))
		env = append(env, controlVariable+"="+w.control)
	}
	if err := w.start(r.forker, env); err != nil {
		return nil, fmt.Errorf("start a process: %w", err)
	}
	go func() {
		defer close(w.shaken)
		w.unshaken = r.shake(w)
	}()
	if warm {
		<-w.shaken
		if w.unshaken != nil {
			<-w.gone // it has said all that it had to say
			return nil, w.startError(w.unshaken)
		}
	}
	return w, nil
}

// start starts the process, which gets on with its own while go-plugin's client is made.
func (w *worker) start(f *forker, env []string) error {
	calls, theirCalls, err := wire.Pair()
	if err != nil {
		return err
	}
	background, theirBackground, err := wire.Pair()
	if err != nil {
		closeFiles(calls, theirCalls)
		return err
	}
	if w.process, err = startProcess(f, env, theirCalls, theirBackground); err != nil {
		closeFiles(calls, background)
		return err
	}
	if err := w.adopt(calls, background); err != nil {
		w.process.kill("it did not start")
		<-w.process.exited
		return err
	}
	return nil
}

// shake has go-plugin shake hands with a worker's process, and the process get ready where it has a socket for that. One that does
// not is killed.
func (r *Runtime) shake(w *worker) error {
	w.client = goplugin.NewClient(&goplugin.ClientConfig{
		HandshakeConfig:  handshake,
		Plugins:          goplugin.PluginSet{serviceName: service{}},
		AllowedProtocols: []goplugin.Protocol{goplugin.ProtocolNetRPC},
		UnixSocketConfig: &goplugin.UnixSocketConfig{TempDir: r.folder.path},
		SkipHostEnv:      true,
		StartTimeout:     r.opts.StartTimeout,
		Logger:           newLogger(r.opts.Log),
		Stderr:           w.stderr,
		RunnerFunc:       func(hclog.Logger, *exec.Cmd, string) (runner.Runner, error) { return w.process, nil },
	})
	addr, err := w.client.Start()
	if err == nil && w.control != "" {
		late := time.AfterFunc(r.opts.StartTimeout, func() { w.process.kill("it did not start in time") })
		err = w.warm(addr, WarmArgs{r.symbols}, r.opts.StartTimeout)
		late.Stop()
	}
	if err != nil {
		w.process.kill("it did not start")
	}
	return err
}

// failed returns why the process did not start, once that is known; nil where it did, or was killed because nobody needs it any more.
func (w *worker) failed() error {
	<-w.shaken
	if w.unshaken == nil || w.process.why() == quit {
		return nil
	}
	<-w.gone // it has said all that it had to say
	return w.startError(w.unshaken)
}

// adopt takes over the host's ends of what a process that was started has.
func (w *worker) adopt(calls, background *os.File) error {
	var err error
	if w.calls, err = wire.NewClient(calls, nil); err != nil {
		background.Close()
		return err
	}
	w.background, err = net.FileConn(background)
	background.Close()
	if err != nil {
		w.calls.Close()
		return err
	}
	go w.watch()
	return nil
}

// warm has the child get ready for a package. The connection that go-plugin has for this is closed afterwards: what it does all the
// time, other parts do better.
func (w *worker) warm(addr net.Addr, args WarmArgs, timeout time.Duration) error {
	dialer := net.Dialer{Timeout: timeout}
	conn, err := dialer.DialContext(context.Background(), addr.Network(), addr.String())
	if err != nil {
		return err
	}
	defer conn.Close()
	control, err := goplugin.NewRPCClient(quietConn{conn}, goplugin.PluginSet{serviceName: service{}})
	if err != nil {
		return err
	}
	dispensed, err := control.Dispense(serviceName)
	if err != nil {
		return err
	}
	c, ok := dispensed.(*rpc.Client)
	if !ok {
		return fmt.Errorf("go-plugin dispensed a %T", dispensed)
	}
	return c.Call("Plugin.Warm", args, &struct{}{})
}

// quietConn is a connection that never fails to write: that it has ended is told to those who read. The multiplexer of go-plugin
// writes about failures to the standard error of the host.
type quietConn struct{ net.Conn }

// Write implements io.Writer.
func (c quietConn) Write(b []byte) (int, error) {
	_, _ = c.Conn.Write(b)
	return len(b), nil
}

// startError adds to an error how the process has ended, and what it said.
func (w *worker) startError(err error) error {
	err = fmt.Errorf("start a process: %w", err)
	if ended := w.process.state(); ended != "" {
		err = fmt.Errorf("%w: %s", err, ended)
	}
	if said := w.stderr.String(); said != "" {
		err = fmt.Errorf("%w: it said: %s", err, said)
	}
	return err
}
