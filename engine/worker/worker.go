//go:build unix

package worker

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/rpc"
	"os"
	"os/exec"
	"sync"
	"sync/atomic"
	"time"

	"github.com/hashicorp/go-hclog"
	goplugin "github.com/hashicorp/go-plugin"
	"github.com/hashicorp/go-plugin/runner"

	"github.com/scriptd/scriptd/engine/runtime"
	"github.com/scriptd/scriptd/engine/worker/wire"
)

// worker is a child process, as its host sees it. It runs one package at most, or those of a group.
type worker struct {
	log        *slog.Logger // of the runtime
	client     *goplugin.Client
	process    *process
	calls      *wire.Client
	background net.Conn
	stderr     *tail

	mu      sync.Mutex
	group   *group // whose packages it runs; nil is none
	tenants map[uint64]*tenant
	last    uint64 // the number of the one that was the last to come

	held  atomic.Pointer[holding]
	heard counter // messages of the background

	shaken   chan struct{} // closed when it has shaken hands, or has not
	unshaken error         // why not; from then on

	pinging atomic.Bool
	gone    chan struct{} // closed when the process is gone, and all that it wrote has been read
}

// quit is the reason of a process that is killed because nobody needs it any more.
const quit = "it was closed"

// startWorker starts a process, and has it get ready for a package where there is time for it; else it may be sent one at once, and
// shakes hands meanwhile: see failed. A scoped one can be held to signal only to what it starts. The worker is to be killed in the end.
func (r *Runtime) startWorker(warm, scoped bool) (*worker, error) {
	w := &worker{log: r.opts.Log, shaken: make(chan struct{}), gone: make(chan struct{}), stderr: &tail{}}
	calls, theirCalls, err := wire.Pair()
	if err != nil {
		return nil, err
	}
	background, theirBackground, err := wire.Pair()
	if err != nil {
		closeFiles(calls, theirCalls)
		return nil, err
	}
	started := make(chan struct{})
	w.client = goplugin.NewClient(&goplugin.ClientConfig{
		HandshakeConfig:  handshake,
		Plugins:          goplugin.PluginSet{serviceName: service{}},
		AllowedProtocols: []goplugin.Protocol{goplugin.ProtocolNetRPC},
		UnixSocketConfig: &goplugin.UnixSocketConfig{TempDir: r.folder.path},
		SkipHostEnv:      true,
		StartTimeout:     r.opts.StartTimeout,
		Logger:           newLogger(r.opts.Log),
		Stderr:           w.stderr,
		RunnerFunc: func(_ hclog.Logger, cmd *exec.Cmd, _ string) (runner.Runner, error) {
			cmd.Env = append(cmd.Env, baseEnvironment()...)
			if scoped {
				cmd.Env = append(cmd.Env, scopeVariable+"=1")
			}
			var err error
			w.process, err = newProcess(cmd, r.forker, started, theirCalls, theirBackground)
			return w.process, err
		},
	})
	go func() {
		defer close(w.shaken)
		w.unshaken = r.shake(w, warm)
	}()
	select {
	case <-started:
		err = w.adopt(calls, background)
		if err == nil && warm {
			<-w.shaken
			err = w.unshaken
		}
	case <-w.shaken:
		closeFiles(calls, background)
		err = w.unshaken
	}
	if err == nil {
		return w, nil
	}
	w.discard()
	return nil, w.startError(err)
}

// shake has go-plugin start a worker's process, and shake hands with it. One that does not is killed.
func (r *Runtime) shake(w *worker, warm bool) error {
	addr, err := w.client.Start()
	if err == nil && warm {
		late := time.AfterFunc(r.opts.StartTimeout, func() { w.process.kill("it did not start in time") })
		err = w.warm(addr, WarmArgs{r.symbols}, r.opts.StartTimeout)
		late.Stop()
	}
	if err != nil && w.process != nil {
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

// discard ends a process that did not start as it should.
func (w *worker) discard() {
	if w.process != nil {
		w.process.kill("it did not start")
	}
	if w.background != nil {
		<-w.gone
		return
	}
	<-w.shaken
	w.client.Kill()
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

// watch waits for the end of the process, and cleans up after it. Meanwhile it takes what the process tells without being called.
func (w *worker) watch() {
	read := make(chan struct{})
	go func() {
		defer close(read)
		if err := w.listen(); errors.Is(err, wire.ErrMalformed) || errors.Is(err, wire.ErrTooLarge) {
			w.process.kill("it sent what it must not: " + err.Error())
		}
	}()
	<-w.process.exited
	w.calls.Close()
	select {
	case <-read:
	case <-time.After(drainTime): // somebody has it who should not
	}
	w.background.Close()
	<-read
	w.heard.end()
	<-w.shaken
	w.client.Kill()
	w.process.because(w.exceeded())
	if err := w.letGo(); err != nil {
		w.log.Warn("something is left of a process that is gone", "error", err)
	}
	close(w.gone)
	w.hangUp()
	if w.process.why() != quit {
		for _, t := range w.all() {
			t.tellBroken(w.crash(t.name))
		}
	}
}

// listen takes messages that belong to no call, until the end or one that is malformed.
func (w *worker) listen() error {
	messages := wire.NewMessages(w.background, nil)
	for {
		tag, payload, err := messages.Next()
		if err == nil {
			err = w.hear(tag, wire.NewDecoder(payload))
		}
		if err != nil {
			return err
		}
		w.heard.add()
	}
}

// hear takes one message. What is about a package that is not there any more is of no interest.
func (w *worker) hear(tag byte, d *wire.Decoder) error {
	number := d.Uint()
	if err := d.Err(); err != nil {
		return err
	}
	switch tag {
	case backgroundLog:
		if t := w.speaker(number); t != nil {
			return logMetered(context.Background(), t.log, d, &t.output)
		}
	case backgroundBroken:
		broken := decodeError(d)
		if t := w.tenant(number); t != nil && d.Err() == nil {
			t.tellBroken(broken)
		}
	case backgroundLeftover:
		w.displace()
	case backgroundSession:
		if t := w.tenant(number); t != nil && t.session != nil {
			if err := t.session.Receive(d.Rest()); err != nil {
				return fmt.Errorf("%w: %w", wire.ErrMalformed, err)
			}
		}
	default:
		return fmt.Errorf("%w: a message with the tag %d", wire.ErrMalformed, tag)
	}
	return d.Err()
}

// end ends the process, and returns when it is gone.
func (w *worker) end() {
	w.process.kill(quit)
	<-w.gone
}

// lost is the error of a call of a package that the process did not answer because it is gone: it returns when it is.
func (w *worker) lost(name string) error {
	w.unconnected()
	<-w.gone
	if w.process.why() == quit {
		return runtime.ErrStopped
	}
	return w.crash(name)
}

// unconnected ends a process whose connection has ended. That is what happens first when it ends by itself; one that has closed its
// end is of no use.
func (w *worker) unconnected() {
	select {
	case <-w.process.exited:
	case <-time.After(drainTime):
		w.process.kill("it closed its connection")
	}
}

func closeFiles(files ...*os.File) {
	for _, f := range files {
		f.Close()
	}
}

// crash says, to those of a package, why the process is gone.
func (w *worker) crash(name string) *runtime.CrashError {
	return crashError(name, w.process.why(), string(w.process.report), w.stderr)
}

// hangUp ends what the packages and their host call of each other, when the process is gone.
func (w *worker) hangUp() {
	for _, t := range w.all() {
		if w.process.why() == quit {
			t.hangUp(runtime.ErrStopped)
		} else {
			t.hangUp(w.crash(t.name))
		}
	}
}
