package engine

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/scriptd/scriptd/engine/runtime"
)

// generation is a loaded package while it serves. Calls pin it; once it is retired and its last call is over, it is
// closed.
type generation struct {
	source, path string
	// revision and digest are the tree that it was loaded from; it may serve for later trees with the same package.
	revision, digest string
	permissions      runtime.Permissions
	policy           Policy
	inst             runtime.Instance
	// needs is done once imports and asks are known, when they are asked for.
	needs   sync.Once
	imports []string
	asks    runtime.Permissions

	// pins counts the calls, and one for the registry until the generation is retired. At zero it is over for good.
	pins    atomic.Int64
	drained chan struct{}
	// served: it was live. It is set before anybody can retire it.
	served bool
	// troubled is set once, by whoever takes the generation out of service: it is quarantined, or its instance replaced.
	troubled atomic.Bool

	// clocks are those of its plugins. They do not change once it is live.
	clocks []*clock
}

func newGeneration(source, path string) *generation {
	g := &generation{source: source, path: path, drained: make(chan struct{})}
	g.pins.Store(1)
	return g
}

func (g *generation) name() string { return g.source + "/" + g.path }

// pin keeps the generation open for a call. It is false where the generation is over.
func (g *generation) pin() bool {
	for {
		n := g.pins.Load()
		if n == 0 {
			return false
		}
		if g.pins.CompareAndSwap(n, n+1) {
			return true
		}
	}
}

func (g *generation) unpin() {
	if g.pins.Add(-1) == 0 {
		close(g.drained)
	}
}

// cancel ends the calls that still run, as far as they heed their contexts.
func (g *generation) cancel() {
	for _, k := range g.clocks {
		k.stop()
	}
}

// retire closes a generation that no registry leads to any more, once its calls are over. They have the time of the
// package's policy, or until hurry is closed; then they are cancelled.
func (g *generation) retire(hurry <-chan struct{}, limit time.Duration) error {
	g.unpin()
	patience := time.NewTimer(g.policy.Drain)
	defer patience.Stop()
	select {
	case <-g.drained:
		return g.close(limit)
	case <-patience.C:
	case <-hurry:
	}
	g.cancel()
	<-g.drained // the engine's calls end with their contexts, whatever plugins do
	return g.close(limit)
}

// close closes the instance. It returns in bounded time, whatever OnClose functions do.
func (g *generation) close(limit time.Duration) error {
	limit += g.policy.Grace // of calls that do not end
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	closed := make(chan error, 1)
	go func() { closed <- g.inst.Close(ctx) }()
	overtime := time.NewTimer(limit + max(limit/10, 100*time.Millisecond)) // for an instance that heeds ctx
	defer overtime.Stop()
	select {
	case err := <-closed:
		return err
	case <-overtime.C:
		return fmt.Errorf("close %s: it takes longer than %s, and is left behind", g.name(), limit)
	}
}
