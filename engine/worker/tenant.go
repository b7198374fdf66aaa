//go:build unix

package worker

import (
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"sync/atomic"

	"github.com/scriptd/scriptd/engine/contract/carry"
	"github.com/scriptd/scriptd/engine/runtime"
)

// tenant is a package in a process, as the host sees it.
type tenant struct {
	number uint64 // in its process
	name   string
	log    *slog.Logger
	output meter
	// session carries what package and host call of each other; nil where they have nothing to.
	session *carry.Session
	broken  atomic.Pointer[func(error)]
}

// admit gives a package a number in a process.
func (w *worker) admit(p runtime.Package) *tenant {
	t := &tenant{name: p.Name, log: p.Log}
	if t.log == nil {
		t.log = slog.New(slog.DiscardHandler)
	}
	t.output.allow(hostOutput(outputOf(p.Limits)))
	w.mu.Lock()
	defer w.mu.Unlock()
	w.last++
	t.number = w.last
	if len(p.Contracts) > 0 || len(p.Services) > 0 {
		t.connect(w)
	}
	if w.tenants == nil {
		w.tenants = make(map[uint64]*tenant)
	}
	w.tenants[t.number] = t
	return t
}

// evict forgets a package.
func (w *worker) evict(t *tenant) {
	t.hangUp(runtime.ErrStopped)
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.tenants, t.number)
}

func (w *worker) tenant(number uint64) *tenant {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.tenants[number]
}

func (w *worker) all() []*tenant {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Collect(maps.Values(w.tenants))
}

// speaker is who logs under a number: a package, or the process itself, which speaks for the only package where there are no others.
func (w *worker) speaker(number uint64) *tenant {
	w.mu.Lock()
	defer w.mu.Unlock()
	switch {
	case number != nobody:
		return w.tenants[number]
	case w.group != nil:
		return &w.group.itself
	}
	for _, t := range w.tenants {
		return t
	}
	return nil
}

// tellBroken tells, once, that the package should be replaced.
func (t *tenant) tellBroken(err error) {
	if f := t.broken.Swap(nil); f != nil {
		go (*f)(err)
	}
}

// onBroken says whom to tell, and tells what has happened before.
func (w *worker) onBroken(t *tenant, f func(error)) {
	if f == nil {
		return
	}
	t.broken.Store(&f)
	select {
	case <-w.gone:
		if w.process.why() != quit {
			t.tellBroken(w.crash(t.name))
		}
		return
	default:
	}
	if g := w.groupOf(); g != nil && g.displaced.Load() {
		t.tellBroken(displacement(t.name))
	}
}

func (w *worker) groupOf() *group {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.group
}

// displace has the packages of a process go elsewhere, since something in it does not end that nobody needs.
func (w *worker) displace() {
	g := w.groupOf()
	if g == nil || g.displaced.Swap(true) {
		return
	}
	g.leave()
	for _, t := range w.all() {
		t.tellBroken(displacement(t.name))
	}
}

func displacement(name string) error { return fmt.Errorf("%s: %w", name, runtime.ErrDisplaced) }
