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

// Close implements runtime.Instance. In the end the process is killed, and with it whatever still runs. Functions of OnClose that
// had no time left get the grace.
func (in *instance) Close(ctx context.Context) error {
	in.closeOnce.Do(func() {
		in.closeErr = in.askToClose(ctx)
		in.mu.Lock()
		in.closed = true
		in.mu.Unlock()
		if ctx.Err() != nil && errors.Is(in.closeErr, ctx.Err()) {
			in.runtime.linger(in.worker, in.grace)
			return
		}
		in.worker.end()
		in.left.Wait()
	})
	return in.closeErr
}

// askToClose has the process close the package, as long as ctx allows, and a bit longer.
func (in *instance) askToClose(ctx context.Context) error {
	var p wire.Payload
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
				return fmt.Errorf("close %s: it did not end, and was killed: %w", in.name, ctx.Err())
			}
		}
		if err == nil {
			d := wire.NewDecoder(answer.Payload)
			in.worker.heard.wait(d.Uint())
			return decodeError(d)
		}
	}
	if errors.Is(err, wire.ErrClosed) {
		err = in.worker.lost()
		if errors.Is(err, runtime.ErrStopped) {
			return nil // by Close of the Runtime
		}
	}
	return fmt.Errorf("close %s: %w", in.name, err)
}
