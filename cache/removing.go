package cache

import (
	"context"
	"crypto/rand"
	"errors"
	"path"
	"sync"
	"time"
)

const removingDir = "removing"

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

// announce tells all who share the bucket that something is going to be removed. What is read from then on may be the reason for
// it. Who removes does so with the context that is returned, which ends where the others may not know any more, and calls end.
func (s *Shared) announce(ctx context.Context) (_ context.Context, end func(), err error) {
	name := path.Join(removingDir, rand.Text())
	ctx, cancel := context.WithCancelCause(ctx)
	from := time.Now()
	if err := s.bucket.Put(ctx, name, []byte{'\n'}, Absent); err != nil {
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
	return ctx, func() {
		cancel(nil)
		wg.Wait()
		// Where it cannot be removed, the others wait until it is taken for dead.
		last, done := context.WithTimeout(context.WithoutCancel(ctx), renewal)
		defer done()
		_ = s.bucket.Remove(last, name, "")
	}, nil
}

// quiet waits until nobody removes anything that was there before. It reports whether somebody did.
func (s *Shared) quiet(ctx context.Context) (removed bool, err error) {
	for {
		busy := false
		_, err := s.bucket.List(ctx, removingDir+"/", func(o Object) error {
			busy = busy || o.Age < deadAfter
			return nil
		})
		if err != nil || !busy {
			return removed, err
		}
		removed = true
		select {
		case <-ctx.Done():
			return removed, ctx.Err()
		case <-time.After(quietPoll):
		}
	}
}
