package server_test

import (
	"strings"
	"testing"
)

func TestMetrics(t *testing.T) {
	srv := start(t, nil)
	for _, call := range []struct{ name, body string }{
		{"hello", ""},
		{"hello", `{"name": "Ada"}`},
		{"hello", `{"name": 5}`},
		{"fail", ""},
		{"refuse", ""},
		{"overrun", ""},
		{"made-up-1", ""},
		{"made-up-2", ""},
	} {
		send(t, "POST", srv.URL+"/v1/plugins/"+call.name+"/run", call.body, nil)
	}
	got := string(send(t, "GET", srv.URL+"/metrics", "", nil).body)
	for _, want := range []string{
		`scriptd_calls_total{outcome="success",plugin="hello"} 2`,
		`scriptd_calls_total{outcome="invalid",plugin="hello"} 1`,
		`scriptd_calls_total{outcome="failure",plugin="fail"} 1`,
		`scriptd_calls_total{outcome="invalid",plugin="refuse"} 1`,
		`scriptd_calls_total{outcome="timeout",plugin="overrun"} 1`,
		`scriptd_calls_total{outcome="not_found",plugin=""} 2`,
		`scriptd_call_duration_seconds_count{plugin="hello"} 2`,
		`scriptd_source_ready{source="local"} 1`,
		`scriptd_source_stale{source="local"} 0`,
		`scriptd_source_last_sync_timestamp_seconds{source="local"} `,
		`scriptd_plugins 5`,
		"go_goroutines ",
		"process_cpu_seconds_total ",
	} {
		if !strings.Contains(got, "\n"+want) {
			t.Errorf("no line %s", want)
		}
	}
	if strings.Contains(got, "made-up") {
		t.Error("a name that no plugin has became a label")
	}
}
