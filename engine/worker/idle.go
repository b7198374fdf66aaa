//go:build unix

package worker

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"sync"
	"time"

	"github.com/scriptd/scriptd/engine/runtime"
	"github.com/scriptd/scriptd/plugin"
)

// sleeper is a package whose process ends when nobody has called it for a while, and is started again by the next call. What the
// package keeps in variables is lost then, as its goroutines are.
type sleeper struct {
	runtime  *Runtime
	pkg      runtime.Package
	plugins  []runtime.Plugin
	provides []runtime.Implementation
	idle     time.Duration

	mu     sync.Mutex
	inst   *instance // nil while it sleeps
	waking *waking   // nil where nobody wakes it
	busy   int       // what uses inst
	used   time.Time // when the last call ended
	timer  *time.Timer
	closed bool

	closeOnce sync.Once
	closeErr  error
}

var _ runtime.Instance = (*sleeper)(nil)

// waking is a start that others may wait for.
type waking struct {
	done chan struct{} // closed when it is over
	err  error
}

func newSleeper(r *Runtime, p runtime.Package, inst *instance) *sleeper {
	s := &sleeper{runtime: r, pkg: p, plugins: inst.Plugins(), provides: inst.Implementations(), idle: r.opts.Idle, inst: inst, used: time.Now()}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.timer = time.AfterFunc(s.idle, s.rest)
	return s
}

// Plugins implements runtime.Instance.
func (s *sleeper) Plugins() []runtime.Plugin { return s.plugins }

// Call implements runtime.Instance.
func (s *sleeper) Call(ctx context.Context, name string, params map[string]any) (plugin.Result, error) {
	inst, err := s.awake(ctx)
	if err != nil {
		return plugin.Result{}, err
	}
	defer s.leave(true)
	return inst.Call(ctx, name, params)
}

// Implementations implements runtime.Instance.
func (s *sleeper) Implementations() []runtime.Implementation { return s.provides }

// Invoke implements runtime.Instance.
func (s *sleeper) Invoke(ctx context.Context, implementation, method int, args []reflect.Value) ([]reflect.Value, error) {
	inst, err := s.awake(ctx)
	if err != nil {
		return nil, err
	}
	defer s.leave(true)
	return inst.Invoke(ctx, implementation, method, args)
}

// Health implements runtime.Instance. It wakes nobody: what sleeps was well.
func (s *sleeper) Health(ctx context.Context) error {
	s.mu.Lock()
	inst := s.inst
	if inst == nil {
		s.mu.Unlock()
		return ctx.Err()
	}
	s.busy++
	s.mu.Unlock()
	defer s.leave(false)
	return inst.Health(ctx)
}

// awake returns the package in its process, and starts that where it has to. It is followed by leave, unless it fails.
func (s *sleeper) awake(ctx context.Context) (*instance, error) {
	for {
		s.mu.Lock()
		switch {
		case s.closed:
			s.mu.Unlock()
			return nil, fmt.Errorf("%s: %w", s.pkg.Name, runtime.ErrStopped)
		case s.inst != nil:
			s.busy++
			defer s.mu.Unlock()
			return s.inst, nil
		case s.waking == nil:
			s.waking = &waking{done: make(chan struct{})}
			go s.wake(s.waking)
		}
		w := s.waking
		s.mu.Unlock()
		select {
		case <-w.done:
			if w.err != nil {
				return nil, w.err
			}
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// leave says that what awake returned is not used any more.
func (s *sleeper) leave(called bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.busy--
	if called {
		s.used = time.Now()
	}
}

// wake starts the process.
func (s *sleeper) wake(w *waking) {
	ctx, cancel := context.WithTimeout(context.Background(), s.runtime.opts.StartTimeout)
	defer cancel()
	inst, err := s.runtime.load(ctx, s.pkg)
	if err == nil && !slices.EqualFunc(inst.Plugins(), s.plugins, func(a, b runtime.Plugin) bool { return a.Name == b.Name }) {
		_ = inst.Close(ctx)
		err = fmt.Errorf("%s does not register the plugins that it did", s.pkg.Name)
	}
	if err == nil && !slices.EqualFunc(inst.Implementations(), s.provides, sameImplementation) {
		_ = inst.Close(ctx)
		err = fmt.Errorf("%s does not implement the contracts that it did", s.pkg.Name)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	defer close(w.done)
	s.waking = nil
	if err != nil {
		w.err = plugin.Retryable(fmt.Errorf("start %s again: %w", s.pkg.Name, err))
		return
	}
	s.inst, s.used = inst, time.Now()
	if !s.closed { // else Close waits for it
		s.timer.Reset(s.idle)
	}
}

func sameImplementation(a, b runtime.Implementation) bool {
	return a.Contract == b.Contract && a.Name == b.Name && slices.Equal(a.Missing, b.Missing)
}

// rest ends the process where nobody has used it for long enough.
func (s *sleeper) rest() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed || s.inst == nil {
		return
	}
	left := s.idle - time.Since(s.used)
	if s.busy > 0 || s.inst.tenant.lends() {
		left = s.idle
	}
	if left > 0 {
		s.timer.Reset(left)
		return
	}
	inst := s.inst
	s.inst = nil
	go func() {
		ctx, cancel := context.WithTimeout(context.Background(), inst.grace+lingerTime)
		defer cancel()
		if err := inst.Close(ctx); err != nil {
			inst.tenant.log.Warn("package that nobody uses did not close well", "error", err)
		}
	}()
}

// Close implements runtime.Instance.
func (s *sleeper) Close(ctx context.Context) error {
	s.closeOnce.Do(func() {
		s.mu.Lock()
		s.closed = true
		s.timer.Stop()
		w := s.waking
		s.mu.Unlock()
		if w != nil {
			<-w.done // in bounded time
		}
		s.mu.Lock()
		inst := s.inst
		s.mu.Unlock()
		if inst != nil {
			s.closeErr = inst.Close(ctx)
		}
	})
	return s.closeErr
}
