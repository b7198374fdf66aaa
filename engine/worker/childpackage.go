//go:build unix

package worker

import (
	"context"
	"fmt"
	"time"

	"github.com/scriptd/scriptd/engine/contract"
	"github.com/scriptd/scriptd/engine/contract/carry"
	"github.com/scriptd/scriptd/engine/runtime"
	"github.com/scriptd/scriptd/engine/worker/wire"
)

// loadedPackage is a package, and what its calls need.
type loadedPackage struct {
	inst   runtime.Instance           // nil while it is loaded
	base   context.Context            //nolint:containedctx // it carries labels, and never ends
	labels map[string]context.Context // of the goroutines of its plugins, by name
	output *meter
	// session carries what package and host call of each other.
	session     *carry.Session
	offered     []*contract.Contract
	plans       []*carry.Plan     // of what is offered
	contracts   []int             // of the implementations: which of the plans is theirs
	typedLabels []context.Context // of the goroutines of implementations
	closed      bool              // by a host that has not waited for the load
}

// loaded returns a package. One that is not there was closed.
func (c *child) loaded(number uint64) (*loadedPackage, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	l := c.packages[number]
	if l == nil || l.inst == nil {
		return nil, runtime.ErrStopped
	}
	return l, nil
}

// health asks a package whether it is well.
func (c *child) health(call *wire.Call, p *wire.Payload) {
	d := wire.NewDecoder(call.Payload)
	number, l := d.Uint(), decodeLimits(d)
	err := d.Err()
	if err == nil {
		var loaded *loadedPackage
		if loaded, err = c.loaded(number); err == nil {
			ctx, cancel := callContext(loaded.base, call, l)
			defer cancel()
			err = loaded.inst.Health(ctx)
		}
	}
	appendError(p, err)
}

// close closes a package, or sees to it that one is closed which is still loaded. Calls find it until then, and hear of it what they
// have to.
func (c *child) close(call *wire.Call, p *wire.Payload) {
	d := wire.NewDecoder(call.Payload)
	number, l := d.Uint(), decodeLimits(d)
	if err := d.Err(); err != nil {
		appendError(p, err)
		return
	}
	c.mu.Lock()
	loaded := c.packages[number]
	if loaded != nil {
		loaded.closed = true
	}
	c.mu.Unlock()
	if loaded == nil || loaded.inst == nil {
		appendError(p, nil)
		return
	}
	ctx, cancel := callContext(loaded.base, call, l)
	defer cancel()
	appendError(p, loaded.inst.Close(ctx))
	c.forget(number)
}

// forget frees what there is of a package that was closed, or did not load.
func (c *child) forget(number uint64) {
	c.mu.Lock()
	l := c.packages[number]
	delete(c.packages, number)
	c.mu.Unlock()
	if l != nil {
		l.session.Close(runtime.ErrStopped)
	}
	for _, after := range []time.Duration{leftoverTime, leftoverTime + lateLeftoverTime} {
		time.AfterFunc(after, func() {
			if c.runtime.Abandoned() > 0 {
				c.background.leftover(number)
			}
		})
	}
}

const (
	// leftoverTime is how long what a closed package has left behind may take to end before the process is to be replaced.
	leftoverTime = 2 * time.Second
	// lateLeftoverTime is how much later that is counted where functions of OnClose do not end in time.
	lateLeftoverTime = 10 * time.Second
)

// leftover tells that something of a package does not end.
func (b *background) leftover(number uint64) {
	var p wire.Payload
	p.Uint(number)
	b.send(backgroundLeftover, &p)
}

// enter makes room for a package that is about to be loaded.
func (c *child) enter(r *loadRequest, l *loadedPackage) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.packages) > 0 && r.pkg.Group == "" || c.packages[r.number] != nil {
		return fmt.Errorf("load %s: a package is loaded already", r.pkg.Name)
	}
	if c.packages == nil {
		c.packages = make(map[uint64]*loadedPackage)
	}
	c.packages[r.number] = l
	return nil
}
