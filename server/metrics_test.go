package server_test

import (
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/scriptd/scriptd/server"
)

// Calls count wherever they come from, once each.
func TestMetrics(t *testing.T) {
	eng := newEngine(t, map[string]string{"tests/tests.go": pluginSource})
	srv := httptest.NewServer(server.New(eng, nil))
	defer srv.Close()
	if _, err := eng.Call(t.Context(), "hello", nil); err != nil {
		t.Fatal(err)
	}
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
		`scriptd_calls_total{outcome="success",plugin="hello"} 3`,
		`scriptd_calls_total{outcome="invalid",plugin="hello"} 1`,
		`scriptd_calls_total{outcome="failure",plugin="fail"} 1`,
		`scriptd_calls_total{outcome="invalid",plugin="refuse"} 1`,
		`scriptd_calls_total{outcome="timeout",plugin="overrun"} 1`,
		`scriptd_calls_total{outcome="not_found",plugin=""} 2`,
		`scriptd_call_duration_seconds_count{plugin="hello"} 3`,
		`scriptd_source_ready{source="local"} 1`,
		`scriptd_source_stale{source="local"} 0`,
		`scriptd_source_last_sync_timestamp_seconds{source="local"} `,
		`scriptd_plugins 5`,
		`scriptd_calls_running 0`,
		`scriptd_abandoned_calls 0`,
		`scriptd_quarantined{package="local/tests"} 0`,
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
