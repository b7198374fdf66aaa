//go:build unix

// Package worker runs plugin packages in child processes, each in one of its own, or those of a group in one, under
// hashicorp/go-plugin. What a package does to its process ends with it: endless recursion, a concurrent write to a map, a call that
// does not end.
//
//	func main() {
//		worker.Serve() // returns at once, except in a child
//		rt, err := worker.New(worker.Options{})
//		defer rt.Close()
//		inst, err := rt.Load(ctx, runtime.Package{Name: "examples/hello", Tree: tree, Dir: "hello"})
//
// The children are this binary, started anew. go-plugin takes them over, agrees with them on the version of the protocol, and collects
// what they write to their standard streams; calls travel over a socket of their own, see package wire. A child does not outlive
// its host, however that ends. A host cannot take over the children of another one: that socket ends with its host.
package worker

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/scriptd/scriptd/engine/runtime"
	"github.com/scriptd/scriptd/engine/worker/confine"
)

// Runtime is the runtime.Runtime of child processes. It is safe for concurrent use.
type Runtime struct {
	opts     Options
	symbols  map[string]string // the fingerprints of tables, by import path
	plans    *plans
	folder   *folder
	controls atomic.Uint64 // the number of the last socket in it
	forker   *forker
	done     chan struct{} // closed by Close
	work     sync.WaitGroup

	mu       sync.Mutex
	closed   bool
	workers  map[*worker]bool
	spares   []*worker
	starting int                      // spares to be
	loads    int                      // that run
	groups   map[string]*group        // the newest process of each group, by its name
	features func() []confine.Feature // of the system

	closing  sync.Once
	closeErr error
}

var _ runtime.Runtime = (*Runtime)(nil)

// ErrClosed is the error of a Load after Close.
var ErrClosed = errors.New("the runtime is closed")

// New returns a Runtime, which is to be closed. It fails where main did not call Serve: the children would be hosts.
func New(opts Options) (*Runtime, error) {
	if !served.Load() {
		return nil, errors.New("packages in processes of their own: call worker.Serve first thing in main")
	}
	opts = opts.withDefaults()
	dir, err := newFolder(opts.Dir)
	if err != nil {
		return nil, fmt.Errorf("make a folder for sockets: %w", err)
	}
	r := &Runtime{
		opts: opts, symbols: opts.Universe.Fingerprints(), plans: newPlans(opts.Universe), folder: dir, forker: newForker(),
		features: sync.OnceValue(confine.Probe), done: make(chan struct{}),
		workers: make(map[*worker]bool), groups: make(map[string]*group),
	}
	r.work.Go(r.watch)
	r.work.Go(r.tellMissing)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.refill()
	return r, nil
}

// Load implements runtime.Runtime. The source is at fault for what it does to the process too, but that error is no
// runtime.Problems: it is a runtime.CrashError.
func (r *Runtime) Load(ctx context.Context, p runtime.Package) (runtime.Instance, error) {
	in, err := r.load(ctx, p)
	switch {
	case err != nil:
		return nil, err
	case r.opts.Idle > 0:
		return newSleeper(r, p, in), nil
	default:
		return in, nil
	}
}

func (r *Runtime) load(ctx context.Context, p runtime.Package) (*instance, error) {
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("load %s: %w", p.Name, err)
	}
	defer r.loadBegins()()
	w, err := r.take(ctx, p)
	if err != nil {
		return nil, fmt.Errorf("load %s: %w", p.Name, err)
	}
	in, err := newInstance(ctx, r, w, p)
	if err != nil {
		in.abort(ctx, err)
		return nil, err
	}
	return in, nil
}

// lingerTime is how long functions of OnClose get at least that nobody waits for.
const lingerTime = time.Second

// linger ends a worker after a while.
func (r *Runtime) linger(w *worker, grace time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed { // which has ended it
		return
	}
	r.work.Go(func() {
		select {
		case <-time.After(max(grace, lingerTime)):
		case <-w.gone:
		case <-r.done:
		}
		w.end()
	})
}

// take returns the worker for a package: that of its group, one that waits, or a new one, which a scoped one always is: it takes a
// second start.
func (r *Runtime) take(ctx context.Context, p runtime.Package) (*worker, error) {
	if p.Group != "" {
		return r.takeShared(ctx, p)
	}
	scoped := confine.NeedsScope(p.Permissions)
	if !scoped {
		if w, err := r.takeSpare(); w != nil || err != nil {
			return w, err
		}
	}
	return r.start(false, scoped)
}

// takeSpare returns a worker that waits, and is well; nil where there is none.
func (r *Runtime) takeSpare() (*worker, error) {
	for {
		r.mu.Lock()
		if r.closed {
			r.mu.Unlock()
			return nil, ErrClosed
		}
		if len(r.spares) == 0 {
			r.mu.Unlock()
			return nil, nil
		}
		w := r.spares[0]
		r.spares = r.spares[1:]
		r.mu.Unlock()
		if w.ping(secondChance) {
			return w, nil
		}
	}
}

// start starts a worker, unless the runtime is closed.
func (r *Runtime) start(warm, scoped bool) (*worker, error) {
	r.mu.Lock()
	if r.closed {
		r.mu.Unlock()
		return nil, ErrClosed
	}
	r.work.Add(1)
	r.mu.Unlock()
	defer r.work.Done()
	w, err := r.startWorker(warm, scoped)
	if err != nil {
		return nil, err
	}
	r.mu.Lock()
	if r.closed {
		r.mu.Unlock()
		w.end()
		return nil, ErrClosed
	}
	r.workers[w] = true
	r.work.Go(func() {
		<-w.gone
		r.mu.Lock()
		delete(r.workers, w)
		r.mu.Unlock()
	})
	r.mu.Unlock()
	return w, nil
}

// keep makes a worker that is not needed one that waits. A nil worker did not start.
func (r *Runtime) keep(w *worker) {
	if w == nil {
		return
	}
	r.mu.Lock()
	enough := r.closed || len(r.spares) >= r.opts.Spares
	if !enough {
		r.spares = append(r.spares, w)
	}
	r.mu.Unlock()
	if enough {
		w.end()
	}
}

// loadBegins counts a load, and returns what is to be called when it has ended: it sees to it that as many workers wait as there
// should. They are not started while packages are loaded, which is more urgent.
func (r *Runtime) loadBegins() (ended func()) {
	r.mu.Lock()
	r.loads++
	r.mu.Unlock()
	return func() {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.loads--
		r.refill()
	}
}

// refill is called with the lock held.
func (r *Runtime) refill() {
	for r.loads == 0 && !r.closed && len(r.spares)+r.starting < r.opts.Spares {
		r.starting++
		r.work.Go(func() {
			w, err := r.start(true, false)
			if err != nil && !errors.Is(err, ErrClosed) {
				r.opts.Log.Warn("no process could be started in advance", "error", err)
			}
			r.mu.Lock()
			r.starting--
			r.mu.Unlock()
			r.keep(w)
		})
	}
}

// Close ends all processes, with all that they do, and waits until they are gone.
func (r *Runtime) Close() error {
	r.closing.Do(func() {
		r.mu.Lock()
		r.closed = true
		close(r.done)
		for w := range r.workers {
			w.process.kill(quit)
		}
		r.mu.Unlock()
		r.work.Wait()
		r.forker.close()
		r.closeErr = r.folder.remove()
	})
	return r.closeErr
}
