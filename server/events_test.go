package server_test

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/scriptd/scriptd/engine"
	"github.com/scriptd/scriptd/server"
)

// sse is an answer of server-sent events, as a client reads it.
type sse struct {
	resp  *http.Response
	lines *bufio.Scanner
	leave context.CancelFunc
}

// patience is how long a test waits for what has to come. It is reached only where the test fails.
const patience = 20 * time.Second

// follow begins to read a stream.
func follow(t *testing.T, method, url, body string) *sse {
	t.Helper()
	ctx, leave := context.WithTimeout(t.Context(), patience)
	t.Cleanup(leave)
	req, err := http.NewRequestWithContext(ctx, method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Accept", "text/event-stream")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { resp.Body.Close() })
	if typ := resp.Header.Get("Content-Type"); resp.StatusCode != http.StatusOK || typ != "text/event-stream" {
		text, _ := io.ReadAll(resp.Body)
		t.Fatalf("status %d, content type %q: %s", resp.StatusCode, typ, text)
	}
	return &sse{resp, bufio.NewScanner(resp.Body), leave}
}

// next returns the next event, or false where the stream has ended.
func (s *sse) next(t *testing.T) (kind, data string, ok bool) {
	t.Helper()
	for s.lines.Scan() {
		line := s.lines.Text()
		switch {
		case line == "" && kind != "":
			return kind, data, true
		case strings.HasPrefix(line, "event: "):
			kind = strings.TrimPrefix(line, "event: ")
		case strings.HasPrefix(line, "data: "):
			data = strings.TrimPrefix(line, "data: ")
		}
	}
	return "", "", false
}

func TestEvents(t *testing.T) {
	eng := newEngine(t, map[string]string{"tests/tests.go": pluginSource})
	srv := httptest.NewServer(server.New(eng, nil))
	t.Cleanup(srv.Close) // after the streams have been left
	all := follow(t, "GET", srv.URL+"/v1/events", "")
	some := follow(t, "GET", srv.URL+"/v1/events?kind=call_finished&kind=generation_live&source=local&package=local/tests", "")
	send(t, "POST", srv.URL+"/v1/plugins/hello/run", "", nil)
	send(t, "POST", srv.URL+"/v1/plugins/nothing/run", "", nil)
	if _, err := eng.Call(t.Context(), "fail", nil); err != nil {
		t.Fatal(err)
	}
	type event struct{ kind, plugin, outcome string }
	tests := []struct {
		name   string
		stream *sse
		want   []event
	}{
		{"all", all, []event{
			{"call_started", "hello", ""},
			{"call_finished", "hello", "success"},
			{"call_finished", "nothing", "not_found"},
			{"call_started", "fail", ""},
			{"call_finished", "fail", "failure"},
		}},
		{"some", some, []event{{"call_finished", "hello", "success"}, {"call_finished", "fail", "failure"}}},
	}
	for _, tt := range tests {
		var seq uint64
		for _, want := range tt.want {
			kind, data, ok := tt.stream.next(t)
			if !ok {
				t.Fatalf("%s: no event, want %v: %v", tt.name, want, tt.stream.lines.Err())
			}
			var e engine.Event
			if err := json.Unmarshal([]byte(data), &e); err != nil {
				t.Fatal(err)
			}
			if got := (event{kind, e.Plugin, e.Outcome}); got != want || e.Kind != engine.EventKind(kind) {
				t.Errorf("%s: got %v, want %v", tt.name, got, want)
			}
			if e.Seq <= seq || e.Time.IsZero() {
				t.Errorf("%s: event %d at %s after event %d", tt.name, e.Seq, e.Time, seq)
			}
			seq = e.Seq
		}
	}
}

func TestEventsEndWithTheEngine(t *testing.T) {
	eng := newEngine(t, map[string]string{"tests/tests.go": pluginSource})
	srv := httptest.NewServer(server.New(eng, nil))
	t.Cleanup(srv.Close) // after the streams have been left
	stream := follow(t, "GET", srv.URL+"/v1/events?kind=source_failed", "")
	if err := eng.Close(); err != nil {
		t.Fatal(err)
	}
	if kind, data, ok := stream.next(t); ok {
		t.Errorf("got %s %s", kind, data)
	}
}

// Serve does not wait for clients that follow events.
func TestServeEndsEvents(t *testing.T) {
	s := serve(t, nil)
	stream := follow(t, "GET", s.url+"/v1/events?kind=source_failed", "")
	start := time.Now()
	s.stop()
	if err := <-s.done; err != nil {
		t.Errorf("Serve: %v", err)
	}
	if took := time.Since(start); took > 10*time.Second {
		t.Errorf("Serve took %s to stop", took)
	}
	if kind, data, ok := stream.next(t); ok {
		t.Errorf("got %s %s", kind, data)
	}
	if err := stream.lines.Err(); err != nil {
		t.Errorf("the answer broke off: %v", err)
	}
}

// As many clients as may follow events, and no more; one that leaves makes room.
func TestEventStreamsAreBounded(t *testing.T) {
	srv := start(t, &server.Options{MaxEventStreams: 1})
	first := follow(t, "GET", srv.URL+"/v1/events", "")
	got := send(t, "GET", srv.URL+"/v1/events", "", nil)
	wantProblem(t, got, http.StatusTooManyRequests, "1 clients follow the events")
	if got.header.Get("Retry-After") == "" {
		t.Error("no Retry-After")
	}
	first.leave()
	for deadline := time.Now().Add(10 * time.Second); ; {
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond) // a stream does not end by itself
		got, err := do(ctx, "GET", srv.URL+"/v1/events", "", nil)
		cancel()
		if got.status == http.StatusOK && err != nil {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("status %d, %v", got.status, err)
		}
	}
}

func TestEventsOfNothing(t *testing.T) {
	srv := start(t, nil)
	tests := []struct{ name, query, detail string }{
		{"a kind that is not", "kind=call_begun", "there are source_checked, source_fetched"},
		{"a source that is not", "source=nothing", `no source is named "nothing"`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			wantProblem(t, send(t, "GET", srv.URL+"/v1/events?"+tt.query, "", nil), http.StatusBadRequest, tt.detail)
		})
	}
	got := send(t, "HEAD", srv.URL+"/v1/events", "", nil)
	if got.status != http.StatusOK || got.header.Get("Content-Type") != "text/event-stream" {
		t.Errorf("HEAD: status %d, %v", got.status, got.header)
	}
}
