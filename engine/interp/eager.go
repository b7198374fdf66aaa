package interp

import (
	goruntime "runtime"
	"sync/atomic"
)

const (
	// eagerTurns is how often a caller lets others run, in the hope that the answer is there then: some ten microseconds,
	// where nothing else runs.
	eagerTurns = 40
	// maxHope bounds how many answers in vain it takes to give hope up.
	maxHope = 8
	// retryHope is one in how many calls is tried again without hope.
	retryHope = 64
)

// eager is how a caller waits for short calls: it stays runnable, and looks for the answer, since to sleep and to be woken
// takes longer than they do. Where calls turn out to be long, it gives that up. The zero value is ready.
type eager struct {
	hope  atomic.Int32 // less than zero: there is none
	calls atomic.Uint32
}

// wait reports whether there is an answer to be had now.
func (e *eager) wait(answered <-chan struct{}) bool {
	hope := e.hope.Load()
	if hope < 0 && e.calls.Add(1)%retryHope != 0 {
		return false
	}
	for range eagerTurns {
		goruntime.Gosched()
		if len(answered) > 0 {
			if hope < maxHope {
				e.hope.Store(hope + 1)
			}
			return true
		}
	}
	e.hope.Store(max(hope-1, -maxHope))
	return false
}
