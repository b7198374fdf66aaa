//go:build unix

package worker

import (
	"context"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/scriptd/scriptd/engine/runtime"
	"github.com/scriptd/scriptd/engine/worker/confine"
)

// group is the process that packages of a group share. A group has more than one where packages came with other walls than those
// that run: the later ones go to the newest.
type group struct {
	runtime *Runtime
	name    string
	asked   walls  // what packages give as the group's
	walls   walls  // what the process is confined to
	itself  tenant // of what the process says itself

	ready  chan struct{} // closed when there is the worker, or an error
	worker *worker
	temp   string // a folder for temporary files; empty is none
	err    error

	displaced atomic.Bool // it is to be replaced

	// Guarded by the runtime's lock.
	users int           // loads that run, and packages
	grace time.Duration // the longest of those that may have left something behind
}

// takeShared returns the process of a package's group, which is started where there is none that suits. It is followed by
// group.release, unless it fails.
func (r *Runtime) takeShared(ctx context.Context, p runtime.Package) (*worker, error) {
	for {
		g, err := r.enterGroup(p)
		if err != nil {
			return nil, err
		}
		select {
		case <-g.ready:
		case <-ctx.Done():
			g.release(0)
			return nil, ctx.Err()
		}
		if g.err != nil {
			return nil, g.err
		}
		select {
		case <-g.worker.gone: // since it was entered
			g.release(0)
		default:
			return g.worker, nil
		}
	}
}

// enterGroup counts a user of a package's group.
func (r *Runtime) enterGroup(p runtime.Package) (*group, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		return nil, ErrClosed
	}
	g := r.groups[p.Group]
	if g == nil || !g.suits(p) {
		g = &group{
			runtime: r, name: p.Group, asked: walls{p.GroupPermissions, p.GroupLimits}, walls: wallsOf(p), ready: make(chan struct{}),
		}
		g.itself.log = r.opts.Log.With("group", p.Group)
		g.itself.output.allow(hostOutput(outputOf(g.walls.limits)))
		r.groups[p.Group] = g
		r.work.Go(g.start)
	}
	g.users++
	return g, nil
}

// suits reports whether a package may go to the process.
func (g *group) suits(p runtime.Package) bool {
	select {
	case <-g.ready:
		select {
		case <-g.worker.gone:
			return false
		default:
		}
	default:
	}
	return g.asked.limits == p.GroupLimits && g.asked.permissions.Equal(p.GroupPermissions) && g.walls.permissions.Covers(p.Permissions)
}

// start starts the process, or takes one that waits.
func (g *group) start() {
	r := g.runtime
	w, temp, err := g.begin()
	r.mu.Lock()
	defer r.mu.Unlock()
	g.worker, g.temp, g.err = w, temp, err
	if err != nil {
		g.leaveLocked()
	}
	close(g.ready)
	g.rest() // all may have given up
}

func (g *group) begin() (w *worker, temp string, err error) {
	r, scoped := g.runtime, confine.NeedsScope(g.walls.permissions)
	if !scoped {
		w, err = r.takeSpare()
	}
	if w == nil && err == nil {
		w, err = r.start(false, scoped)
	}
	if err != nil {
		return nil, "", err
	}
	w.mu.Lock()
	w.group = g
	w.mu.Unlock()
	h, err := r.hold(w, g.walls, slog.String("group", g.name))
	if err != nil {
		w.end()
		return nil, "", fmt.Errorf("hold it to its limits: %w", err)
	}
	return w, h.temp, nil
}

// leave sees to it that no other package comes.
func (g *group) leave() {
	g.runtime.mu.Lock()
	defer g.runtime.mu.Unlock()
	g.leaveLocked()
}

func (g *group) leaveLocked() {
	if g.runtime.groups[g.name] == g {
		delete(g.runtime.groups, g.name)
	}
}

// release counts a user less. What it has left behind may go on for the grace.
func (g *group) release(grace time.Duration) {
	g.runtime.mu.Lock()
	defer g.runtime.mu.Unlock()
	g.users--
	g.grace = max(g.grace, grace)
	g.rest()
}

// rest ends the process where nobody uses it, nor does for a while. It is called with the runtime's lock held.
func (g *group) rest() {
	r := g.runtime
	if g.users > 0 || g.worker == nil || r.closed { // which has ended it
		return
	}
	after := max(g.grace, lingerTime)
	r.work.Go(func() {
		select {
		case <-time.After(after):
		case <-g.worker.gone:
		case <-r.done:
		}
		r.mu.Lock()
		used := g.users > 0
		if !used {
			g.leaveLocked()
		}
		r.mu.Unlock()
		if !used {
			g.worker.end()
		}
	})
}
