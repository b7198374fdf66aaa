package server

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/scriptd/scriptd/engine"
	"github.com/scriptd/scriptd/plugin"
)

// Outcomes of a call, as the label outcome.
const (
	outcomeSuccess   = "success"
	outcomeFailure   = "failure"
	outcomeInvalid   = "invalid"
	outcomeTimeout   = "timeout"
	outcomeBusy      = "busy"
	outcomeCancelled = "cancelled"
	outcomeNotFound  = "not_found"
	outcomeFault     = "fault"
)

func outcome(res plugin.Result, err error) string {
	switch {
	case errors.Is(err, engine.ErrNotFound):
		return outcomeNotFound
	case errors.Is(err, engine.ErrInvalid), err == nil && res.Invalid:
		return outcomeInvalid
	case errors.Is(err, engine.ErrTimeout):
		return outcomeTimeout
	case errors.Is(err, engine.ErrBusy):
		return outcomeBusy
	case errors.Is(err, context.Canceled):
		return outcomeCancelled
	case err != nil:
		return outcomeFault
	case res.Success:
		return outcomeSuccess
	default:
		return outcomeFailure
	}
}

// metrics has a registry of its own: two servers in one process do not meet.
type metrics struct {
	registry *prometheus.Registry
	calls    *prometheus.CounterVec
	duration *prometheus.HistogramVec
}

func newMetrics(eng *engine.Engine) *metrics {
	m := &metrics{
		registry: prometheus.NewRegistry(),
		calls: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "scriptd_calls_total",
			Help: "Calls of plugins, by plugin and outcome.",
		}, []string{"plugin", "outcome"}),
		duration: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name:    "scriptd_call_duration_seconds",
			Help:    "Duration of calls that reached a plugin.",
			Buckets: []float64{.0001, .0005, .001, .005, .01, .05, .1, .5, 1, 5, 10, 60},
		}, []string{"plugin"}),
	}
	m.registry.MustRegister(
		m.calls, m.duration, &engineState{eng},
		collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
	)
	return m
}

// observe counts a call. Names that no plugin has are counted under none, so that nobody can fill the registry.
func (m *metrics) observe(name, outcome string, d time.Duration) {
	if outcome == outcomeNotFound {
		name = ""
	}
	m.calls.WithLabelValues(name, outcome).Inc()
	switch outcome {
	case outcomeSuccess, outcomeFailure, outcomeTimeout:
		m.duration.WithLabelValues(name).Observe(d.Seconds())
	}
}

func (m *metrics) handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{Registry: m.registry})
}

// engineState reads the engine at each scrape.
type engineState struct{ eng *engine.Engine }

var (
	pluginsDesc  = prometheus.NewDesc("scriptd_plugins", "Plugins that can be called.", nil, nil)
	readyDesc    = prometheus.NewDesc("scriptd_source_ready", "1 where the source serves a tree and all its packages.", []string{"source"}, nil)
	staleDesc    = prometheus.NewDesc("scriptd_source_stale", "1 where what serves may not be what the origin has.", []string{"source"}, nil)
	lastSyncDesc = prometheus.NewDesc("scriptd_source_last_sync_timestamp_seconds", "When the origin was last heard of, in Unix time.", []string{"source"}, nil)
)

// Describe implements prometheus.Collector.
func (s *engineState) Describe(ch chan<- *prometheus.Desc) {
	ch <- pluginsDesc
	ch <- readyDesc
	ch <- staleDesc
	ch <- lastSyncDesc
}

// Collect implements prometheus.Collector.
func (s *engineState) Collect(ch chan<- prometheus.Metric) {
	gauge := func(desc *prometheus.Desc, v float64, labels ...string) {
		ch <- prometheus.MustNewConstMetric(desc, prometheus.GaugeValue, v, labels...)
	}
	gauge(pluginsDesc, float64(len(s.eng.Plugins())))
	for _, src := range s.eng.Sources() {
		gauge(readyDesc, truth(src.Ready), src.Name)
		gauge(staleDesc, truth(src.Stale), src.Name)
		if !src.LastSync.IsZero() {
			gauge(lastSyncDesc, float64(src.LastSync.UnixMilli())/1000, src.Name)
		}
	}
}

func truth(b bool) float64 {
	if b {
		return 1
	}
	return 0
}
