package cache

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
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
	// attempts is how often a request to remove something is made, within answerTime.
	attempts   = 3
	answerTime = 10 * time.Second
)

var errLease = errors.New("it cannot be said any more that something is being removed")

// removal is what removes objects: nothing else does.
type removal struct {
	*Shared
	name    string // of its object
	stop    func()
	told    atomic.Pointer[time.Time] // when it last told the others
	removed atomic.Bool               // it may have removed something
	unsure  atomic.Bool               // it may still do so: a request was given up
}

// announce tells all who share the bucket that something is going to be removed, again and again until end is called. What is read
// from then on may be the reason for it.
func (s *Shared) announce(ctx context.Context) (*removal, error) {
	r := &removal{Shared: s, name: path.Join(removingDir, rand.Text())}
	if err := r.tell(ctx); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(ctx)
	var wg sync.WaitGroup
	wg.Go(func() {
		ticks := time.NewTicker(renewal)
		defer ticks.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-ticks.C:
				_ = r.tell(ctx) // it is tried again, and nothing is removed when it is late
			}
		}
	})
	r.stop = func() {
		cancel()
		wg.Wait()
	}
	return r, nil
}

// tell tells the others. Who has not done so for too long cannot any more: they may have gone on.
func (r *removal) tell(ctx context.Context) error {
	now := time.Now()
	if r.late() {
		return errLease
	}
	ctx, done := context.WithTimeout(ctx, answerTime)
	defer done()
	err := r.bucket.Put(ctx, r.name, []byte{'\n'}, "")
	if err == nil {
		r.told.Store(&now)
	}
	return err
}

// late reports whether the others may take it for dead soon.
func (r *removal) late() bool {
	told := r.told.Load()
	return told != nil && since(*told) > lease
}

// remove removes an object. What is asked for is waited for, even where ctx ends: nobody knows when a request that is given up is
// carried out.
func (r *removal) remove(ctx context.Context, name, version string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if r.late() {
		return errLease
	}
	r.removed.Store(true)
	ctx, done := context.WithTimeout(context.WithoutCancel(ctx), answerTime)
	defer done()
	for n := 1; ; n++ {
		err := r.bucket.Remove(ctx, name, version)
		if err == nil || errors.Is(err, ErrConflict) {
			return err
		}
		r.unsure.Store(true)
		if n == attempts || pause(ctx) != nil {
			return err
		}
	}
}

// end tells the others that nothing is removed any more. Where that is not known, or cannot be told, they wait until it is taken for dead.
func (r *removal) end(ctx context.Context) {
	r.stop()
	if r.unsure.Load() {
		return
	}
	ctx, done := context.WithTimeout(context.WithoutCancel(ctx), answerTime)
	defer done()
	if r.removed.Load() {
		if err := r.bucket.Put(ctx, endedPath, []byte(rand.Text()+"\n"), ""); err != nil {
			return
		}
	}
	_ = r.bucket.Remove(ctx, r.name, "")
}

// since is how long ago t was by the clock on the wall, which goes on while a machine sleeps.
func since(t time.Time) time.Duration { return time.Now().Round(0).Sub(t.Round(0)) }

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
			return disturbed, fmt.Errorf("wait for others who remove something from the cache: %w", ctx.Err())
		case <-time.After(quietPoll):
		}
		if now, err = s.removers(ctx); err != nil {
			return disturbed, err
		}
	}
}
