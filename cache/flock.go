package cache

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/gofrs/flock"
)

// folderLocks are for a store that processes share: locks of the kernel on files of the store's folder, which end with
// the process that has them, however it ends.
//
//	lock     shared by who writes or reads, exclusive for who removes
//	gate     passed on the way to lock: who waits to remove keeps it shut, so that others do not pass again and again
//	turns/   a file for each source, locked by who replaces a record of it
//	holds/   a file for each tree that a process holds, locked by it: its name begins with the tree's SHA-256
type folderLocks struct {
	dir string

	mu    sync.Mutex
	holds []heldTree
}

type heldTree struct {
	digest Digest
	lock   *flock.Flock
}

var _ locks = (*folderLocks)(nil)

const (
	lockFile = "lock"
	gateFile = "gate"
	turnsDir = "turns"
	holdsDir = "holds"
	// lockPoll is how often a lock is tried that somebody has.
	lockPoll = 2 * time.Millisecond
)

func (l *folderLocks) file(name string) *flock.Flock {
	return flock.New(filepath.Join(l.dir, name), flock.SetPermissions(0o600))
}

// acquire waits for a lock. In a folder that cannot be written to there is nothing to keep apart.
func acquire(ctx context.Context, lock *flock.Flock, exclusive bool) (unlock func(), err error) {
	try := lock.TryRLockContext
	if exclusive {
		try = lock.TryLockContext
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	_, err = try(ctx, lockPoll)
	switch {
	case readOnly(err):
		return func() {}, nil
	case ctx.Err() != nil:
		return nil, fmt.Errorf("wait for %s, which another process has: %w", lock.Path(), ctx.Err())
	case err != nil:
		return nil, fmt.Errorf("lock: %w", err)
	}
	return func() { _ = lock.Close() }, nil
}

func readOnly(err error) bool {
	return errors.Is(err, syscall.EROFS) || errors.Is(err, fs.ErrPermission)
}

func (l *folderLocks) share(ctx context.Context) (func(), error) {
	pass, err := acquire(ctx, l.file(gateFile), false)
	if err != nil {
		return nil, err
	}
	defer pass()
	return acquire(ctx, l.file(lockFile), false)
}

func (l *folderLocks) tryShare() func() {
	gate, lock := l.file(gateFile), l.file(lockFile)
	if ok, err := gate.TryRLock(); !ok || err != nil {
		return func() { _ = gate.Close() }
	}
	defer gate.Close()
	_, _ = lock.TryRLock() // without it, reading goes on
	return func() { _ = lock.Close() }
}

func (l *folderLocks) exclude(ctx context.Context) (func(), error) {
	pass, err := acquire(ctx, l.file(gateFile), true)
	if err != nil {
		return nil, err
	}
	defer pass()
	return acquire(ctx, l.file(lockFile), true)
}

func (l *folderLocks) tryExclude() (func(), bool) {
	lock := l.file(lockFile)
	if ok, err := lock.TryLock(); !ok || err != nil {
		_ = lock.Close()
		return nil, false
	}
	return func() { _ = lock.Close() }, true
}

func (l *folderLocks) turn(ctx context.Context, source string) (func(), error) {
	if err := os.MkdirAll(filepath.Join(l.dir, turnsDir), 0o700); err != nil && !readOnly(err) {
		return nil, err
	}
	return acquire(ctx, l.file(filepath.Join(turnsDir, source)), true)
}

func (l *folderLocks) hold(d Digest) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := os.MkdirAll(filepath.Join(l.dir, holdsDir), 0o700); err != nil {
		return err
	}
	lock := l.file(filepath.Join(holdsDir, d.hex()+"."+rand.Text()))
	if ok, err := lock.TryLock(); err != nil || !ok {
		return errors.Join(fmt.Errorf("hold tree %s: %w", d, err), lock.Close())
	}
	l.holds = append(l.holds, heldTree{d, lock})
	if len(l.holds) > maxHolds {
		l.holds[0].end()
		l.holds = l.holds[1:]
	}
	return nil
}

// end removes a hold. Where that fails, it is removed by the next who looks: nobody has the lock.
func (h heldTree) end() {
	_ = h.lock.Close()
	_ = os.Remove(h.lock.Path())
}

func (l *folderLocks) drop(d Digest) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for i, h := range l.holds {
		if h.digest == d {
			h.end()
			l.holds = append(l.holds[:i:i], l.holds[i+1:]...)
			return
		}
	}
}

func (l *folderLocks) held() (map[Digest]bool, error) {
	dir := filepath.Join(l.dir, holdsDir)
	entries, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	held := make(map[Digest]bool)
	for _, e := range entries {
		sum, _, _ := strings.Cut(e.Name(), ".")
		d := Digest(digestPrefix + sum)
		if !d.Valid() {
			continue
		}
		lock := l.file(filepath.Join(holdsDir, e.Name()))
		free, err := lock.TryLock()
		switch {
		case err != nil || !free:
			_ = lock.Close()
			held[d] = true
		default:
			heldTree{d, lock}.end() // its process is gone
		}
	}
	return held, nil
}
