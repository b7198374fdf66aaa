//go:build unix

package worker

import (
	"context"
	"fmt"
	"log/slog"

	"github.com/scriptd/scriptd/engine/worker/wire"
	"github.com/scriptd/scriptd/plugin"
)

// Call implements runtime.Instance.
func (in *instance) Call(ctx context.Context, name string, params map[string]any) (plugin.Result, error) {
	if !in.known[name] {
		return plugin.Result{}, fmt.Errorf("call %s: %s has no such plugin", name, in.name)
	}
	if err := ctx.Err(); err != nil {
		return plugin.Result{}, err
	}
	p := newPayload()
	defer recycle(p)
	request := callRequest{number: in.tenant.number, limits: limitsOf(ctx), name: name}
	var listener wire.Handler
	if c := plugin.CallFrom(ctx); c != nil {
		request.hasCall, request.hasLog, request.progress = true, c.Log != nil, c.Progress != nil
		request.level = levelOf(c.Log)
		listener = &callListener{ctx: ctx, log: c.Log, progress: c.Progress, output: &in.tenant.output}
	}
	appendCall(p, request)
	if err := appendParams(p, params); err != nil {
		return plugin.Result{}, fmt.Errorf("call %s: %w", name, err)
	}
	r, err := in.do(ctx, methodCall, p, listener)
	if err != nil {
		return plugin.Result{}, err
	}
	defer r.release()
	if err := decodeError(&r.d); err != nil {
		return plugin.Result{}, err
	}
	res := decodeResult(&r.d)
	if err := r.d.Err(); err != nil {
		in.worker.process.kill("it sent what it must not: " + err.Error())
		return plugin.Result{}, in.lost()
	}
	return res, nil
}

func appendParams(p *wire.Payload, params map[string]any) error {
	if params == nil {
		return p.Value(nil)
	}
	return p.Value(params)
}

// callListener hears what a call tells before its result.
type callListener struct {
	ctx      context.Context //nolint:containedctx // of one call, for the handler of its logger
	log      *slog.Logger
	progress func(done, total int, note string)
	output   *meter
	aside    func(message []byte) // takes messages of the package's session; nil where there are none
}

// Event implements wire.Handler.
func (l *callListener) Event(tag byte, payload []byte) {
	switch tag {
	case eventLog:
		_ = logMetered(l.ctx, l.log, wire.NewDecoder(payload), l.output) // malformed is what the result will be
	case eventProgress:
		d := wire.NewDecoder(payload)
		done, total, note := int(d.Int()), int(d.Int()), d.String()
		if d.Err() == nil && l.progress != nil {
			l.progress(done, total, note)
		}
	case eventSession:
		if l.aside != nil {
			l.aside(payload)
		}
	}
}

// Ask implements wire.Handler. A call has no questions.
func (*callListener) Ask(byte, []byte, *wire.Payload) {}
