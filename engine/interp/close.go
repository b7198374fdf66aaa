package interp

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/scriptd/scriptd/engine/runtime"
)

const (
	// closeTime is how long the functions of OnClose may take that nobody waits for.
	closeTime = 10 * time.Second
	// defaultGrace is Package.Grace where it is not set.
	defaultGrace = time.Second
	// settleTime bounds how long Close waits for what it has stopped, which takes no time where it can be stopped at all.
	settleTime = 100 * time.Millisecond
)

// Close implements runtime.Instance. It comes in three steps. Calls get time to end; then their callers, where they wait, are
// told that they are stopped. What OnClose registered runs, while all of the package still does: the interpreter can be
// stopped as a whole only, and for good. Then that is done.
func (in *instance) Close(ctx context.Context) error {
	in.closeOnce.Do(func() { in.closeErr = in.close(ctx) })
	return in.closeErr
}

func (in *instance) close(ctx context.Context) error {
	var errs []error
	in.calls.close()
	if err := in.settle(ctx, in.grace()); err != nil {
		errs = append(errs, fmt.Errorf("close %s: calls are still running: %w", in.pkg.Name, err))
	}
	in.isCut.Store(true)
	in.owner.workers.cut(in)
	var closers []*job
	for f := in.lastOnClose(); f != nil; f = in.lastOnClose() {
		j := in.functionJob(ctx, "OnClose", f)
		j.closing, j.over = true, make(chan struct{})
		in.calls.enter()
		if err := in.runClose(j); err != nil {
			errs = append(errs, fmt.Errorf("close %s: %w", in.pkg.Name, err))
		}
		closers = append(closers, j)
	}
	if ctx.Err() == nil { // all have ended
		in.stop()
	} else {
		go in.stopAfter(closers)
	}
	in.output.flush()
	return errors.Join(errs...)
}

// settle waits for the calls, which are closed, for a time. The error is that of ctx.
func (in *instance) settle(ctx context.Context, limit time.Duration) error {
	inTime, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	if in.calls.wait(inTime) == nil {
		return nil
	}
	return ctx.Err()
}

func (in *instance) grace() time.Duration {
	if in.pkg.Grace > 0 {
		return in.pkg.Grace
	}
	return defaultGrace
}

// lastOnClose takes the function away that is the next to run; nil where there is none. A Register that nobody waits for any
// more may add some in the meantime.
func (in *instance) lastOnClose() func(context.Context) error {
	in.onCloseMu.Lock()
	defer in.onCloseMu.Unlock()
	last := len(in.onClose) - 1
	if last < 0 {
		return nil
	}
	f := in.onClose[last]
	in.onClose = in.onClose[:last]
	return f
}

// runClose runs what OnClose registered. A function that does not end in time is left behind.
func (in *instance) runClose(j *job) error {
	ended, err := j.await()
	if ended || err == nil {
		return err
	}
	return fmt.Errorf("a function of OnClose does not end: %w", err)
}

// stopAfter stops what the package still does, which is of use to nobody. The functions of OnClose that were left behind get
// a while to end before.
func (in *instance) stopAfter(closers []*job) {
	defer in.stop()
	late := time.After(closeTime)
	for _, j := range closers {
		select {
		case <-j.over:
		case <-late:
			return
		}
	}
}

// stop ends what the package still does, and frees it. What does not end is counted.
func (in *instance) stop() {
	stop(in.interp)
	close(in.done)
	if in.web != nil {
		in.web.close()
	}
	_ = in.settle(context.Background(), settleTime) // that of Background never ends
	in.calls.abandon(&in.owner.abandoned)
	in.owner.workers.open(-1)
}

// watch sees to it that a call that was given up ends.
func (in *instance) watch(j *job) {
	time.AfterFunc(in.grace(), func() {
		if j.state.Load() != jobOver && !in.calls.closed() && in.pkg.Broken != nil {
			in.broken.Do(func() { in.pkg.Broken(fmt.Errorf("%s: %w", j.what, runtime.ErrStuck)) })
		}
	})
}

// Abandoned implements runtime.Abandoner.
func (r *Runtime) Abandoned() int { return int(r.abandoned.Load()) }
