package engine

import (
	"context"
	"sync"
	"sync/atomic"
	"time"
)

// EventKind says what happened.
type EventKind string

const (
	// SourceChecked: the origin has answered which revision it has.
	SourceChecked EventKind = "source_checked"
	// SourceFetched: a revision was fetched, and is in the cache.
	SourceFetched EventKind = "source_fetched"
	// SourceFailed: the origin could not be asked, or its files could not be had.
	SourceFailed EventKind = "source_failed"
	// GenerationLive: new calls of a package go to that version from now on.
	GenerationLive EventKind = "generation_live"
	// GenerationFailed: a version did not go live.
	GenerationFailed EventKind = "generation_failed"
	// GenerationRetired: a version has ended its calls, and is gone.
	GenerationRetired EventKind = "generation_retired"
	// GenerationReplaced: what executed a version was stopped, and the same version serves from a new start.
	GenerationReplaced EventKind = "generation_replaced"
	// GenerationQuarantined: a version was taken out of service, because its calls kept failing.
	GenerationQuarantined EventKind = "generation_quarantined"
	// CallStarted: a call has found its plugin, and goes to it.
	CallStarted EventKind = "call_started"
	// CallFinished: a call has ended. A call that found no plugin, or whose parameters do not hold, finishes without
	// having started.
	CallFinished EventKind = "call_finished"
)

// Outcomes of calls.
const (
	OutcomeSuccess     = "success"
	OutcomeFailure     = "failure"
	OutcomePanic       = "panic"
	OutcomeInvalid     = "invalid"
	OutcomeTimeout     = "timeout"
	OutcomeBusy        = "busy"
	OutcomeCancelled   = "cancelled"
	OutcomeStopped     = "stopped"
	OutcomeNotFound    = "not_found"
	OutcomeQuarantined = "quarantined"
	OutcomeFault       = "fault"
)

// Event is something that happened in an engine. Fields that its kind has no use for are zero.
type Event struct {
	// Seq counts the events of an engine from 1.
	Seq  uint64    `json:"seq"`
	Time time.Time `json:"time"`
	Kind EventKind `json:"kind"`
	// Source, Package (SOURCE/PATH) and Plugin say what it is about.
	Source  string `json:"source,omitempty"`
	Package string `json:"package,omitempty"`
	Plugin  string `json:"plugin,omitempty"`
	// Revision and Digest are those of the tree.
	Revision string `json:"revision,omitempty"`
	Digest   string `json:"digest,omitempty"`
	// Call is the number of the call, which the log lines of the call carry too.
	Call uint64 `json:"call,omitempty"`
	// Outcome is how a call has ended.
	Outcome string `json:"outcome,omitempty"`
	// DurationMS is how long it took, in milliseconds.
	DurationMS float64 `json:"duration_ms,omitempty"`
	// Error is what went wrong, and Err the same as an error.
	Error string `json:"error,omitempty"`
	Err   error  `json:"-"`
	// Lost is the number of events before this one that a slow reader of Events did not get.
	Lost uint64 `json:"lost,omitempty"`

	// news: it is not the same error as before.
	news bool
}

// eventBuffer is how many events wait for a reader.
const eventBuffer = 256

// Events returns what happens from now on, until ctx ends or the engine is closed; the channel is closed then. A reader
// that is slow loses the oldest events, and is told how many: the engine does not wait for it.
func (e *Engine) Events(ctx context.Context) <-chan Event { return e.events.subscribe(ctx, e.closing) }

// Observe has f called for each event, in order for each package and call, and without loss, by whatever makes it
// happen: f returns soon, allows concurrent calls, and does not call the engine. It is called until the engine is closed.
func (e *Engine) Observe(f func(Event)) { e.events.observe(f) }

// events hands events on. The zero value is ready, and has nobody to hand them to.
type events struct {
	seq       atomic.Uint64
	observers atomic.Pointer[[]func(Event)]
	listening atomic.Int64 // observers and readers

	mu      sync.Mutex
	readers map[*reader]struct{}
}

// reader is one that Events returned a channel to. Its lock is that of its events.
type reader struct {
	ch   chan Event
	lost uint64
}

func (ev *events) observe(f func(Event)) {
	ev.mu.Lock()
	defer ev.mu.Unlock()
	var all []func(Event)
	if old := ev.observers.Load(); old != nil {
		all = append(all, *old...)
	}
	all = append(all, f)
	ev.observers.Store(&all)
	ev.listening.Add(1)
}

func (ev *events) subscribe(ctx, closing context.Context) <-chan Event {
	r := &reader{ch: make(chan Event, eventBuffer)}
	ev.mu.Lock()
	if ev.readers == nil {
		ev.readers = make(map[*reader]struct{})
	}
	ev.readers[r] = struct{}{}
	ev.listening.Add(1)
	ev.mu.Unlock()
	var once sync.Once
	leave := func() {
		once.Do(func() {
			ev.mu.Lock()
			defer ev.mu.Unlock()
			delete(ev.readers, r)
			ev.listening.Add(-1)
			close(r.ch)
		})
	}
	context.AfterFunc(ctx, leave)
	context.AfterFunc(closing, leave)
	return r.ch
}

// wanted reports whether anybody hears of events. It costs next to nothing.
func (ev *events) wanted() bool { return ev.listening.Load() > 0 }

// emit hands an event to all who want it.
func (ev *events) emit(event Event) {
	if !ev.wanted() {
		return
	}
	if event.Time.IsZero() {
		event.Time = time.Now()
	}
	if event.Err != nil {
		event.Error = event.Err.Error()
	}
	event.Seq = ev.seq.Add(1)
	if observers := ev.observers.Load(); observers != nil {
		for _, f := range *observers {
			f(event)
		}
	}
	ev.mu.Lock()
	defer ev.mu.Unlock()
	for r := range ev.readers {
		r.put(event)
	}
}

// put queues an event, in place of the oldest where there is no room.
func (r *reader) put(event Event) {
	for {
		event.Lost = r.lost
		select {
		case r.ch <- event:
			r.lost = 0
			return
		default:
		}
		select {
		case oldest := <-r.ch:
			r.lost += 1 + oldest.Lost
		default: // the reader was faster
		}
	}
}
