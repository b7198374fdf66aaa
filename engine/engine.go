// Package engine keeps plugins in step with their sources, and calls them. It is what a host binary embeds:
//
//	cfg, err := config.Load("scriptd.yaml")
//	...
//	eng, err := engine.New(ctx, cfg.Options())
//	...
//	defer eng.Close()
//	go eng.Run(ctx)
//	res, err := eng.Call(ctx, "service_status", map[string]any{"service_url": "https://example.com"})
//
// A change goes live in one step: the packages of a new tree are loaded beside those that serve, and one pointer moves.
// Calls that are running end on what they began on. What does not load changes nothing, and is reported with its
// position.
package engine

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/scriptd/scriptd/cache"
	"github.com/scriptd/scriptd/engine/runtime"
	"github.com/scriptd/scriptd/engine/symbols"
)

// Engine serves plugins. All its methods are safe for concurrent use.
type Engine struct {
	opts     Options
	log      *slog.Logger
	runtime  runtime.Runtime
	universe *symbols.Universe // of what its packages may use
	limits   limits
	sources  []*source
	// contracts do not change.
	contracts *contracts

	registry atomic.Pointer[registry] // nil once the engine is closed
	swapping sync.Mutex               // held while a load becomes the registry, which takes a write to the cache
	commit   sync.Mutex               // held for a moment, to replace the registry
	news     chan struct{}            // closed when that happens, and replaced
	calls    atomic.Uint64
	events   events

	closing   context.Context // ends with Close
	stop      context.CancelFunc
	work      sync.WaitGroup // Run, Sync and generations that are being retired
	hurry     chan struct{}  // closed when Close has waited long enough for calls
	closeOnce sync.Once
	closeErr  error
}

// limits bound what plugins may hold up.
type limits struct {
	load  time.Duration // initialisation and Register of a package
	drain time.Duration // running calls, when the engine closes
	close time.Duration // OnClose functions of a package
}

var defaultLimits = limits{load: 30 * time.Second, drain: 30 * time.Second, close: 10 * time.Second}

// New returns an engine that has tried every source once: from the cache first, then from the origin. A source that
// cannot be had is no error of New: Sources tells, and Run and Sync try again. An error is one of the options, or the end
// of ctx, which matters to New alone.
func New(ctx context.Context, opts Options) (*Engine, error) {
	if err := opts.complete(); err != nil {
		return nil, err
	}
	universe, err := symbols.With(opts.Symbols...)
	if err != nil {
		return nil, err
	}
	rt, err := runtimeFor(opts, universe)
	if err != nil {
		return nil, err
	}
	tellIdleLimits(rt, opts)
	return newEngine(ctx, opts, rt, universe, defaultLimits)
}

func newEngine(ctx context.Context, opts Options, rt runtime.Runtime, universe *symbols.Universe, l limits) (*Engine, error) {
	if err := opts.complete(); err != nil {
		return nil, err
	}
	known, err := newContracts(opts, universe)
	if c, ok := rt.(contractChecker); ok && err == nil {
		err = c.Check(opts.Contracts, opts.Services)
	}
	if err != nil {
		return nil, errors.Join(err, (&Engine{runtime: rt}).closeRuntime())
	}
	e := &Engine{
		opts: opts, log: opts.Logger, runtime: rt, universe: universe, limits: l, contracts: known,
		hurry: make(chan struct{}), news: make(chan struct{}),
	}
	e.closing, e.stop = context.WithCancel(context.WithoutCancel(ctx))
	e.registry.Store(&registry{})
	for _, o := range opts.Sources {
		e.sources = append(e.sources, newSource(o))
	}
	if !opts.Idle {
		e.start(ctx)
	}
	if err := ctx.Err(); err != nil {
		return nil, errors.Join(fmt.Errorf("start engine: %w", err), e.Close())
	}
	return e, nil
}

// background runs f beside everything else; Close waits for it. Once the engine is closed, it does not run.
func (e *Engine) background(f func()) {
	if e.begin() {
		go func() {
			defer e.work.Done()
			f()
		}()
	}
}

