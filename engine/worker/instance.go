//go:build unix

package worker

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"sync"
	"time"

	"github.com/scriptd/scriptd/engine/runtime"
	"github.com/scriptd/scriptd/engine/worker/wire"
)

// instance is a package in a process of its own, or of its group.
type instance struct {
	runtime *Runtime
	worker  *worker
	group   *group // nil is none
	tenant  *tenant
	name    string
	grace   time.Duration
	plugins []runtime.Plugin
	known   map[string]bool

	implementations []runtime.Implementation
	implemented     []implemented

	left      sync.WaitGroup // calls that their callers gave up
	mu        sync.Mutex
	closed    bool
	closeOnce sync.Once
	closeErr  error
}

var _ runtime.Instance = (*instance)(nil)

// defaultGrace is runtime.Package.Grace where it is zero.
const defaultGrace = time.Second

// newInstance has a worker load a package. The instance that comes with an error is of no use but to be aborted.
func newInstance(ctx context.Context, r *Runtime, w *worker, p runtime.Package) (*instance, error) {
	in := &instance{runtime: r, worker: w, group: w.groupOf(), tenant: w.admit(p), name: p.Name, grace: p.Grace, known: make(map[string]bool)}
	if in.grace == 0 {
		in.grace = defaultGrace
	}
	if err := in.load(ctx, p); err != nil {
		return in, err
	}
	for _, pl := range in.plugins {
		in.known[pl.Name] = true
	}
	w.onBroken(in.tenant, p.Broken)
	return in, nil
}

func (in *instance) load(ctx context.Context, p runtime.Package) error {
	request := loadRequest{number: in.tenant.number, limits: limitsOf(ctx), pkg: p, walls: wallsOf(p), level: levelOf(p.Log)}
	if in.group != nil {
		request.walls, request.temp = in.group.walls, in.group.temp
	} else {
		held, err := in.runtime.hold(in.worker, request.walls, slog.String("package", p.Name))
		if err != nil {
			return fmt.Errorf("load %s: hold it to its limits: %w", p.Name, err)
		}
		request.temp = held.temp
	}
	request.symbols = in.runtime.symbols
	var err error
	if request.offer, err = in.runtime.plans.offerOf(p); err != nil {
		return fmt.Errorf("load %s: %w", p.Name, err)
	}
	if err := in.tenant.serve(in.runtime.plans, p.Services, request.offer.services); err != nil {
		return fmt.Errorf("load %s: %w", p.Name, err)
	}
	request.env, request.files = granted(os.Environ(), request.walls.permissions), prefetch(p.Tree, p.Dir)
	var payload wire.Payload
	if err := appendLoad(&payload, &request); err != nil {
		return fmt.Errorf("load %s: %w", in.name, err)
	}
	reply, err := in.do(ctx, methodLoad, &payload, treeHandler{p.Tree})
	if err == nil {
		defer reply.release()
	}
	if ctx.Err() == nil { // else nobody waits any more
		err = cmp.Or(in.worker.failed(), err)
	}
	if err != nil {
		return fmt.Errorf("load %s: %w", in.name, err)
	}
	if err := decodeError(&reply.d); err != nil {
		return err
	}
	in.plugins = decodePlugins(&reply.d)
	implementations := decodeImplementations(&reply.d, p.Contracts)
	if err := reply.d.Err(); err != nil {
		return fmt.Errorf("load %s: %w", in.name, err)
	}
	return in.provides(implementations)
}

// limitsOf is what the other side is told of a context.
func limitsOf(ctx context.Context) limits {
	l := limits{ends: ctx.Done() != nil}
	if deadline, ok := ctx.Deadline(); ok {
		l.left = max(time.Until(deadline), 1)
	}
	return l
}

// reasonOf is why a context has ended, as the other side is told.
func reasonOf(err error) byte {
	if errors.Is(err, context.DeadlineExceeded) {
		return deadlineOver
	}
	return cancelled
}

// treeHandler answers what a load asks.
type treeHandler struct{ tree fs.FS }

// Event implements wire.Handler. A load has none.
func (treeHandler) Event(byte, []byte) {}

// Ask implements wire.Handler.
func (h treeHandler) Ask(tag byte, payload []byte, answer *wire.Payload) {
	answerTree(h.tree, tag, wire.NewDecoder(payload).String(), answer)
}

// Plugins implements runtime.Instance.
func (in *instance) Plugins() []runtime.Plugin { return in.plugins }

// reply is what a call came to, until it is released.
type reply struct {
	d    wire.Decoder
	call *wire.Pending
}

func (r reply) release() { r.call.Release() }

// do calls the process, and gives up when ctx ends. A process that is gone is an error that says why.
func (in *instance) do(ctx context.Context, method byte, p *wire.Payload, h wire.Handler) (reply, error) {
	call, err := in.worker.calls.Start(method, p, h)
	switch {
	case errors.Is(err, wire.ErrClosed):
		return reply{}, in.lost()
	case err != nil:
		return reply{}, err
	}
	answer, err := call.Wait(ctx)
	switch {
	case err == nil:
		r := reply{*wire.NewDecoder(answer.Payload), call}
		in.worker.heard.wait(r.d.Uint())
		return r, nil
	case errors.Is(err, wire.ErrClosed):
		call.Release()
		return reply{}, in.lost()
	}
	call.Cancel(reasonOf(err))
	in.giveUp(call)
	return reply{}, err
}

// lost is the error of a call that the process did not answer because it is gone.
func (in *instance) lost() error {
	err := in.worker.lost(in.name)
	in.mu.Lock()
	defer in.mu.Unlock()
	if in.closed && in.group != nil { // what others have done to it is of no interest any more
		return runtime.ErrStopped
	}
	return err
}

// giveUp sees to a call whose caller has gone: the process is to answer within the grace. One that does not answer
// at all is killed.
func (in *instance) giveUp(call *wire.Pending) {
	in.mu.Lock()
	defer in.mu.Unlock()
	if in.closed {
		call.Release()
		return
	}
	in.left.Go(func() {
		defer call.Release()
		ctx, cancel := context.WithTimeout(context.Background(), in.grace)
		defer cancel()
		if _, err := call.Wait(ctx); err == nil || errors.Is(err, wire.ErrClosed) {
			return
		}
		if in.worker.ping(max(in.grace, secondChance)) {
			in.tenant.tellBroken(fmt.Errorf("%s: %w", in.name, runtime.ErrStuck))
		}
	})
}

// Health implements runtime.Instance.
func (in *instance) Health(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	var p wire.Payload
	p.Uint(in.tenant.number)
	appendLimits(&p, limitsOf(ctx))
	r, err := in.do(ctx, methodHealth, &p, nil)
	if err != nil {
		return err
	}
	defer r.release()
	return decodeError(&r.d)
}
