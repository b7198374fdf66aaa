//go:build unix

package worker

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"runtime/pprof"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"

	yaegi "github.com/traefik/yaegi/interp"

	"github.com/scriptd/scriptd/engine/interp"
	"github.com/scriptd/scriptd/engine/symbols"
	"github.com/scriptd/scriptd/engine/worker/wire"
	"github.com/scriptd/scriptd/plugin"
)

// child is this process where it runs packages: one, or those of a group.
type child struct {
	calls      *os.File
	background *background
	tables     []yaegi.Exports // as main gave them to Serve
	server     *wire.Server
	trimmer    trimmer
	control    net.Listener  // of go-plugin; nil where nobody is to come
	shaken     chan struct{} // closed when this process has shaken hands with it

	readying sync.Mutex
	universe *symbols.Universe // of the host's runtime; nil before it is known, as are the next two
	runtime  *interp.Runtime
	plans    *plans
	confined func() error // waits until this process is; nil before the first package

	mu       sync.Mutex
	packages map[uint64]*loadedPackage
}

// serve begins to serve calls, until the host is gone, which this process does not outlive.
func (c *child) serve() error {
	var err error
	if c.server, err = wire.NewServer(c.calls, wire.Handlers{Call: c.handle, Told: c.told}, nil); err != nil {
		return err
	}
	go func() {
		if err := c.server.Serve(); err != nil {
			fmt.Fprintln(os.Stderr, "calls of the host:", err)
		}
		leave()
	}()
	return nil
}

// redirect has what is printed past the package logged. It is for compiled code: the interpreter gives a package
// streams of its own.
func (c *child) redirect() {
	log := c.background.logger(nobody, slog.LevelInfo, &c.background.output)
	for name, stream := range map[string]**os.File{"stdout": &os.Stdout, "stderr": &os.Stderr} {
		r, w, err := os.Pipe()
		if err != nil {
			continue // it is printed into the void
		}
		*stream = w
		go logLines(r, log, name)
	}
}

// leave ends this process and those that it has started.
func leave() {
	_ = syscall.Kill(0, syscall.SIGKILL) // its group
	os.Exit(1)
}

// handle runs a call of the host.
func (c *child) handle(call *wire.Call) {
	p, reply := newPayload(), newPayload()
	defer recycle(p)
	defer recycle(reply)
	switch call.Method {
	case methodLoad:
		c.load(call, p)
	case methodCall:
		c.call(call, p)
	case methodInvoke:
		c.invoke(call, p)
	case methodHealth:
		c.health(call, p)
	case methodClose:
		c.close(call, p)
	default:
		appendError(p, fmt.Errorf("no method %d", call.Method))
	}
	// What was said in the background comes first: the host waits for it.
	reply.Uint(c.background.sent.Load())
	reply.Join(p)
	if _, err := call.Reply(0, reply); err != nil {
		reply.Reset()
		reply.Uint(0)
		appendError(reply, fmt.Errorf("answer: %w", err))
		_, _ = call.Reply(0, reply) // an error is short
	}
}

// callContext is the context of the caller, as far as it concerns this side, and what base holds.
func callContext(base context.Context, call *wire.Call, l limits) (context.Context, context.CancelFunc) {
	if !l.ends {
		return base, func() {}
	}
	var ctx context.Context
	var cancel context.CancelFunc
	if l.left > 0 {
		ctx, cancel = context.WithTimeout(base, l.left)
	} else {
		ctx, cancel = context.WithCancel(base)
	}
	call.OnCancel(func(reason byte) {
		if reason != deadlineOver || l.left == 0 { // a deadline is kept here too, and is another error
			cancel()
		}
	})
	return ctx, cancel
}

// background sends what belongs to no call.
type background struct {
	mu     sync.Mutex
	stream *wire.Stream
	sent   atomic.Uint64 // messages
	output meter         // of all loggers
}

func (b *background) send(tag byte, p *wire.Payload) {
	b.mu.Lock()
	defer b.mu.Unlock()
	_ = b.stream.Send(tag, p) // a host that is gone ends this process
	b.sent.Add(1)
}

// log sends what a package has logged. The record is used no more afterwards.
func (b *background) log(number uint64, record *wire.Payload) {
	var p wire.Payload
	p.Uint(number)
	p.Join(record)
	b.send(backgroundLog, &p)
}

// logger returns a logger of what belongs to no call.
func (b *background) logger(number uint64, level slog.Level, output *meter) *slog.Logger {
	return slog.New(&forward{min: level, output: output, send: func(p *wire.Payload) { b.log(number, p) }})
}

// broken tells that a package should be replaced.
func (b *background) broken(number uint64, err error) {
	var p wire.Payload
	p.Uint(number)
	appendError(&p, err)
	b.send(backgroundBroken, &p)
}

// call runs a plugin.
func (c *child) call(call *wire.Call, p *wire.Payload) {
	d := wire.NewDecoder(call.Payload)
	r := decodeCall(d)
	var params map[string]any
	if v := d.Value(); v != nil {
		params, _ = v.(map[string]any)
	}
	call.Done()
	loaded, err := c.loaded(r.number)
	if err = errors.Join(d.Err(), err); err != nil {
		appendError(p, err)
		return
	}
	labels := loaded.labels[r.name]
	if labels == nil {
		labels = loaded.base
	}
	ctx, cancel := callContext(labels, call, r.limits)
	defer cancel()
	if r.hasCall {
		ctx = plugin.WithCall(ctx, c.surroundings(call, r, loaded.output))
	}
	pprof.SetGoroutineLabels(labels)
	res, err := loaded.inst.Call(ctx, r.name, params)
	pprof.SetGoroutineLabels(context.Background())
	appendError(p, err)
	if err == nil {
		if !res.Success && strings.Contains(res.Error, syscall.EMFILE.Error()) {
			res.Error += " (limits: open_files)"
		}
		if err := appendResult(p, res); err != nil {
			p.Reset()
			appendError(p, fmt.Errorf("answer: %w", err))
		}
	}
}

// surroundings are what plugin.Log and plugin.Progress use: both tell the caller before the result.
func (c *child) surroundings(call *wire.Call, r callRequest, output *meter) *plugin.Call {
	s := &plugin.Call{}
	if r.hasLog {
		s.Log = slog.New(&forward{min: r.level, output: output, send: func(p *wire.Payload) {
			if !call.Event(eventLog, p) { // said after the call, by what it has left behind
				c.background.log(r.number, p)
			}
		}})
	}
	if r.progress {
		s.Progress = func(done, total int, note string) {
			var p wire.Payload
			p.Int(int64(done))
			p.Int(int64(total))
			p.String(note)
			call.Event(eventProgress, &p)
		}
	}
	return s
}