// begin counts in something that Close waits for. It is false once the engine is closed.
func (e *Engine) begin() bool {
	e.commit.Lock()
	defer e.commit.Unlock()
	if e.registry.Load() == nil {
		return false
	}
	e.work.Add(1)
	return true
}

// Close ends Run and Sync, waits for running calls, for half a minute at most, and frees everything. Calls fail with
// ErrClosed from then on; those that go on after that half minute are cancelled, and fail with ErrStopped. Every Close
// returns when the first is done, with what it returned: what the packages' OnClose functions failed with, and what was
// left behind.
func (e *Engine) Close() error {
	e.closeOnce.Do(func() {
		e.stop()
		e.commit.Lock()
		last := e.registry.Swap(nil)
		e.commit.Unlock()
		patience := time.AfterFunc(e.limits.drain, func() { close(e.hurry) })
		defer patience.Stop()
		gens := slices.Collect(maps.Keys(last.generations()))
		errs := make([]error, len(gens))
		var retired sync.WaitGroup
		for i, g := range gens {
			retired.Go(func() { errs[i] = g.retire(e.hurry, e.limits.close) })
		}
		retired.Wait()
		e.work.Wait()
		e.closeErr = errors.Join(append(errs, e.closeRuntime())...)
	})
	return e.closeErr
}

// Plugins lists what can be called now, sorted by name.
func (e *Engine) Plugins() []Plugin {
	r := e.registry.Load()
	if r == nil {
		return nil
	}
	plugins := make([]Plugin, 0, len(*r))
	for entry := range maps.Values(*r) {
		if entry.out == nil && entry.impl == nil {
			plugins = append(plugins, entry.describe())
		}
	}
	slices.SortFunc(plugins, func(a, b Plugin) int { return cmp.Compare(a.Name, b.Name) })
	return plugins
}

// Describe tells all about a plugin, or fails with ErrNotFound.
func (e *Engine) Describe(name string) (Description, error) {
	target, err := e.find(name)
	if err != nil {
		return Description{}, err
	}
	g := target.gen
	g.needs.Do(func() {
		p, err := e.permissionsOf(context.Background(), g.source, g.path, cache.Digest(g.digest), g.permissions)
		if err != nil {
			e.log.Warn("what a package imports is not known", "package", g.name(), "error", err)
		}
		g.imports, g.asks = p.Imports, p.Asks
	})
	return Description{
		Plugin:      target.describe(),
		Parameters:  target.plugin.Schema,
		Permissions: g.permissions,
		Asks:        g.asks,
		Imports:     slices.Clone(g.imports),
	}, nil
}

// Sources tells the state of each source, in the order of the options.
func (e *Engine) Sources() []SourceStatus {
	states := make([]SourceStatus, len(e.sources))
	for i, s := range e.sources {
		states[i] = s.status()
		states[i].Role = e.opts.Role
	}
	return states
}

// complete fills in defaults, and finds what cannot work.
func (o *Options) complete() error {
	if o.Cache == nil {
		o.Cache = cache.Memory()
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	o.Role = cmp.Or(o.Role, RoleBoth)
	if err := o.Role.check(); err != nil {
		return err
	}
	if l, ok := o.Cache.(*cache.Layered); ok {
		l.Tell(func(n cache.Notice) { o.logNotice(n) })
	}
	o.CallTimeout = cmp.Or(o.CallTimeout, time.Minute)
	o.StartTimeout = cmp.Or(o.StartTimeout, 700*time.Millisecond)
	if o.CallTimeout < 0 || o.StartTimeout < 0 {
		return fmt.Errorf("negative timeout %s", min(o.CallTimeout, o.StartTimeout))
	}
	o.Sources = slices.Clone(o.Sources)
	seen := make(map[string]bool)
	for i := range o.Sources {
		s := &o.Sources[i]
		if o.Role == RoleServe {
			s.From = nil // so that it cannot be asked
			s.Interval = cmp.Or(s.Interval, followInterval)
		} else if s.From == nil {
			return fmt.Errorf("source %s: no origin", s.Name)
		}
		if err := s.complete(); err != nil {
			return err
		}
		if seen[s.Name] {
			return fmt.Errorf("source %s: there are two of that name", s.Name)
		}
		seen[s.Name] = true
	}
	return nil
}
