package interp

import (
	"context"
	"sync"
)

// loading is a load that may be given up, as long as it has not ended.
type loading struct {
	ready func() error // waits until the package may run

	mu      sync.Mutex
	in      *instance
	stopped bool
	ended   bool
}

// begin tells what is to be closed. It is false where the load was given up before.
func (l *loading) begin(in *instance) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.in = in
	return !l.stopped
}

// end says that the load is over. It is false where it was given up: nobody waits for what came of it.
func (l *loading) end() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.ended = true
	return !l.stopped
}

// stop gives the load up. It is false where the load has ended. Register may do nothing more from then on but go on by
// itself, as a call may whose caller is gone; the end is the same, too.
func (l *loading) stop(ctx context.Context) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.ended {
		return false
	}
	l.stopped = true
	if l.in != nil {
		go l.in.discard(ctx)
	}
	return true
}
