package interp

import (
	"sync"
	"sync/atomic"
	"time"

	"github.com/scriptd/scriptd/engine/interp/rt"
)

const (
	// maxIdle bounds the goroutines that wait for work.
	maxIdle = 64
	// idleTime is how long one waits at least for work that does not come.
	idleTime = time.Second
)

// workers are the goroutines that execute what the instances of a runtime are asked for. They are used again: the
// interpreter needs a deep stack, which a new goroutine would have to grow to.
type workers struct {
	mu   sync.Mutex
	idle []*worker // the one that was busy last is the last
	all  map[*worker]struct{}
	// users are the instances that are open. Without any, no worker stays.
	users int
	// spare is how many of the idle ones there was no use for since the last trim; trimming says that there will be one.
	spare    int
	trimming bool
}

// worker is one of the goroutines.
type worker struct {
	pool      *workers
	goroutine uint64 // its number in traces
	next      chan *job
	// now is what it does.
	now atomic.Pointer[job]
}

// do has a worker do a job.
func (p *workers) do(j *job) {
	p.mu.Lock()
	if last := len(p.idle) - 1; last >= 0 {
		w := p.idle[last]
		p.idle[last] = nil
		p.idle = p.idle[:last]
		p.spare = min(p.spare, last)
		p.mu.Unlock()
		w.now.Store(j)
		w.next <- j
		return
	}
	w := &worker{pool: p, next: make(chan *job, 1)}
	w.now.Store(j)
	if p.all == nil {
		p.all = make(map[*worker]struct{})
	}
	p.all[w] = struct{}{}
	p.mu.Unlock()
	w.next <- j
	go w.run()
}

// run does jobs as long as there is a use for another worker.
func (w *worker) run() {
	w.goroutine = rt.Goroutine()
	defer w.pool.forget(w)
	defer w.exit()
	defer rt.Before() // so that nothing is kept of panics
	for j := range w.next {
		j.perform(w.goroutine)
		w.now.Store(nil)
		stay := w.pool.put(w)
		j.finish() // after it, so that who waits for this job finds a worker for the next
		if !stay {
			return
		}
	}
}

// exit answers who waits for a job that has ended the goroutine: a function of the host called runtime.Goexit, as those of package
// testing do that end a test.
func (w *worker) exit() {
	if j := w.now.Swap(nil); j != nil {
		j.in.panics.forget(w.goroutine)
		j.exited()
		j.finish()
	}
}

// put makes a worker one of the idle. It is false where it is to end.
func (p *workers) put(w *worker) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.idle) >= maxIdle || p.users == 0 {
		return false
	}
	p.idle = append(p.idle, w)
	if !p.trimming {
		p.trimming = true
		time.AfterFunc(idleTime, p.trim)
	}
	return true
}

// trim ends the workers that there was no use for.
func (p *workers) trim() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.drop(p.spare)
	p.spare = len(p.idle)
	if p.trimming = p.spare > 0; p.trimming {
		time.AfterFunc(idleTime, p.trim)
	}
}

// drop ends the n workers that were idle for the longest time.
func (p *workers) drop(n int) {
	for _, w := range p.idle[:n] {
		close(w.next)
	}
	p.idle = append(p.idle[:0], p.idle[n:]...)
	clear(p.idle[len(p.idle):cap(p.idle)])
}

func (p *workers) forget(w *worker) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.all, w)
}

// open says that there is an instance more, or one less.
func (p *workers) open(n int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.users += n
	if p.users == 0 {
		p.drop(len(p.idle))
		p.spare = 0
	}
}

// cut answers who waits for a job of an instance that is not done.
func (p *workers) cut(in *instance) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for w := range p.all {
		if j := w.now.Load(); j != nil && j.in == in {
			j.cut()
		}
	}
}
