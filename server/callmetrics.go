package server

import (
	"sync"
	"unicode/utf8"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/scriptd/scriptd/engine"
)

// callMetrics counts calls. What it has to look up by labels it looks up once.
type callMetrics struct {
	total    *prometheus.CounterVec
	duration *prometheus.HistogramVec
	plugins  names

	mu     sync.RWMutex
	series map[callLabels]callSeries
}

type callLabels struct{ plugin, outcome string }

// callSeries are the metrics of one plugin and outcome. The duration is nil for outcomes of calls that may not have
// reached the plugin.
type callSeries struct {
	count    prometheus.Counter
	duration prometheus.Observer
}

// observe counts a call that has ended. Names that no plugin has are counted under none, so that nobody can fill the
// registry.
func (c *callMetrics) observe(e engine.Event) {
	labels := callLabels{e.Plugin, e.Outcome}
	if e.Outcome == engine.OutcomeNotFound {
		labels.plugin = ""
	}
	c.mu.RLock()
	s, ok := c.series[labels]
	c.mu.RUnlock()
	if !ok {
		s = c.find(labels)
	}
	s.count.Inc()
	if s.duration != nil {
		s.duration.Observe(e.DurationMS / 1000)
	}
}

func (c *callMetrics) find(labels callLabels) callSeries {
	name := c.plugins.bounded(labels.plugin)
	s := callSeries{count: c.total.WithLabelValues(name, labels.outcome)}
	switch labels.outcome {
	case engine.OutcomeSuccess, engine.OutcomeFailure, engine.OutcomePanic, engine.OutcomeTimeout:
		s.duration = c.duration.WithLabelValues(name)
	}
	if name != labels.plugin {
		return s // one of those that are too many
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.series == nil {
		c.series = make(map[callLabels]callSeries)
	}
	c.series[labels] = s
	return s
}

// maxNames is how many values a label gets that come from source code.
const maxNames = 10_000

// names are the values of a label.
type names struct {
	mu   sync.Mutex
	seen map[string]bool
}

// bounded returns the name, or "" for one that cannot be a label, and for a new one where there are as many as there may
// be.
func (n *names) bounded(name string) string {
	n.mu.Lock()
	defer n.mu.Unlock()
	switch {
	case n.seen[name]:
		return name
	case len(n.seen) >= maxNames, !utf8.ValidString(name):
		return ""
	case n.seen == nil:
		n.seen = make(map[string]bool)
	}
	n.seen[name] = true
	return name
}

// runningCalls are the calls that have started and not finished. Some finish without having started, and some have
// started before anybody counted: so they are known by their numbers. Calls that run at the same time seldom meet.
type runningCalls [16]struct {
	mu    sync.Mutex
	calls map[uint64]struct{}
}

func (r *runningCalls) start(call uint64) {
	part := &r[call%uint64(len(r))]
	part.mu.Lock()
	defer part.mu.Unlock()
	if part.calls == nil {
		part.calls = make(map[uint64]struct{})
	}
	part.calls[call] = struct{}{}
}

func (r *runningCalls) finish(call uint64) {
	part := &r[call%uint64(len(r))]
	part.mu.Lock()
	defer part.mu.Unlock()
	delete(part.calls, call)
}

func (r *runningCalls) count() int {
	n := 0
	for i := range r {
		part := &r[i]
		part.mu.Lock()
		n += len(part.calls)
		part.mu.Unlock()
	}
	return n
}
