package worker

import (
	"cmp"
	"log/slog"
	"time"

	"github.com/scriptd/scriptd/engine/symbols"
)

// Options are for New. The zero value is good defaults.
type Options struct {
	// Dir is where a private folder is made for the sockets of the processes. Empty is the system's folder for temporary
	// files.
	Dir string
	// Log receives what there is to say about the processes. What packages log goes to theirs. Nil is silent.
	Log *slog.Logger
	// Spares is how many processes wait for a package, so that a load does not wait for a process. Zero is one, a negative
	// number none.
	Spares int
	// StartTimeout bounds the start of a process. Zero is 30 seconds.
	StartTimeout time.Duration
	// PingInterval is how often each process is asked whether it is there, and PingTimeout how long it may take to answer
	// before it is killed. Zero is 5 and 10 seconds.
	PingInterval, PingTimeout time.Duration
	// Idle is how long a package is not called before its process ends, to be started again by the next call. Zero is never.
	Idle time.Duration
	// Universe is what packages may use. Nil is symbols.Std(). A process has of it what Serve was given.
	Universe *symbols.Universe
}

func (o Options) withDefaults() Options {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	o.Spares = max(cmp.Or(o.Spares, 1), 0)
	o.StartTimeout = cmp.Or(o.StartTimeout, 30*time.Second)
	o.PingInterval = cmp.Or(o.PingInterval, 5*time.Second)
	if o.Universe == nil {
		o.Universe = symbols.Std()
	}
	o.PingTimeout = cmp.Or(o.PingTimeout, 10*time.Second)
	return o
}
