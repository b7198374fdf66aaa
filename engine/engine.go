// Package engine keeps plugins in step with their sources, and calls them. It is what a host binary embeds:
//
//	cfg, err := config.Load("scriptd.yaml")
//	...
//	eng, err := engine.New(ctx, cfg.Options())
//	...
//	defer eng.Close()
//	go eng.Run(ctx)
//	res, err := eng.Call(ctx, "service_status", map[string]any{"service_url": "https://example.com"})
package engine

import (
	"context"
	"errors"

	"github.com/scriptd/scriptd/plugin"
)

// Engine serves plugins. All its methods are safe for concurrent use.
type Engine struct{}

var errSkeleton = errors.New("not there yet")

// New returns an engine that has tried every source once: from the cache first, then from the origin. A source that
// cannot be had is no error of New: Sources tells, and Run and Sync try again. An error is one of the options.
func New(ctx context.Context, opts Options) (*Engine, error) { return nil, errSkeleton }

// Run polls and watches the sources, and brings changes live, until ctx ends; it then returns nil.
func (e *Engine) Run(ctx context.Context) error { return errSkeleton }

// Close waits for running calls, for a bounded time, and frees everything. Calls fail with ErrClosed from then on.
func (e *Engine) Close() error { return nil }

// Call runs a plugin. Params holds JSON values, or anything that encodes to JSON; nil is none. What the plugin answered,
// failure included, is in the result. The error is the host's: see ErrNotFound and its neighbours.
func (e *Engine) Call(ctx context.Context, name string, params map[string]any) (plugin.Result, error) {
	return plugin.Result{}, errSkeleton
}

// Plugins lists what can be called now, sorted by name.
func (e *Engine) Plugins() []Plugin { return nil }

// Describe tells all about a plugin, or fails with ErrNotFound.
func (e *Engine) Describe(name string) (Description, error) { return Description{}, errSkeleton }

// Sources tells the state of each source, in the order of the options.
func (e *Engine) Sources() []SourceStatus { return nil }

// Sync brings the named sources, all where none is named, up to date now. The results are in the order of the names. An
// error is returned for a name that is not a source's, and where ctx ended; what went wrong with a source is in its
// result.
func (e *Engine) Sync(ctx context.Context, names ...string) ([]SyncResult, error) {
	return nil, errSkeleton
}
