package cache

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
)

// Layered is a Store in a bucket that many machines share, with a folder of this machine in front of it. Trees are read from the
// folder, and from the bucket where the folder does not have them, or has them damaged; then it keeps them. What is written goes to
// both, and the bucket decides. Where the bucket cannot be reached, writes fail, and records other than heads are read as they were last
// known, of trees that the folder has: so a machine starts, and goes on, with its last state.
type Layered struct {
	local  *Files
	shared *Shared

	mu    sync.Mutex
	tell  func(Notice)
	since time.Time // when the bucket was not reached for the first time; zero where it can be
	asked time.Time // when it was asked last in vain
	why   error
	full  bool // the folder did not take what it was to keep
}

var _ Keeper = (*Layered)(nil)

// Notice is something that a Layered met and went on from.
type Notice struct {
	// What happened, and Err, where an error says more.
	What string
	Err  error
}

// NewLayered returns a Store that keeps a copy of shared in local. It asks for nothing before it is used.
func NewLayered(local *Files, shared *Shared) *Layered { return &Layered{local: local, shared: shared} }

// Tell has tell called for each notice from now on, in place of who was told before. It may be called from several goroutines, and
// has to return soon.
func (l *Layered) Tell(tell func(Notice)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.tell = tell
}

// Away returns since when the bucket cannot be reached, and why, as far as that was tried; a zero time where it can. What is read of
// records is then what was known last.
func (l *Layered) Away() (since time.Time, why error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.since, l.why
}

func (l *Layered) say(what string, err error) {
	l.mu.Lock()
	tell := l.tell
	l.mu.Unlock()
	if tell != nil {
		tell(Notice{what, err})
	}
}

const (
	// recordPatience is how long the bucket is waited for where the folder has an answer, too.
	recordPatience = 10 * time.Second
	// writePatience is how long it is waited for by who writes a record: longer than who removes makes others wait.
	writePatience = 2 * deadAfter
	// retryAfter is how long it is left alone after that.
	retryAfter = 2 * time.Second
)

// resting reports whether the bucket was asked in vain a moment ago.
func (l *Layered) resting() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.since.IsZero() && time.Since(l.asked) < retryAfter {
		return fmt.Errorf("the shared cache could not be reached a moment ago: %w", l.why)
	}
	return nil
}

// met takes note of what came of asking the bucket. It returns err.
func (l *Layered) met(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return err // who asked gave up
	}
	l.mu.Lock()
	was := l.since
	if isAway(err) {
		l.asked, l.why = time.Now(), err
		if was.IsZero() {
			l.since = l.asked
		}
	} else {
		l.since, l.why = time.Time{}, nil
	}
	is := l.since
	l.mu.Unlock()
	switch {
	case was.IsZero() && !is.IsZero():
		l.say("the shared cache cannot be reached: what was known of it last is used", err)
	case !was.IsZero() && is.IsZero():
		l.say(fmt.Sprintf("the shared cache can be reached again, after %s", time.Since(was).Round(time.Second)), nil)
	}
	return err
}

// isAway reports whether an error says that the bucket does not do what it is asked, and not what it has.
func isAway(err error) bool {
	_, ok := errors.AsType[*bucketError](err)
	return ok
}

// unkept tells that the folder does not take what it is to keep, once until it does: the bucket has it.
func (l *Layered) unkept(what string, err error) {
	l.mu.Lock()
	known := l.full
	l.full = err != nil
	l.mu.Unlock()
	if err != nil && !known {
		l.say("the local copy of the cache cannot keep "+what, err)
	}
}
