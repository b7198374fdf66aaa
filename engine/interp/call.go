package interp

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"reflect"

	"github.com/scriptd/scriptd/engine/runtime"
	"github.com/scriptd/scriptd/plugin"
)

var _ runtime.Instance = (*instance)(nil)

// Call implements runtime.Instance.
func (in *instance) Call(ctx context.Context, name string, params map[string]any) (plugin.Result, error) {
	h := in.handlers[name]
	if h == nil {
		return plugin.Result{}, fmt.Errorf("call %s: %s has no such plugin", name, in.pkg.Name)
	}
	if err := ctx.Err(); err != nil {
		return plugin.Result{}, err
	}
	j := h.jobs.Get().(*job)
	j.ctx = ctx
	switch {
	case h.decodes:
		j.params = params
	case h.decode != nil:
		if err := h.decode.decode(params, j.param()); err != nil {
			j.recycle()
			return invalid(err), nil
		}
	}
	if !in.calls.begin() {
		j.recycle()
		return plugin.Result{}, stopped(h)
	}
	var res plugin.Result
	var err error
	if h.brief {
		res, err = j.brief()
	} else {
		var ended bool
		if ended, err = j.await(); !ended {
			if errors.Is(err, runtime.ErrStopped) {
				err = stopped(h)
			}
			return plugin.Result{}, err
		}
		res = j.res
	}
	j.recycle()
	switch {
	case err != nil:
		return plugin.Result{}, stopped(h)
	case !res.Success && ctx.Err() != nil: // which the handler heeds, or may
		return plugin.Result{}, ctx.Err()
	}
	return res, nil
}

// invalid is the answer to parameters that cannot be decoded.
func invalid(err error) plugin.Result { return failure(plugin.Invalid("%w", err)) }

func stopped(h *handler) error { return fmt.Errorf("%s: %w", h.what, runtime.ErrStopped) }

// answer calls the handler and makes the envelope of what it answers. Parameters whose decoding runs methods of the program are
// decoded here.
func (j *job) answer() (res plugin.Result) {
	in, h := j.in, j.handler
	defer func() {
		if v := recover(); v != nil {
			problem, places := in.panicked(v, "panic")
			res = plugin.Result{Error: problem.String(), Stack: stack(places)}
		}
	}()
	if h.decodes {
		if err := h.decode.decode(j.params, j.param()); err != nil {
			return invalid(err)
		}
	}
	out := h.call(j.args)
	err, _ := reflect.TypeAssert[error](out[len(out)-1])
	if h.envelope {
		if p := out[0]; p.Kind() != reflect.Pointer {
			res = p.Interface().(plugin.Result)
		} else if !p.IsNil() {
			res = *p.Interface().(*plugin.Result)
		}
		return in.envelope(res, err)
	}
	if err != nil {
		return failure(err)
	}
	res = plugin.Result{Success: true}
	if h.encode != nil {
		if res.Data, err = h.encode.encode(h.result(out[0]), 0); err != nil {
			return failure(encodeError(err))
		}
	}
	return res
}

// result is a result as a call by reflection returns it, which a direct one does not: no variable that methods of pointers may
// be called on.
func (h *handler) result(v reflect.Value) reflect.Value {
	if h.plain || !v.CanAddr() || v.Kind() == reflect.Interface {
		return v
	}
	return reflect.ValueOf(v.Interface())
}

// envelope completes the Result that a handler returned.
func (in *instance) envelope(res plugin.Result, err error) plugin.Result {
	data, encodeErr := in.types.dynamic(res.Data, 0)
	if err == nil && encodeErr != nil {
		err = encodeError(encodeErr)
	}
	done := plugin.Result{Success: res.Error == "" && err == nil, Data: data, Message: res.Message, Error: res.Error, Retry: res.Retry}
	if err != nil {
		failed := failure(err)
		done.Error, done.Retry, done.Invalid = failed.Error, done.Retry || failed.Retry, failed.Invalid
	}
	return done
}

func encodeError(err error) error { return fmt.Errorf("encode result: %w", err) }

func failure(err error) plugin.Result {
	// An envelope without an error is a success.
	text := cmp.Or(err.Error(), "failed without a message")
	return plugin.Result{Error: text, Retry: plugin.IsRetryable(err), Invalid: plugin.IsInvalid(err)}
}
