package cache

import (
	"context"
	"fmt"
	"math"
	"slices"
	"sync"

	"golang.org/x/sync/semaphore"
)

// locks keep those who remove from a store apart from those who write to it. A lock is never taken by who has one. What is
// locked by a process that dies is free.
type locks interface {
	// share is for who writes. It waits for who removes.
	share(ctx context.Context) (unlock func(), err error)
	// tryShare is for who reads: it never waits, and returns a function that does nothing where somebody removes just now.
	tryShare() (unlock func())
	// exclude is for who removes. It waits for all others, and others wait behind it.
	exclude(ctx context.Context) (unlock func(), err error)
	// tryExclude reports false where it would have to wait.
	tryExclude() (unlock func(), ok bool)

	// turn is for who replaces a record of a source. It waits for others who do. The caller shares.
	turn(ctx context.Context, source string) (done func(), err error)

	// hold keeps a tree from being removed until drop, or the end of the process; as often as it was held, since others of
	// this process may have put the same. The caller shares.
	hold(d Digest) error
	drop(d Digest)
	// held returns what is held, by anybody. The caller excludes.
	held() (map[Digest]bool, error)
}

// maxHolds bounds the trees that a process holds: those that it put and did not activate. The oldest goes first.
const maxHolds = 64

// localLocks are for a store that belongs to this process.
type localLocks struct {
	gate, main *semaphore.Weighted
	// turns is one for all sources: nobody waits for a disk here.
	turns *semaphore.Weighted

	mu    sync.Mutex
	holds []Digest
}

var _ locks = (*localLocks)(nil)

func newLocalLocks() *localLocks {
	return &localLocks{
		gate:  semaphore.NewWeighted(math.MaxInt64),
		main:  semaphore.NewWeighted(math.MaxInt64),
		turns: semaphore.NewWeighted(1),
	}
}

func (l *localLocks) share(ctx context.Context) (func(), error) {
	if err := l.gate.Acquire(ctx, 1); err != nil {
		return nil, fmt.Errorf("wait for what is being removed: %w", err)
	}
	defer l.gate.Release(1)
	if err := l.main.Acquire(ctx, 1); err != nil {
		return nil, err
	}
	return func() { l.main.Release(1) }, nil
}

func (l *localLocks) tryShare() func() {
	if l.main.TryAcquire(1) {
		return func() { l.main.Release(1) }
	}
	return func() {}
}

func (l *localLocks) exclude(ctx context.Context) (func(), error) {
	if err := l.gate.Acquire(ctx, math.MaxInt64); err != nil {
		return nil, err
	}
	defer l.gate.Release(math.MaxInt64)
	if err := l.main.Acquire(ctx, math.MaxInt64); err != nil {
		return nil, err
	}
	return func() { l.main.Release(math.MaxInt64) }, nil
}

func (l *localLocks) tryExclude() (func(), bool) {
	if !l.main.TryAcquire(math.MaxInt64) {
		return nil, false
	}
	return func() { l.main.Release(math.MaxInt64) }, true
}

func (l *localLocks) turn(ctx context.Context, _ string) (func(), error) {
	if err := l.turns.Acquire(ctx, 1); err != nil {
		return nil, err
	}
	return func() { l.turns.Release(1) }, nil
}

func (l *localLocks) hold(d Digest) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.holds = append(l.holds, d)
	if len(l.holds) > maxHolds {
		l.holds = l.holds[1:]
	}
	return nil
}

func (l *localLocks) drop(d Digest) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if i := slices.Index(l.holds, d); i >= 0 {
		l.holds = slices.Delete(l.holds, i, i+1)
	}
}

func (l *localLocks) held() (map[Digest]bool, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	held := make(map[Digest]bool, len(l.holds))
	for _, d := range l.holds {
		held[d] = true
	}
	return held, nil
}
