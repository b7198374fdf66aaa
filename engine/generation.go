package engine

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/scriptd/scriptd/engine/runtime"
)

// generation is a loaded package while it serves. Calls pin it; once it is retired and its last call is over, it is
// closed.
type generation struct {
	source, path     string
	revision, digest string
	permissions      runtime.Permissions
	timeout          time.Duration
	inst             runtime.Instance

	// pins counts the calls, and one for the registry until the generation is retired. At zero it is over for good.
	pins    atomic.Int64
	drained chan struct{}
}

func newGeneration(inst runtime.Instance) *generation {
	g := &generation{inst: inst, drained: make(chan struct{})}
	g.pins.Store(1)
	return g
}

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

// retire waits for the calls of a generation that no registry leads to any more, as long as ctx allows, and closes it.
func (g *generation) retire(ctx context.Context) error {
	g.unpin()
	select {
	case <-g.drained:
	case <-ctx.Done():
	}
	return g.inst.Close(ctx)
}
