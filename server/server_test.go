package server_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/scriptd/scriptd/engine"
	"github.com/scriptd/scriptd/engine/runtime"
	"github.com/scriptd/scriptd/server"
	"github.com/scriptd/scriptd/sources/filesystem"
)

// pluginSource is a package with what the tests call.
const pluginSource = `package tests

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/scriptd/scriptd/plugin"
)

type Greeting struct {
	Name  string ` + "`json:\"name\" default:\"world\"`" + `
	Times int    ` + "`json:\"times\" default:\"1\" minimum:\"1\" maximum:\"3\"`" + `
}

type Gate struct {
	URL string ` + "`json:\"url\"`" + `
}

func Register(r *plugin.Registrar) error {
	return errors.Join(
		r.Add(plugin.Spec{Name: "hello", Description: "Greet <somebody>"}, hello),
		r.Add(plugin.Spec{Name: "fail"}, func(context.Context) error { return plugin.Retryable(errors.New("out of paper")) }),
		r.Add(plugin.Spec{Name: "refuse"}, func(context.Context) error { return plugin.Invalid("not today") }),
		r.Add(plugin.Spec{Name: "overrun", Timeout: 20 * time.Millisecond}, overrun),
		r.Add(plugin.Spec{Name: "gate", Concurrency: 1, Timeout: 10 * time.Second}, gate),
	)
}

func hello(_ context.Context, p Greeting) (string, error) { return "hello, " + p.Name, nil }

func overrun(ctx context.Context) error {
	<-ctx.Done()
	return ctx.Err()
}

func gate(ctx context.Context, p Gate) (int, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, p.URL, nil)
	if err != nil {
		return 0, err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, err
	}
	return resp.StatusCode, resp.Body.Close()
}
`

// newEngine serves a folder with files, which the test may change.
func newEngine(t *testing.T, files map[string]string) *engine.Engine {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		file := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	src, err := filesystem.New(filesystem.Options{Path: dir})
	if err != nil {
		t.Fatal(err)
	}
	eng, err := engine.New(t.Context(), engine.Options{Sources: []engine.Source{{
		Name: "local", Type: "filesystem", Origin: dir, From: src,
		Permissions: runtime.Permissions{Net: []string{"127.0.0.1:*"}},
	}}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := eng.Close(); err != nil {
			t.Error(err)
		}
	})
	return eng
}

// start serves the plugins of pluginSource.
func start(t *testing.T, opts *server.Options) *httptest.Server {
	t.Helper()
	srv := httptest.NewServer(server.New(newEngine(t, map[string]string{"tests/tests.go": pluginSource}), opts))
	t.Cleanup(srv.Close)
	return srv
}

// answer is a response, read to its end.
type answer struct {
	status int
	header http.Header
	body   []byte
}

func (a answer) decode(t *testing.T, into any) {
	t.Helper()
	if err := json.Unmarshal(a.body, into); err != nil {
		t.Fatalf("body %s: %v", a.body, err)
	}
}

// send sends a request; change may adjust it before.
func send(t *testing.T, method, url, body string, change func(*http.Request)) answer {
	t.Helper()
	got, err := do(t.Context(), method, url, body, change)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// sendAside sends a request that is answered later, and reports the zero answer where it fails.
func sendAside(t *testing.T, method, url, body string) <-chan answer {
	t.Helper()
	later := make(chan answer, 1)
	go func() {
		got, err := do(t.Context(), method, url, body, nil)
		if err != nil {
			t.Error(err)
		}
		later <- got
	}()
	return later
}

func do(ctx context.Context, method, url, body string, change func(*http.Request)) (answer, error) {
	var r io.Reader = http.NoBody
	if body != "" {
		r = strings.NewReader(body)
	}
	req, err := http.NewRequestWithContext(ctx, method, url, r)
	if err != nil {
		return answer{}, err
	}
	if change != nil {
		change(req)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return answer{}, err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	return answer{resp.StatusCode, resp.Header, text}, err
}

func TestAnswers(t *testing.T) {
	srv := start(t, nil)
	tests := []struct {
		name, method, path, body, contentType string
		want                                  []string
	}{
		{"plugins", "GET", "/v1/plugins", "", "", []string{`[{"name":"fail",`, `"description":"Greet <somebody>"`, `"source":"local"`, `"package":"tests"`}},
		{"a plugin", "GET", "/v1/plugins/hello", "", "", []string{`"name":"hello"`, `"parameters":{`, `"default":"world"`, `"permissions":{"net":["127.0.0.1:*"]}`}},
		{"a call without a body", "POST", "/v1/plugins/hello/run", "", "", []string{`{"success":true,"data":"hello, world","message":"","error":"","retry":false,"plugin":"hello",`, `"digest":"sha256:`, `"duration_ms":`}},
		{"a call", "POST", "/v1/plugins/hello/run", `{"name": "<Ada>"}`, "application/json; charset=utf-8", []string{`"data":"hello, <Ada>"`}},
		{"a call as curl -d makes it", "POST", "/v1/plugins/hello/run", `{"name": "Ada"}`, "application/x-www-form-urlencoded", []string{`"data":"hello, Ada"`}},
		{"a call that fails", "POST", "/v1/plugins/fail/run", `{}`, "", []string{`{"success":false,"data":null,"message":"","error":"out of paper","retry":true,"plugin":"fail"`}},
		{"a call that the plugin refuses", "POST", "/v1/plugins/refuse/run", `{}`, "", []string{`"success":false`, `"error":"not today"`}},
		{"sources", "GET", "/v1/sources", "", "", []string{`[{"name":"local","type":"filesystem",`, `"ready":true,"stale":false`, `"error":""`}},
		{"a sync", "POST", "/v1/sources/local/sync", "", "", []string{`{"source":"local",`, `"changed":false`, `"error":""`}},
		{"a source's history", "GET", "/v1/sources/local/history?limit=1", "", "", []string{`[{"id":1,"at":"`, `"result":"changed"`, `"error":""`}},
		{"an older page of it", "GET", "/v1/sources/local/history?before=1", "", "", []string{`[]`}},
		{"a suspension", "POST", "/v1/sources/local/suspend", "", "", []string{`{"name":"local",`, `"suspended":true`}},
		{"its end", "POST", "/v1/sources/local/resume", "", "", []string{`{"name":"local",`, `"suspended":false`}},
		{"healthz", "GET", "/healthz", "", "", []string{`{"healthy":true}`}},
		{"readyz", "GET", "/readyz", "", "", []string{`{"ready":true}`}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := send(t, tt.method, srv.URL+tt.path, tt.body, func(r *http.Request) {
				if tt.contentType != "" {
					r.Header.Set("Content-Type", tt.contentType)
				}
			})
			if got.status != http.StatusOK {
				t.Fatalf("status %d: %s", got.status, got.body)
			}
			if typ := got.header.Get("Content-Type"); typ != "application/json" {
				t.Errorf("content type %q", typ)
			}
			if opt := got.header.Get("X-Content-Type-Options"); opt != "nosniff" {
				t.Errorf("X-Content-Type-Options %q", opt)
			}
			for _, want := range tt.want {
				if !strings.Contains(string(got.body), want) {
					t.Errorf("got %s, want it to contain %s", got.body, want)
				}
			}
		})
	}
}
