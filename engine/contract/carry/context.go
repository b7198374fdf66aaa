package carry

import (
	"context"
	"encoding/binary"
	"errors"
	"reflect"
	"time"
)

// How the end of a context crosses.
const (
	endNever byte = iota
	endCancelled
	endDeadline
	endOver // it has ended: by its deadline, or else it was cancelled
)

// limits are the time that a context leaves.
type limits struct {
	how  byte
	left time.Duration // until the deadline
}

func limitsOf(ctx context.Context) limits {
	if err := ctx.Err(); err != nil {
		return limits{how: endOver, left: time.Duration(reasonOf(err))}
	}
	if deadline, ok := ctx.Deadline(); ok {
		return limits{endDeadline, max(time.Until(deadline), 1)}
	}
	if ctx.Done() != nil {
		return limits{how: endCancelled}
	}
	return limits{}
}

func (e *encoder) limits(l limits) {
	e.byte(l.how)
	if l.how >= endDeadline {
		e.int(int64(l.left))
	}
}

func (d *decoder) limits() limits {
	l := limits{how: d.byte()}
	if l.how >= endDeadline {
		l.left = time.Duration(d.int())
	}
	if l.how > endOver {
		d.malformed("a context that ends as %d", l.how)
	}
	return l
}

// Why a context has ended.
const (
	reasonCancelled byte = iota
	reasonDeadline
)

func reasonOf(err error) byte {
	if errors.Is(err, context.DeadlineExceeded) {
		return reasonDeadline
	}
	return reasonCancelled
}

// context returns a context with these limits, and what tells it that the one on the other side has ended.
func (l limits) context() (context.Context, func(reason byte), context.CancelFunc) {
	base := context.Background()
	switch l.how {
	case endDeadline:
		ctx, cancel := context.WithTimeout(base, l.left)
		return ctx, func(reason byte) {
			if reason != reasonDeadline { // which is kept here too, and is another error
				cancel()
			}
		}, cancel
	case endOver:
		if byte(l.left) == reasonDeadline {
			ctx, cancel := context.WithDeadline(base, time.Unix(1, 0))
			return ctx, func(byte) {}, cancel
		}
		ctx, cancel := context.WithCancel(base)
		cancel()
		return ctx, func(byte) {}, cancel
	default:
		ctx, cancel := context.WithCancel(base)
		return ctx, func(byte) { cancel() }, cancel
	}
}

// contextCodec carries contexts that are not the first of a call. Their end is asked for: the answer comes when they have ended.
func contextCodec() codec {
	return codec{
		func(e *encoder, v reflect.Value) {
			ctx, ok := reflect.TypeAssert[context.Context](v)
			e.bool(ok)
			if !ok {
				return
			}
			l := limitsOf(ctx)
			e.limits(l)
			if l.how != endCancelled && l.how != endDeadline {
				return
			}
			if e.link == nil || e.scope == nil {
				e.failf("a context cannot cross here: there is no way to tell of its end")
				return
			}
			e.scope.ending()
			id, err := e.link.export(target{ctx: ctx, scope: e.scope})
			if err != nil {
				e.fail(err)
			}
			e.uint(id)
		},
		func(d *decoder, v reflect.Value) {
			if !d.bool() {
				return
			}
			l := d.limits()
			if d.err != nil {
				return
			}
			ctx := context.Background()
			if l.how != endNever {
				var end func(byte)
				var cancel context.CancelFunc
				ctx, end, cancel = l.context()
				if l.how != endOver {
					id := d.uint()
					if d.err != nil || d.link == nil || d.scope == nil {
						cancel()
						d.malformed("a context where its end cannot be told of")
						return
					}
					d.scope.stops = append(d.scope.stops, cancel)
					go d.link.await(id, end)
				}
			}
			v.Set(reflect.ValueOf(&ctx).Elem())
		},
	}
}

// await tells of the end of a context of the other side, when it answers.
func (s *Session) await(id uint64, end func(reason byte)) {
	e := encoder{limit: chunk}
	a, err := s.question(&e, id, 0)
	if err != nil {
		end(reasonCancelled)
		return
	}
	b, err := way{s, s.send}.answer(context.Background(), a, e.buf)
	if err == nil && len(b) == 2 && b[0] == answerResults {
		end(b[1])
		return
	}
	end(reasonCancelled)
}

// awaited answers the other side when the context of the target has ended, or the call that brought it.
func (t target) awaited(closed <-chan struct{}) byte {
	select {
	case <-t.ctx.Done():
		return reasonOf(t.ctx.Err())
	case <-t.scope.over:
	case <-closed:
	}
	return reasonCancelled
}

func binaryUint(n uint64) []byte { return binary.AppendUvarint(nil, n) }
