package interp

import (
	"context"
	"reflect"
	"runtime/pprof"
	"sync/atomic"

	"github.com/scriptd/scriptd/engine/runtime"
	"github.com/scriptd/scriptd/plugin"
)

// job is something that a package is asked to do: a call, or a function that it registered. Who asks waits for it no longer
// than there is time for; the job goes on.
type job struct {
	in  *instance
	ctx context.Context
	// what is asked, for messages.
	what string

	// handler or method is what is called, with args; else f is.
	handler *handler
	method  *method
	// eager is how the answer is waited for; nil without haste.
	eager  *eager
	args   []reflect.Value
	params map[string]any // that are not in args yet, where the handler decodes
	f      func(context.Context) error
	// closing: it is done even where calls are cut off, and over is closed when it has ended.
	closing bool
	over    chan struct{}

	res plugin.Result
	out []reflect.Value
	err error

	state atomic.Int32
	// answered gets a value when the job is done, or cut off.
	answered chan struct{}
}

// The states of a job.
const (
	jobAwaited = iota // somebody waits for it
	jobDone           // the answer is there
	jobCut            // who waited was told that it is stopped
	jobGivenUp        // who waited does no more
	jobOver           // it has ended, and nobody wants to know
)

// newJob returns a job that calls a handler, once its context and its parameters are set.
func (h *handler) newJob() *job {
	j := &job{in: h.in, what: h.what, handler: h, eager: &h.eager, answered: make(chan struct{}, 1)}
	j.args = append(j.args, reflect.ValueOf(&j.ctx).Elem())
	if h.decode != nil {
		j.args = append(j.args, reflect.New(h.fn.Type().In(1)).Elem())
	}
	return j
}

// param is what the handler's parameters are decoded into: a zero value.
func (j *job) param() reflect.Value {
	if !j.handler.reusable {
		j.args[1] = reflect.New(j.args[1].Type()).Elem()
	}
	return j.args[1]
}

// recycle keeps a job of a handler for another call. Nothing of it is in use any more: the handler has got copies.
func (j *job) recycle() {
	j.ctx, j.params, j.res, j.err = nil, nil, plugin.Result{}, nil
	if j.handler.reusable {
		j.args[1].SetZero()
	}
	j.state.Store(jobAwaited)
	j.handler.jobs.Put(j)
}

// functionJob is a job that runs a function which the package registered.
func (in *instance) functionJob(ctx context.Context, what string, f func(context.Context) error) *job {
	return &job{in: in, ctx: ctx, what: what, f: f, answered: make(chan struct{}, 1)}
}

// await has a job done, which the calls count already, and waits for it. The error is the context's where that ended first,
// and runtime.ErrStopped where the job was cut off; only where ended is true nothing of it runs any more.
func (j *job) await() (ended bool, err error) {
	j.in.owner.workers.do(j)
	if j.eager != nil && j.eager.wait(j.answered) {
		<-j.answered
	} else if !j.wait() {
		j.in.watch(j)
		return false, j.ctx.Err()
	}
	if j.state.Load() != jobDone {
		return false, runtime.ErrStopped
	}
	return true, j.err
}

// wait waits for the job, or gives up when its context ends.
func (j *job) wait() (answered bool) {
	select {
	case <-j.answered:
		return true
	case <-runtime.End(j.ctx):
		if j.state.CompareAndSwap(jobAwaited, jobGivenUp) {
			return false
		}
		<-j.answered
		return true
	}
}

// perform does the job. What a package answers that is being stopped is not what it means to.
func (j *job) perform(goroutine uint64) {
	in := j.in
	pprof.SetGoroutineLabels(j.ctx) // profiles and crashes name whose call it was
	switch {
	case in.isCut.Load() && !j.closing:
	case j.handler != nil:
		j.res = j.answer()
	case j.method != nil:
		j.out, j.err = j.invoke()
	default:
		j.err = in.protected(j)
	}
	if in.isCut.Load() && !j.closing {
		j.res, j.out, j.err = plugin.Result{}, nil, runtime.ErrStopped
	}
	in.panics.forget(goroutine)
}

// exited makes the job one that has panicked, as nothing else can be said of it. The goroutine of who waits goes on.
func (j *job) exited() {
	err := &runtime.PanicError{Problem: runtime.Problem{File: j.in.pkg.Dir, Message: "what it called ended the goroutine by runtime.Goexit"}}
	j.res, j.out, j.err = plugin.Result{}, nil, err
	if j.handler != nil {
		j.res, j.err = plugin.Result{Error: err.Message}, nil
	}
}

// finish tells who waits, to whom the job belongs from then on.
func (j *job) finish() {
	j.in.calls.end()
	if j.over != nil {
		close(j.over)
	}
	if j.state.CompareAndSwap(jobAwaited, jobDone) {
		j.answered <- struct{}{}
		return
	}
	j.state.Store(jobOver)
}

// cut tells who waits that the job is stopped.
func (j *job) cut() {
	if j.state.CompareAndSwap(jobAwaited, jobCut) {
		j.answered <- struct{}{}
	}
}
