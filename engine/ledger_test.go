package engine_test

import (
	"context"
	"fmt"
	gosync "sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/scriptd/scriptd/engine"
	"github.com/scriptd/scriptd/engine/interp"
	"github.com/scriptd/scriptd/engine/runtime"
	"github.com/scriptd/scriptd/plugin"
)

// ledger is the runtime of this process, with books on its instances: each has to be closed once, and not while the
// engine has a call in it.
type ledger struct {
	runtime.Runtime
	t testing.TB
	// onLoad is asked before a package is loaded, onClose before it is closed. Nil is neither.
	onLoad  func(ctx context.Context, p runtime.Package)
	onClose func(ctx context.Context, p runtime.Package)
	// late answers every call with a failure, when its context has ended.
	late bool

	mu     gosync.Mutex
	loads  int
	opened map[*entered]bool
}

func newLedger(t testing.TB) *ledger {
	t.Helper()
	return &ledger{Runtime: interp.New(), t: t, opened: make(map[*entered]bool)}
}

// entered is an instance in the books.
type entered struct {
	runtime.Instance
	ledger  *ledger
	pkg     runtime.Package
	running atomic.Int64
	closed  atomic.Bool
}

func (l *ledger) Load(ctx context.Context, p runtime.Package) (runtime.Instance, error) {
	if l.onLoad != nil {
		l.onLoad(ctx, p)
	}
	inst, err := l.Runtime.Load(ctx, p)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.loads++
	if err != nil {
		return nil, err
	}
	in := &entered{Instance: inst, ledger: l, pkg: p}
	l.opened[in] = true
	return in, nil
}

func (in *entered) Call(ctx context.Context, name string, params map[string]any) (plugin.Result, error) {
	in.running.Add(1)
	defer in.running.Add(-1)
	if in.closed.Load() {
		in.ledger.t.Errorf("%s %s is called after it was closed", in.pkg.Name, in.pkg.Revision)
	}
	if in.ledger.late {
		<-ctx.Done()
		return plugin.Result{Error: ctx.Err().Error()}, nil
	}
	return in.Instance.Call(ctx, name, params)
}

func (in *entered) Close(ctx context.Context) error {
	if n := in.running.Load(); n > 0 {
		in.ledger.t.Errorf("%s %s is closed while %d calls are in it", in.pkg.Name, in.pkg.Revision, n)
	}
	if in.closed.Swap(true) {
		in.ledger.t.Errorf("%s %s is closed twice", in.pkg.Name, in.pkg.Revision)
	}
	if in.ledger.onClose != nil {
		in.ledger.onClose(ctx, in.pkg)
	}
	in.ledger.mu.Lock()
	delete(in.ledger.opened, in)
	in.ledger.mu.Unlock()
	return in.Instance.Close(ctx)
}

// loaded is how often a package was loaded, or tried to.
func (l *ledger) loaded() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.loads
}

// left lists the instances that are not closed.
func (l *ledger) left() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	var names []string
	for in := range l.opened {
		names = append(names, fmt.Sprintf("%s at %.12s", in.pkg.Name, in.pkg.Revision))
	}
	return names
}

// open is open with the ledger's books, which have to be even in the end.
func (l *ledger) open(opts engine.Options) *engine.Engine {
	l.t.Helper()
	e, err := l.new(l.t.Context(), opts)
	if err != nil {
		l.t.Fatal(err)
	}
	l.t.Cleanup(func() {
		if err := e.Close(); err != nil {
			l.t.Error(err)
		}
		if left := l.left(); len(left) > 0 {
			l.t.Errorf("not closed: %q", left)
		}
	})
	return e
}

func (l *ledger) new(ctx context.Context, opts engine.Options) (*engine.Engine, error) {
	return engine.NewWith(ctx, opts, l, 10*time.Second, 10*time.Second, 10*time.Second)
}
