package engine

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"github.com/scriptd/scriptd/engine/runtime"
	"github.com/scriptd/scriptd/plugin"
)

// started tells that a call goes to its plugin.
func (c *call) started() {
	if c.engine.events.wanted() {
		c.engine.emit(c.event(CallStarted))
	}
}

// finish tells how a call has ended, and counts what speaks against its version.
func (c *call) finish(res plugin.Result, err error) {
	outcome := outcomeOf(res, err)
	if c.target != nil && c.target.out == nil {
		c.judge(outcome, res, err)
	}
	if !c.engine.events.wanted() && !c.engine.log.Enabled(context.Background(), slog.LevelDebug) {
		return
	}
	event := c.event(CallFinished)
	event.Outcome, event.Err = outcome, err
	event.DurationMS = c.milliseconds()
	if err == nil {
		event.Error = res.Error
	}
	c.engine.emit(event)
}

func (c *call) event(kind EventKind) Event {
	event := Event{Kind: kind, Plugin: c.name, Call: c.number}
	if c.target != nil {
		event.Source, event.Package = c.target.gen.source, c.target.gen.name()
		event.Revision, event.Digest = c.target.revision, c.target.digest
	}
	return event
}

func outcomeOf(res plugin.Result, err error) string {
	switch {
	case err != nil:
		return outcomeOfError(err)
	case res.Success:
		return OutcomeSuccess
	case res.Stack != "":
		return OutcomePanic
	case res.Invalid:
		return OutcomeInvalid
	default:
		return OutcomeFailure
	}
}

func outcomeOfError(err error) string {
	if _, ok := errors.AsType[*PanicError](err); ok {
		return OutcomePanic
	}
	for _, o := range []struct {
		err     error
		outcome string
	}{
		{ErrNotFound, OutcomeNotFound},
		{ErrInvalid, OutcomeInvalid},
		{ErrTimeout, OutcomeTimeout},
		{ErrBusy, OutcomeBusy},
		{ErrStopped, OutcomeStopped},
		{ErrQuarantined, OutcomeQuarantined},
		{context.Canceled, OutcomeCancelled},
	} {
		if errors.Is(err, o.err) {
			return o.outcome
		}
	}
	return OutcomeFault
}

// judge counts the calls of a plugin that ended badly one after the other, and has its version quarantined where they are
// too many.
func (c *call) judge(outcome string, res plugin.Result, err error) {
	t := c.target
	switch outcome {
	case OutcomeSuccess, OutcomeFailure:
		if t.failures.Load() != 0 {
			t.failures.Store(0)
		}
		return
	case OutcomeTimeout:
		if !c.limited {
			return // the caller was in a hurry
		}
	case OutcomePanic, OutcomeFault:
		if crash, ok := errors.AsType[*runtime.CrashError](err); ok && crash.Culprit != "" {
			return // another package did it
		}
	default:
		return
	}
	limit := int64(t.gen.policy.Quarantine)
	if n := t.failures.Add(1); limit == 0 || n < limit || !t.gen.troubled.CompareAndSwap(false, true) {
		return
	}
	last := res.Error
	if err != nil {
		last = err.Error()
	}
	c.engine.background(func() {
		c.engine.quarantine(t.gen, fmt.Sprintf("%d calls of %s panicked or timed out one after the other; the last: %s", limit, c.name, last))
	})
}
