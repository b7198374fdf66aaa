package plugins_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/scriptd/scriptd/config"
	"github.com/scriptd/scriptd/engine"
)

const token = "open-sesame"

// world is what the examples talk to, on one loopback server: a service, a search API and a Kubernetes API server.
func world(t *testing.T) *httptest.Server {
	t.Helper()
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthy", func(http.ResponseWriter, *http.Request) {})
	mux.HandleFunc("GET /search", func(w http.ResponseWriter, r *http.Request) {
		switch q := r.URL.Query().Get("q"); {
		case r.Header.Get("Authorization") != "Bearer "+token:
			w.WriteHeader(http.StatusUnauthorized)
		case q == "busy":
			w.WriteHeader(http.StatusServiceUnavailable)
		default:
			fmt.Fprintf(w, `{"query": %q, "limit": %s}`, q, r.URL.Query().Get("limit"))
		}
	})
	const web = `{"metadata": {"name": "web", "namespace": "default", "generation": 2},
		"spec": {"strategy": {"type": "RollingUpdate"}, "template": {"metadata": {"annotations": %s}}}}`
	mux.HandleFunc("GET /apis/apps/v1/namespaces/default/deployments/web", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintf(w, web, "{}")
	})
	mux.HandleFunc("PATCH /apis/apps/v1/namespaces/default/deployments/web", func(w http.ResponseWriter, r *http.Request) {
		var patch struct {
			Spec struct {
				Template struct {
					Metadata struct{ Annotations json.RawMessage }
				}
			}
		}
		if err := json.NewDecoder(r.Body).Decode(&patch); err != nil {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		fmt.Fprintf(w, web, patch.Spec.Template.Metadata.Annotations)
	})
	srv := httptest.NewServer(mux)
	t.Cleanup(srv.Close)
	return srv
}

// start returns an engine that serves this folder, as a configuration file says.
func start(t *testing.T, url string) *engine.Engine {
	t.Helper()
	here, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("SCRIPTD_TEST_TOKEN", token)
	file := filepath.Join(t.TempDir(), "scriptd.yaml")
	text := fmt.Sprintf(`cache: {dir: cache}
sources:
  - name: examples
    filesystem: {path: %q}
    permissions: {net: ["127.0.0.1:*"]}
    packages:
      - path: hello
      - path: service_status
      - path: external_api
        config: {endpoint: "%s/search", token: "${env:SCRIPTD_TEST_TOKEN}"}
      - path: restart_deployment
        config: {server: %q}
`, here, url, url)
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	cfg, err := config.Load(file)
	if err != nil {
		t.Fatal(err)
	}
	eng, err := engine.New(t.Context(), cfg.Options())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := eng.Close(); err != nil {
			t.Error(err)
		}
	})
	for _, s := range eng.Sources() {
		if s.Error != "" {
			t.Fatal(s.Error)
		}
	}
	return eng
}

func TestThroughEngine(t *testing.T) {
	srv := world(t)
	eng := start(t, srv.URL)
	tests := []struct {
		name, plugin   string
		params         map[string]any
		data           string // in the JSON of the data
		err            string // in the error; empty for success
		retry, invalid bool
	}{
		{name: "default", plugin: "hello", data: `"hello, world"`},
		{name: "parameter", plugin: "hello", params: map[string]any{"name": "Ada"}, data: `"hello, Ada"`},
		{
			name: "healthy", plugin: "service_status", params: map[string]any{"service_url": srv.URL + "/healthy"},
			data: `"healthy":true`,
		},
		{
			name: "unhealthy", plugin: "service_status", params: map[string]any{"service_url": srv.URL + "/missing"},
			data: `"status_code":404`,
		},
		{
			name: "refused URL", plugin: "service_status", params: map[string]any{"service_url": "ftp://127.0.0.1/"},
			err: "service_url: want", invalid: true,
		},
		{
			name: "search", plugin: "external_api", params: map[string]any{"query": "x"},
			data: `"body":{"limit":20,"query":"x"}`,
		},
		{
			name: "worth a retry", plugin: "external_api", params: map[string]any{"query": "busy"},
			err: "503 Service Unavailable", retry: true,
		},
		{
			name: "restart", plugin: "restart_deployment", params: map[string]any{"deployment": "web"},
			data: `"generation":2,"name":"web","namespace":"default","restarted_at":"20`,
		},
		{
			name: "no such deployment", plugin: "restart_deployment", params: map[string]any{"deployment": "gone"},
			err: "no such deployment",
		},
	}
	for _, tt := range tests {
		t.Run(tt.plugin+"/"+tt.name, func(t *testing.T) {
			res, err := eng.Call(t.Context(), tt.plugin, tt.params)
			if err != nil {
				t.Fatal(err)
			}
			data, err := json.Marshal(res.Data)
			if err != nil {
				t.Fatal(err)
			}
			if res.Success != (tt.err == "") || !strings.Contains(string(data), tt.data) || !strings.Contains(res.Error, tt.err) ||
				res.Retry != tt.retry || res.Invalid != tt.invalid {
				t.Errorf("got %+v, want %+v", res, tt)
			}
		})
	}
}

// Calls that run at once do not see each other's parameters.
func TestThroughEngineConcurrently(t *testing.T) {
	srv := world(t)
	eng := start(t, srv.URL)
	var wg sync.WaitGroup
	for caller := range 8 {
		wg.Go(func() {
			for n := range 25 {
				query := fmt.Sprintf("%d-%d", caller, n)
				res, err := eng.Call(t.Context(), "external_api", map[string]any{"query": query, "limit": 1 + n})
				data, _ := json.Marshal(res.Data)
				if want := fmt.Sprintf(`{"limit":%d,"query":%q}`, 1+n, query); err != nil || !strings.Contains(string(data), want) {
					t.Errorf("%s: got %s, %v %s; want %s", query, data, err, res.Error, want)
				}
			}
		})
	}
	wg.Wait()
}
