package engine

import (
	"context"
	"time"

	"github.com/scriptd/scriptd/engine/runtime"
	"github.com/scriptd/scriptd/engine/symbols"
)

// NewWith is New with a runtime of the test's own, and limits that a test can wait for.
func NewWith(ctx context.Context, opts Options, rt runtime.Runtime, load, drain, closing time.Duration) (*Engine, error) {
	return newEngine(ctx, opts, rt, symbols.Std(), limits{load: load, drain: drain, close: closing})
}
