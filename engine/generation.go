package engine

import (
	"context"
	"fmt"
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

// retire closes a generation that no registry leads to any more, once its calls are over. That is at the latest when
// the last of their timeouts is; where abandoned is closed before, retire returns, and the generation is closed when
// they are.
func (g *generation) retire(abandoned <-chan struct{}, limit time.Duration) error {
	g.unpin()
	select {
	case <-g.drained:
	case <-abandoned:
		if g.pins.Load() > 0 {
			go func() {
				<-g.drained
				_ = g.close(limit) // nobody is left to hear of it
			}()
			return fmt.Errorf("close %s/%s: calls are still running, and are left behind", g.source, g.path)
		}
	}
	return g.close(limit)
}

// close closes the instance. It returns in bounded time, whatever OnClose functions do.
func (g *generation) close(limit time.Duration) error {
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
		return fmt.Errorf("close %s/%s: it takes longer than %s, and is left behind", g.source, g.path, limit)
	}
}
