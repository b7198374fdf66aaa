package engine

import (
	"context"
	"time"

	"github.com/scriptd/scriptd/cache"
)

// tidyInterval is the time between two looks for what the cache does not need.
const tidyInterval = time.Hour

// tidy removes what the cache does not need, now and then, until ctx ends.
func (e *Engine) tidy(ctx context.Context) {
	keeper, ok := e.opts.Cache.(cache.Keeper)
	if !ok || e.opts.Retention == nil {
		return
	}
	ticks := time.NewTicker(tidyInterval)
	defer ticks.Stop()
	for {
		c, err := keeper.Collect(ctx, *e.opts.Retention, false)
		switch {
		case ctx.Err() != nil:
			return
		case err != nil:
			e.log.Warn("the cache cannot be tidied: scriptd cache verify tells what is damaged", "error", err)
		case len(c.Trees) > 0 || c.Blobs > 0:
			e.log.Info("removed from the cache what nothing needs", "trees", len(c.Trees), "bytes", c.Bytes, "kept_trees", c.KeptTrees, "kept_bytes", c.KeptBytes)
		}
		if most := e.opts.Retention.MaxSize; err == nil && most > 0 && c.KeptBytes > most {
			e.log.Warn("what is in use takes more than the cache may", "bytes", c.KeptBytes, "max_size", most)
		}
		select {
		case <-ctx.Done():
			return
		case <-ticks.C:
		}
	}
}

// logNotice logs what a cache met and went on from.
func (o *Options) logNotice(n cache.Notice) {
	if n.Err == nil {
		o.Logger.Info(n.What)
		return
	}
	o.Logger.Warn(n.What, "error", n.Err)
}
