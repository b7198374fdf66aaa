package cache

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"sync"
	"time"
)

// Shared is a Store in a bucket, for many processes on many machines. Its layout is that of Files, without tmp and locks, and with
//
//	removing/…      one for each process that removes something just now
//	removing/ended  changed by each that has removed something
//
// Contents and trees are written where they are not there yet, contents first. Records are replaced by conditional writes: of
// several who replace what they read, one succeeds. So whoever dies at any point leaves the state before or the state after.
//
// Nobody is kept out while somebody removes, so what is removed has to be old: nothing is before it was left alone for the
// grace, by the clock of the server, whoever needs it. Who relies on what is older than half of that writes it again, and
// makes sure that it stays. docs/cache-format.md has the whole of it.
type Shared struct {
	bucket Bucket
	grace  time.Duration

	mu     sync.Mutex
	marked bool              // the file version is there
	noted  map[string]Digest // what the journal of a source ends with, as far as is known
	held   map[Digest]time.Time
}

var _ Keeper = (*Shared)(nil)

const (
	// DefaultGrace is the grace of a Shared where nothing else is said.
	DefaultGrace = 24 * time.Hour
	// MinGrace is the shortest that there is.
	MinGrace = time.Hour
)

// transfers is how many objects are read or written at a time.
const transfers = 16

// NewShared returns the store that is kept in bucket. It asks for nothing before it is used. Nothing is removed before it is as old as
// grace; zero is DefaultGrace, and less than MinGrace is MinGrace. All who share a bucket have to have the same.
func NewShared(bucket Bucket, grace time.Duration) *Shared {
	if grace == 0 {
		grace = DefaultGrace
	}
	return &Shared{bucket: marked{bucket}, grace: max(grace, MinGrace), noted: make(map[string]Digest), held: make(map[Digest]time.Time)}
}

// young reports whether nobody removes an object for a while, so that one can rely on it.
func (s *Shared) young(o Object) bool { return o.Age <= s.grace/2 }

// stale reports whether what was young at a time may be so no more: then it has to be looked at again.
func (s *Shared) stale(from time.Time) bool { return since(from) > s.grace/4 }

// hold notes that nobody removes a tree for a while, from a time on.
func (s *Shared) hold(d Digest, from time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	maps.DeleteFunc(s.held, func(_ Digest, from time.Time) bool { return !s.holds(from) })
	s.held[d] = from
}

// holds reports whether what was held at a time still is, and will be for as long as stale allows.
func (s *Shared) holds(from time.Time) bool { return since(from) < s.grace/16 }

func (s *Shared) isHeld(d Digest) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	from, ok := s.held[d]
	return ok && s.holds(from)
}

// ready fails for a bucket with another version of the format. With mark, it writes the version where there is none.
func (s *Shared) ready(ctx context.Context, mark bool) error {
	if err := ctx.Err(); err != nil || s.isMarked() {
		return err
	}
	got, _, err := s.bucket.Get(ctx, versionFile, int64(len(version)))
	if errors.Is(err, fs.ErrNotExist) {
		if !mark {
			return nil
		}
		err = s.bucket.Put(ctx, versionFile, []byte(version), Absent)
		if errors.Is(err, ErrConflict) {
			return s.ready(ctx, mark) // somebody else did
		}
		got = []byte(version)
	}
	switch {
	case err != nil:
		return err
	case string(got) != version:
		return fmt.Errorf("%s: the cache has another format: its file %s is not %q: name another prefix", s, versionFile, version)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.marked = true
	return nil
}

func (s *Shared) isMarked() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.marked
}

// String names the bucket.
func (s *Shared) String() string { return s.bucket.String() }

// Reach fails where the bucket cannot be read, or has another format.
func (s *Shared) Reach(ctx context.Context) error {
	s.mu.Lock()
	s.marked = false
	s.mu.Unlock()
	return s.ready(ctx, false)
}

// find returns the object of a name, without reading it.
func (s *Shared) find(ctx context.Context, name string) (found Object, ok bool, err error) {
	errFound := errors.New("found")
	_, err = s.bucket.List(ctx, name, func(o Object) error {
		if o.Name == name {
			found, ok = o, true
		}
		return errFound // it sorts before all others with that prefix
	})
	if errors.Is(err, errFound) {
		err = nil
	}
	return found, ok, err
}

// has implements shelf.
func (s *Shared) has(ctx context.Context, name string) (bool, error) {
	_, ok, err := s.find(ctx, name)
	return ok, err
}

// listing reads and verifies the listing of a tree.
func (s *Shared) listing(ctx context.Context, d Digest) ([]entry, Object, error) {
	content, o, err := s.bucket.Get(ctx, treePath(d), maxListing)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, o, ErrNotFound
	case err != nil:
		return nil, o, err
	case o.Size > maxListing:
		return nil, o, corrupt(treePath(d), "listing", errTooLong)
	}
	entries, err := verifiedEntries(d, content)
	return entries, o, err
}

// entries implements shelf.
func (s *Shared) entries(ctx context.Context, d Digest) ([]entry, error) {
	entries, _, err := s.listing(ctx, d)
	return entries, err
}

// check implements shelf.
func (s *Shared) check(ctx context.Context, name string) error {
	_, _, err := s.checked(ctx, name)
	return err
}

// checked is check that returns what it read.
func (s *Shared) checked(ctx context.Context, name string) ([]byte, Object, error) {
	kind, limit := kindOf(name)
	content, o, err := s.bucket.Get(ctx, name, limit)
	switch {
	case err != nil:
		return nil, o, err
	case o.Size > limit:
		return nil, o, corrupt(name, kind, errTooLong)
	}
	return content, o, checkContent(name, content)
}
