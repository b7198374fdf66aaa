package engine

import (
	"cmp"
	"context"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"github.com/cenkalti/backoff/v5"

	"github.com/scriptd/scriptd/sources"
)

// Run polls and watches the sources, and brings changes live, until ctx ends or the engine is closed; it then returns
// nil. A source that failed is tried again soon, and then less and less often up to its interval; one that is
// misconfigured, at its interval; one whose credentials are refused, less and less often from there.
func (e *Engine) Run(ctx context.Context) error {
	if !e.begin() {
		return ErrClosed
	}
	defer e.work.Done()
	ctx, cancel := e.untilClosed(ctx)
	defer cancel()
	var followers sync.WaitGroup
	followers.Go(func() { e.watchControls(ctx) })
	followers.Go(func() { e.tidy(ctx) })
	for _, s := range e.sources {
		followers.Go(func() { e.follow(ctx, s) })
		if w, ok := s.From.(sources.Watcher); ok {
			followers.Go(func() { e.watch(ctx, s, w) })
		}
	}
	followers.Wait()
	return nil
}

// follow syncs a source at its interval, and when it is asked to.
func (e *Engine) follow(ctx context.Context, s *source) {
	retry := backoff.NewExponentialBackOff()
	retry.InitialInterval, retry.MaxInterval = min(time.Second, s.Interval), s.Interval
	timer := time.NewTimer(s.wait(retry))
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-timer.C:
		case <-s.poke:
		}
		_ = e.syncSource(ctx, s, pass{}) // it is in the status and in the log
		timer.Reset(s.wait(retry))
	}
}

// wait returns the time to the next poll.
func (s *source) wait(retry *backoff.ExponentialBackOff) time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	err := cmp.Or(s.originErr, s.recordErr, s.headErr)
	interval := s.Interval
	switch {
	case err != nil && sources.KindOf(err) == sources.Transient:
		s.denials = 0
		return max(retry.NextBackOff(), sources.RetryAfter(err))
	case err != nil && sources.KindOf(err) == sources.Denied:
		// Servers lock accounts whose password is wrong too often.
		interval = max(interval, min(interval<<min(s.denials, 10), maxDenied))
		s.denials++
	default:
		s.denials = 0
	}
	retry.Reset()
	spread := interval / 10 // so that many engines do not ask at the same moment
	return interval - spread/2 + rand.N(spread+1)
}

// maxDenied is the longest interval between two polls of an origin that refuses the credentials, if the source's own is
// not longer.
const maxDenied = 15 * time.Minute

// watch has a source tell when it has changed. While it cannot, it is polled more often than at its interval, and the
// watch is tried again, soon and then less and less often.
func (e *Engine) watch(ctx context.Context, s *source, w sources.Watcher) {
	pace := min(s.Interval, 2*time.Second)
	retry := backoff.NewExponentialBackOff()
	retry.InitialInterval, retry.MaxInterval = pace, 5*time.Minute
	var unwatched atomic.Bool // it has been said
	for {
		began := time.Now()
		err := w.Watch(ctx, func() {
			if unwatched.CompareAndSwap(true, false) {
				e.log.Info("source is watched again", "source", s.Name)
			}
			s.wake()
		})
		if ctx.Err() != nil {
			return
		}
		if unwatched.CompareAndSwap(false, true) {
			e.log.Warn("source cannot be watched: it is polled", "source", s.Name, "interval", pace, "error", err)
		}
		if time.Since(began) > retry.MaxInterval {
			retry.Reset()
		}
		s.poll(ctx, pace, retry.NextBackOff())
	}
}

// poll wakes the source at a pace, and at the end of the time.
func (s *source) poll(ctx context.Context, pace, long time.Duration) {
	end := time.NewTimer(long)
	defer end.Stop()
	for {
		spread := pace / 10 // as in wait
		select {
		case <-ctx.Done():
			return
		case <-end.C:
			s.wake()
			return
		case <-time.After(pace - spread/2 + rand.N(spread+1)):
			s.wake()
		}
	}
}
