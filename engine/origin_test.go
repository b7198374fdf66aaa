package engine_test

import (
	"context"
	"errors"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/scriptd/scriptd/engine"
	"github.com/scriptd/scriptd/sources"
)

// origin is a folder that can be made to fail as servers do. It is polled, never watched.
type origin struct {
	sources.Source
	mood  atomic.Pointer[mood]
	polls atomic.Int64
	// before is called before an answer to Resolve, if it is set.
	before func(ctx context.Context)
}

// mood is how an origin answers.
type mood struct {
	resolve, fetch func(ctx context.Context) error
}

func fails(kind sources.Kind, err error) func(context.Context) error {
	return func(context.Context) error { return sources.Fail(kind, err, "ask origin") }
}

// hangs is the black hole: no answer, as long as ctx lasts.
func hangs(ctx context.Context) error {
	<-ctx.Done()
	return sources.Fail(sources.Transient, ctx.Err(), "ask origin")
}

var (
	up      = &mood{}
	down    = &mood{resolve: fails(sources.Transient, syscall.ECONNREFUSED)}
	denied  = &mood{resolve: fails(sources.Denied, errors.New("wrong credentials"))}
	gone    = &mood{resolve: fails(sources.NotFound, errors.New("it does not exist"))}
	silent  = &mood{resolve: hangs}
	halfWay = &mood{fetch: hangs}
	cutOff  = &mood{fetch: fails(sources.Transient, syscall.ECONNRESET)}
)

func (o *origin) Resolve(ctx context.Context) (sources.Revision, error) {
	o.polls.Add(1)
	if o.before != nil {
		o.before(ctx)
	}
	if f := o.mood.Load().resolve; f != nil {
		return "", f(ctx)
	}
	return o.Source.Resolve(ctx)
}

func (o *origin) Fetch(ctx context.Context, rev sources.Revision, tree *sources.Tree) error {
	if f := o.mood.Load().fetch; f != nil {
		return f(ctx)
	}
	return o.Source.Fetch(ctx, rev, tree)
}

// moody returns the folder dir as a source that is polled, with the origin to set its mood on.
func moody(t testing.TB, name, dir string) (engine.Source, *origin) {
	t.Helper()
	src := folder(t, name, dir)
	o := &origin{Source: src.From}
	o.mood.Store(up)
	src.From, src.Interval = o, time.Hour
	return src, o
}
