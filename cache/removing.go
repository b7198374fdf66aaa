package cache

import (
	"context"
	"crypto/rand"
	"errors"
	"maps"
	"path"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

const (
	removingDir = "removing"
	// endedPath is written by who has removed something, so that those know who did not see it while it did.
	endedPath = removingDir + "/ended"
)

const (
	// renewal is how often who removes says so again, and lease how long after that it goes on without.
	renewal = 5 * time.Second
	lease   = 20 * time.Second
	// deadAfter is when others take it for dead.
	deadAfter = time.Minute
	// forgotten is when what it left is removed.
	forgotten = 24 * time.Hour
	// quietPoll is how often who waits looks again.
	quietPoll = 100 * time.Millisecond
)

var errLease = errors.New("it cannot be said any more that something is being removed")

// removal is what removes objects: nothing else does.
type removal struct {
	*Shared
	name    string // of its object
	stop    func()
	removed atomic.Bool // it may have removed something
}

// announce tells all who share the bucket that something is going to be removed. What is read from then on may be the reason for
// it. Who removes does so with the context that is returned, which ends where the others may not know any more, and calls end.
func (s *Shared) announce(ctx context.Context) (context.Context, *removal, error) {
	name := path.Join(removingDir, rand.Text())
	ctx, cancel := context.WithCancelCause(ctx)
	from := time.Now()
	if err := s.bucket.Put(ctx, name, []byte{'\n'}, ""); err != nil {
		cancel(nil)
		return nil, nil, err
	}
	var wg sync.WaitGroup
	wg.Go(func() {
		ticks := time.NewTicker(renewal)
		defer ticks.Stop()
		over := time.AfterFunc(lease-time.Since(from), func() { cancel(errLease) })
		defer over.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-ticks.C:
			}
			from := time.Now()
			if err := s.bucket.Put(ctx, name, []byte{'\n'}, ""); err == nil {
				over.Reset(lease - time.Since(from))
			}
		}
	})
	stop := func() {
		cancel(nil)
		wg.Wait()
	}
	return ctx, &removal{Shared: s, name: name, stop: stop}, nil
}

// remove is Remove of the bucket.
func (r *removal) remove(ctx context.Context, name, version string) error {
	r.removed.Store(true)
	return r.bucket.Remove(ctx, name, version)
}

// end tells the others that nothing is removed any more. Where it cannot, they wait until it is taken for dead.
func (r *removal) end(ctx context.Context) {
	r.stop()
	ctx, done := context.WithTimeout(context.WithoutCancel(ctx), renewal)
	defer done()
	if r.removed.Load() {
		if err := r.bucket.Put(ctx, endedPath, []byte(rand.Text()+"\n"), ""); err != nil {
			return
		}
	}
	_ = r.bucket.Remove(ctx, r.name, "")
}

// removers are the removals of a moment.
type removers struct {
	live []string          // names of their objects
	seen map[string]string // versions of these, of those who are dead, and of what the last who ended wrote
}

func (s *Shared) removers(ctx context.Context) (removers, error) {
	at := removers{seen: make(map[string]string)}
	_, err := s.bucket.List(ctx, removingDir+"/", func(o Object) error {
		at.seen[o.Name] = o.Version
		if o.Name != endedPath && o.Age < deadAfter {
			at.live = append(at.live, o.Name)
		}
		return nil
	})
	return at, err
}

// settle waits for those who remove something now: they may have chosen what only became new meanwhile. Who begins later sees it
// as new. It reports whether anybody may have removed something since before.
func (s *Shared) settle(ctx context.Context, before removers) (disturbed bool, err error) {
	now, err := s.removers(ctx)
	if err != nil {
		return false, err
	}
	disturbed = len(before.live) > 0 || len(now.live) > 0 || !maps.Equal(before.seen, now.seen)
	for waiting := now.live; ; {
		waiting = slices.DeleteFunc(waiting, func(name string) bool { return !slices.Contains(now.live, name) })
		if len(waiting) == 0 {
			return disturbed, nil
		}
		select {
		case <-ctx.Done():
			return disturbed, ctx.Err()
		case <-time.After(quietPoll):
		}
		if now, err = s.removers(ctx); err != nil {
			return disturbed, err
		}
	}
}
