package engine

import "time"

// order lets sources that start at the same time go live in the order of the options, so that the first of two
// plugins of one name is the same at every start. A slow source holds the others up for a bounded time only.
type order struct {
	patience time.Duration
	finished []chan struct{}
}

func newOrder(n int, patience time.Duration) *order {
	o := &order{patience: patience, finished: make([]chan struct{}, n)}
	for i := range o.finished {
		o.finished[i] = make(chan struct{})
	}
	return o
}

// wait returns when everything before i is done, or has been waited for long enough.
func (o *order) wait(i int) {
	timer := time.NewTimer(o.patience)
	defer timer.Stop()
	for _, before := range o.finished[:i] {
		select {
		case <-before:
		case <-timer.C:
			return
		}
	}
}

// done says that i is; it is said once.
func (o *order) done(i int) { close(o.finished[i]) }
