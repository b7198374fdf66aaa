package server

import (
	"github.com/prometheus/client_golang/prometheus"

	"github.com/scriptd/scriptd/cache"
	"github.com/scriptd/scriptd/engine"
)

// engineState reads the engine at each scrape.
type engineState struct{ eng *engine.Engine }

var (
	pluginsDesc     = prometheus.NewDesc("scriptd_plugins", "Plugins that can be called.", nil, nil)
	abandonedDesc   = prometheus.NewDesc("scriptd_abandoned_calls", "Calls that cannot be ended, and still run though their version is gone.", nil, nil)
	quarantinedDesc = prometheus.NewDesc("scriptd_quarantined", "1 where the package was taken out of service, because its calls kept failing.", []string{"package"}, nil)
	roleDesc        = prometheus.NewDesc("scriptd_source_role", "1 for the role of this scriptd: sync, serve or both.", []string{"source", "role"}, nil)
	readyDesc       = prometheus.NewDesc("scriptd_source_ready", "1 where the source serves a tree and all its packages.", []string{"source"}, nil)
	staleDesc       = prometheus.NewDesc("scriptd_source_stale", "1 where what serves may not be what the origin has.", []string{"source"}, nil)
	suspendedDesc   = prometheus.NewDesc("scriptd_source_suspended", "1 where the origin is not asked.", []string{"source"}, nil)
	staleForDesc    = prometheus.NewDesc("scriptd_source_stale_seconds", "How long what serves may not have been what the origin has.", []string{"source"}, nil)
	requestsDesc    = prometheus.NewDesc("scriptd_source_poll_requests", "Requests of the last poll.", []string{"source"}, nil)
	bytesDesc       = prometheus.NewDesc("scriptd_source_poll_bytes", "Bytes of the last poll, in both directions.", []string{"source"}, nil)
	lastSyncDesc    = prometheus.NewDesc("scriptd_source_last_sync_timestamp_seconds", "When the origin was last heard of, in Unix time.", []string{"source"}, nil)
)

// Describe implements prometheus.Collector.
func (s *engineState) Describe(ch chan<- *prometheus.Desc) {
	ch <- pluginsDesc
	ch <- abandonedDesc
	ch <- quarantinedDesc
	ch <- roleDesc
	ch <- readyDesc
	ch <- staleDesc
	ch <- suspendedDesc
	ch <- staleForDesc
	ch <- requestsDesc
	ch <- bytesDesc
	ch <- lastSyncDesc
}

// Collect implements prometheus.Collector.
func (s *engineState) Collect(ch chan<- prometheus.Metric) {
	gauge := func(desc *prometheus.Desc, v float64, labels ...string) {
		ch <- prometheus.MustNewConstMetric(desc, prometheus.GaugeValue, v, labels...)
	}
	gauge(pluginsDesc, float64(len(s.eng.Plugins())))
	gauge(abandonedDesc, float64(s.eng.Abandoned()))
	for _, pkg := range s.eng.Packages() {
		gauge(quarantinedDesc, truth(pkg.State == cache.Quarantined), pkg.Package)
	}
	for _, src := range s.eng.Sources() {
		gauge(roleDesc, 1, src.Name, string(src.Role))
		gauge(readyDesc, truth(src.Ready), src.Name)
		gauge(staleDesc, truth(src.Stale), src.Name)
		gauge(suspendedDesc, truth(src.Suspended), src.Name)
		gauge(staleForDesc, float64(src.StaleSeconds), src.Name)
		gauge(requestsDesc, float64(src.Requests), src.Name)
		gauge(bytesDesc, float64(src.Bytes), src.Name)
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
