package interp

import (
	"context"
	"errors"

	"github.com/scriptd/scriptd/engine/runtime"
)

// Health implements runtime.Instance.
func (in *instance) Health(ctx context.Context) error {
	for _, f := range in.health {
		if err := ctx.Err(); err != nil {
			return err
		}
		if !in.calls.begin() {
			return runtime.ErrStopped
		}
		if _, err := in.functionJob(ctx, "Health", f).await(); err != nil {
			return err
		}
	}
	return nil
}

// protected runs the function of a job. A panic is an error.
func (in *instance) protected(j *job) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = errors.New(in.panicProblem(v, "panic in "+j.what).String())
		}
	}()
	return j.f(j.ctx)
}
