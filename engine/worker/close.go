//go:build unix

package worker

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/scriptd/scriptd/engine/runtime"
	"github.com/scriptd/scriptd/engine/worker/wire"
)

// overtime is how long a process may take, after the end of the time it was given to close, to say how it went.
const overtime = 500 * time.Millisecond

// Close implements runtime.Instance. In the end the process is killed, and with it whatever still runs, where no other package is in
// it. Functions of OnClose that had no time left get the grace.
func (in *instance) Close(ctx context.Context) error {
	in.closeOnce.Do(func() {
		in.closeErr = in.askToClose(ctx)
		in.mu.Lock()
		in.closed = true
		in.mu.Unlock()
		in.tenant.hangUp(runtime.ErrStopped)
		late := endedBy(ctx, in.closeErr)
		switch {
		case in.group != nil:
			in.leave(late)
		case late:
			in.runtime.linger(in.worker, in.grace)
		default:
			in.worker.end()
			in.left.Wait()
		}
	})
	return in.closeErr
}

// endedBy reports whether an error is that ctx has ended, which the process may have heard before: it has a timer of its own.
func endedBy(ctx context.Context, err error) bool {
	if deadline, ok := ctx.Deadline(); ok && !time.Now().Before(deadline) && errors.Is(err, context.DeadlineExceeded) {
		return true
	}
	return ctx.Err() != nil && errors.Is(err, ctx.Err())
}

// leave leaves the process to others.
func (in *instance) leave(late bool) {
	in.tenant.broken.Store(nil)
	var grace time.Duration
	if late { // what it logs by then is heard
		grace = in.grace
		time.AfterFunc(max(grace, lingerTime), func() { in.worker.evict(in.tenant) })
	} else {
		in.worker.evict(in.tenant)
	}
	switch {
	case errors.Is(in.closeErr, errNoAnswer):
		go in.worker.ping(max(in.grace, secondChance)) // it is killed where it does not answer at all
	case !late:
		in.left.Wait()
	}
	in.group.release(grace)
}

// abort ends a load that has failed.
func (in *instance) abort(ctx context.Context, why error) {
	late := endedBy(ctx, why)
	switch {
	case in.group != nil:
		in.worker.evict(in.tenant)
		if errors.Is(why, errUnconfined) {
			in.group.leave()
		}
		if !late {
			in.group.release(0)
			return
		}
		go func() {
			in.left.Wait()
			closing, cancel := context.WithTimeout(context.Background(), overtime)
			defer cancel()
			_ = in.askToClose(closing) // it may have loaded after all
			in.group.release(in.grace)
		}()
	case late:
		in.runtime.linger(in.worker, in.grace) // what it has registered with OnClose by then is to run
	default:
		in.worker.end()
	}
}

// errNoAnswer says that a process has not closed a package, nor said that it cannot.
var errNoAnswer = errors.New("it did not end")

// askToClose has the process close the package, as long as ctx allows, and a bit longer.
func (in *instance) askToClose(ctx context.Context) error {
	var p wire.Payload
	p.Uint(in.tenant.number)
	appendLimits(&p, limitsOf(ctx))
	call, err := in.worker.calls.Start(methodClose, &p, nil)
	if err == nil {
		defer call.Release()
		var answer wire.Reply
		answer, err = call.Wait(ctx)
		if errors.Is(err, ctx.Err()) && ctx.Err() != nil {
			call.Cancel(reasonOf(err))
			longer, cancel := context.WithTimeout(context.WithoutCancel(ctx), overtime)
			defer cancel()
			if answer, err = call.Wait(longer); errors.Is(err, context.DeadlineExceeded) {
				return fmt.Errorf("close %s: %w: %w", in.name, errNoAnswer, ctx.Err())
			}
		}
		if err == nil {
			d := wire.NewDecoder(answer.Payload)
			in.worker.heard.wait(d.Uint())
			return decodeError(d)
		}
	}
	if errors.Is(err, wire.ErrClosed) {
		err = in.lost()
		if errors.Is(err, runtime.ErrStopped) {
			return nil // by Close of the Runtime
		}
	}
	return fmt.Errorf("close %s: %w", in.name, err)
}
