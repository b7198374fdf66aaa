package filesystem

import (
	"context"
	"errors"
	"time"

	"github.com/scriptd/scriptd/sources"
)

const (
	// quiet is how long nothing may happen before a change is reported: editors and git write several files at once.
	quiet = 20 * time.Millisecond
	// patience is the longest wait for quiet.
	patience = 250 * time.Millisecond
	// look is how often the way to the folder is compared with the one that is watched. Of a folder further up that is
	// renamed, and of a file system that is mounted over it, nobody tells.
	look = time.Second
	// maxLosses is how often in a row a watcher may fail before it has told of anything.
	maxLosses = 3
)

var errLosses = errors.New("the system's watcher fails again and again")

// Watch calls changed when something in the folder changes, folders that are new and a folder that vanishes, returns or
// is another one included. Changes to the files that editors keep beside the one that is edited are not reported. An
// error other than nil means that the operating system does not tell: not on this file system, or not of so many
// folders.
func (s *Source) Watch(ctx context.Context, changed func()) error {
	c, err := s.cover(ctx)
	if err != nil {
		return s.unwatched(ctx, err)
	}
	defer func() { c.close() }()
	changed()

	looks := time.NewTicker(look)
	defer looks.Stop()
	report := newDelay()
	defer report.Stop()
	stale, lost, losses := false, false, 0
	for {
		select {
		case <-ctx.Done():
			return nil
		case event, ok := <-c.events:
			if !ok {
				c.events = nil // a closed channel is always ready
				lost = true
				break
			}
			losses = 0
			if !c.concerns(event) {
				continue
			}
			stale = stale || c.reshapes(event)
		case <-c.lost:
			lost = true // new folders, perhaps
		case <-looks.C:
			if trace(s.path).same(c.way) {
				continue
			}
			stale = true
		case <-report.C:
			report.done()
			if !stale && !lost {
				changed()
				continue
			}
			if lost {
				losses++
			}
			if losses > maxLosses {
				return s.unwatched(ctx, errLosses)
			}
			// Begin to watch before the report, so that no change falls between them.
			next, err := s.renew(ctx, c)
			if err != nil {
				return s.unwatched(ctx, err)
			}
			before := c
			c, stale, lost = next, false, false
			changed()
			before.close() // it takes the system some milliseconds
			continue
		}
		report.put()
	}
}

// renew covers the folder anew. Where the system cannot do with two of them, the one before is closed first: what
// happens in between is in the report that follows.
func (s *Source) renew(ctx context.Context, before *coverage) (*coverage, error) {
	next, err := s.cover(ctx)
	if err != nil {
		before.close()
		next, err = s.cover(ctx)
	}
	return next, err
}

// unwatched is the error of Watch; nil where ctx has ended.
func (s *Source) unwatched(ctx context.Context, err error) error {
	if ctx.Err() == nil {
		return sources.Fail(sources.Transient, err, "watch folder %s", s.path)
	}
	return nil
}

// delay fires when nothing has been put for as long as quiet, or the first was put as long ago as patience.
type delay struct {
	*time.Timer
	deadline time.Time // zero while there is nothing to wait for
}

func newDelay() *delay {
	d := &delay{Timer: time.NewTimer(patience)}
	d.Stop()
	return d
}

func (d *delay) put() {
	now := time.Now()
	if d.deadline.IsZero() {
		d.deadline = now.Add(patience)
	}
	d.Reset(min(quiet, d.deadline.Sub(now)))
}

func (d *delay) done() { d.deadline = time.Time{} }
