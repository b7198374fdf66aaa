package server

import (
	"net/http"
	"sync/atomic"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/scriptd/scriptd/engine"
)

// metrics has a registry of its own: two servers in one process do not meet.
type metrics struct {
	registry *prometheus.Registry
	calls    callMetrics
	running  runningCalls
	packages names
	syncs    *prometheus.CounterVec
	reloads  *prometheus.CounterVec
	retired  prometheus.Counter
	replaced prometheus.Counter
	sessions sessionMetrics
}

// sessionMetrics count sessions, of which no more than may be open at a time.
type sessionMetrics struct {
	open  atomic.Int64
	total prometheus.Counter
}

// enter is false where most are open. A session that has entered is to be counted out.
func (m *sessionMetrics) enter(most int) bool {
	for {
		n := m.open.Load()
		if n >= int64(most) {
			return false
		}
		if m.open.CompareAndSwap(n, n+1) {
			return true
		}
	}
}

// newMetrics returns the metrics of an engine, which are fed by what it tells of from now on.
func newMetrics(eng *engine.Engine) *metrics {
	m := &metrics{
		registry: prometheus.NewRegistry(),
		calls: callMetrics{
			total:    counters("scriptd_calls_total", "Calls of plugins, by plugin and outcome.", "plugin", "outcome"),
			duration: callDurations(),
		},
		syncs:    counters("scriptd_syncs_total", "What origins were asked for, by source and outcome.", "source", "outcome"),
		reloads:  counters("scriptd_reloads_total", "Versions of packages that went live, and that did not.", "package", "outcome"),
		retired:  counter("scriptd_retired_total", "Versions of packages that have ended their calls, and are gone."),
		replaced: counter("scriptd_replaced_total", "Versions of packages that were stopped and started anew."),
	}
	m.sessions.total = counter("scriptd_sessions_total", "Sessions of clients that call implementations of contracts.")
	m.registry.MustRegister(
		m.sessions.total,
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: "scriptd_sessions", Help: "Sessions that are open.",
		}, func() float64 { return float64(m.sessions.open.Load()) }),
		m.calls.total, m.calls.duration, m.syncs, m.reloads, m.retired, m.replaced, &engineState{eng},
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: "scriptd_calls_running", Help: "Calls that have reached a plugin and have not ended.",
		}, func() float64 { return float64(m.running.count()) }),
		collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
	)
	eng.Observe(m.observe)
	return m
}

func counter(name, help string) prometheus.Counter {
	return prometheus.NewCounter(prometheus.CounterOpts{Name: name, Help: help})
}

func counters(name, help string, labels ...string) *prometheus.CounterVec {
	return prometheus.NewCounterVec(prometheus.CounterOpts{Name: name, Help: help}, labels)
}

func callDurations() *prometheus.HistogramVec {
	return prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name:    "scriptd_call_duration_seconds",
		Help:    "Duration of calls that reached a plugin.",
		Buckets: []float64{.0001, .0005, .001, .005, .01, .05, .1, .5, 1, 5, 10, 60},
	}, []string{"plugin"})
}

// Outcomes of what is not a call, as the label outcome.
const (
	outcomeChecked = "checked"
	outcomeFetched = "fetched"
	outcomeFailed  = "failed"
	outcomeLive    = "live"
)

// observe counts an event.
func (m *metrics) observe(e engine.Event) {
	switch e.Kind {
	case engine.CallStarted:
		m.running.start(e.Call)
	case engine.CallFinished:
		m.running.finish(e.Call)
		m.calls.observe(e)
	case engine.SourceChecked:
		m.syncs.WithLabelValues(e.Source, outcomeChecked).Inc()
	case engine.SourceFetched:
		m.syncs.WithLabelValues(e.Source, outcomeFetched).Inc()
	case engine.SourceFailed:
		m.syncs.WithLabelValues(e.Source, outcomeFailed).Inc()
	case engine.GenerationLive:
		m.reloads.WithLabelValues(m.packages.bounded(e.Package), outcomeLive).Inc()
	case engine.GenerationFailed:
		m.reloads.WithLabelValues(m.packages.bounded(e.Package), outcomeFailed).Inc()
	case engine.GenerationRetired:
		m.retired.Inc()
	case engine.GenerationReplaced:
		m.replaced.Inc()
	case engine.GenerationQuarantined: // the state of the package says so
	}
}

func (m *metrics) handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{Registry: m.registry})
}
