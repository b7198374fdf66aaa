package interp

import (
	"context"
	"fmt"
	"go/types"
	"reflect"

	"github.com/scriptd/scriptd/engine/runtime"
	"github.com/scriptd/scriptd/engine/symbols"
	"github.com/scriptd/scriptd/plugin"
)

// handler is a function that a package registered.
type handler struct {
	fn reflect.Value
	// params is the static type of the parameters; nil where the handler takes none.
	params types.Type
	decode *codec
	// encode is nil where the handler returns nothing but an error.
	encode *codec
	// envelope: the handler returns a plugin.Result.
	envelope bool
}

const wantHandler = "want func(context.Context, P) (R, error), where P is a struct or map[string]any, and P and R may be left out"

// handler looks at a registered function and its static type.
func (t *typeTable) handler(static types.Type, fn reflect.Value) (*handler, error) {
	sig, ok := static.Underlying().(*types.Signature)
	if !ok || fn.Kind() != reflect.Func {
		return nil, fmt.Errorf("handler is a %s: %s", static, wantHandler)
	}
	if fn.IsNil() {
		return nil, fmt.Errorf("handler is nil")
	}
	in, out := sig.Params(), sig.Results()
	if in.Len() < 1 || in.Len() > 2 || out.Len() < 1 || out.Len() > 2 || sig.Variadic() ||
		!isNamed(in.At(0).Type(), "context", "Context") || !types.Identical(out.At(out.Len()-1).Type(), types.Universe.Lookup("error").Type()) {
		return nil, fmt.Errorf("handler is a %s: %s", static, wantHandler)
	}
	h := &handler{fn: fn}
	var err error
	if in.Len() == 2 {
		h.params = in.At(1).Type()
		if !isParams(h.params) {
			return nil, fmt.Errorf("parameters of type %s: %s", h.params, wantHandler)
		}
		if h.decode, err = t.codec(h.params); err != nil {
			return nil, fmt.Errorf("parameters: %w", err)
		}
	}
	if out.Len() == 2 {
		result := out.At(0).Type()
		if h.envelope = isNamed(result, symbols.SDK, "Result"); h.envelope {
			return h, nil
		}
		if h.encode, err = t.codec(result); err != nil {
			return nil, fmt.Errorf("result: %w", err)
		}
	}
	return h, nil
}

func isParams(t types.Type) bool {
	switch u := t.Underlying().(type) {
	case *types.Struct:
		return true
	case *types.Map:
		elem, ok := u.Elem().Underlying().(*types.Interface)
		return ok && elem.Empty() && types.Identical(u.Key(), types.Typ[types.String])
	}
	return false
}

func isNamed(t types.Type, importPath, name string) bool {
	named, ok := types.Unalias(t).(*types.Named)
	return ok && named.Obj().Pkg() != nil && named.Obj().Pkg().Path() == importPath && named.Obj().Name() == name
}

// Call implements runtime.Instance.
func (in *instance) Call(ctx context.Context, name string, params map[string]any) (plugin.Result, error) {
	h := in.handlers[name]
	if h == nil {
		return plugin.Result{}, fmt.Errorf("call %s: %s has no such plugin", name, in.pkg.Name)
	}
	if err := ctx.Err(); err != nil {
		return plugin.Result{}, err
	}
	args := []reflect.Value{reflect.ValueOf(&ctx).Elem()}
	if h.decode != nil {
		p := reflect.New(h.fn.Type().In(1)).Elem()
		if err := h.decode.decode(params, p); err != nil {
			return failure(plugin.Invalid("%w", err)), nil
		}
		args = append(args, p)
	}
	if ctx.Done() == nil {
		in.calls.Add(1)
		defer in.calls.Done()
		return in.invoke(h, args), nil
	}
	answer := make(chan plugin.Result, 1)
	in.calls.Go(func() { answer <- in.invoke(h, args) })
	select {
	case res := <-answer:
		return res, nil
	case <-ctx.Done():
		return plugin.Result{}, ctx.Err()
	}
}

// invoke calls a handler and makes the envelope of what it answers.
func (in *instance) invoke(h *handler, args []reflect.Value) (res plugin.Result) {
	defer func() {
		if v := recover(); v != nil {
			res = plugin.Result{Error: in.panicProblem(v, "panic").String()}
		}
	}()
	out := h.fn.Call(args)
	err, _ := reflect.TypeAssert[error](out[len(out)-1])
	if h.envelope {
		res = out[0].Interface().(plugin.Result)
		return in.envelope(res, err)
	}
	if err != nil {
		return failure(err)
	}
	res = plugin.Result{Success: true}
	if h.encode != nil {
		if res.Data, err = h.encode.encode(out[0]); err != nil {
			return failure(fmt.Errorf("encode result: %w", err))
		}
	}
	return res
}

// envelope completes the Result that a handler returned.
func (in *instance) envelope(res plugin.Result, err error) plugin.Result {
	data, encodeErr := in.types.dynamic(reflect.ValueOf(res.Data))
	if err == nil && encodeErr != nil {
		err = fmt.Errorf("encode result: %w", encodeErr)
	}
	done := plugin.Result{Success: res.Error == "" && err == nil, Data: data, Message: res.Message, Error: res.Error, Retry: res.Retry}
	if err != nil {
		failed := failure(err)
		done.Error, done.Retry, done.Invalid = failed.Error, done.Retry || failed.Retry, failed.Invalid
	}
	return done
}

func failure(err error) plugin.Result {
	return plugin.Result{Error: err.Error(), Retry: plugin.IsRetryable(err), Invalid: plugin.IsInvalid(err)}
}

var _ runtime.Instance = (*instance)(nil)
