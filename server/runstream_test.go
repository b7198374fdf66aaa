package server_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/scriptd/scriptd/server"
)

// talkSource is a package whose plugins tell how far they are.
const talkSource = `package talk

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/scriptd/scriptd/plugin"
)

type Gate struct {
	URL string ` + "`json:\"url\"`" + `
}

func Register(r *plugin.Registrar) error {
	return errors.Join(
		r.Add(plugin.Spec{Name: "walk", Timeout: 20 * time.Second}, walk),
		r.Add(plugin.Spec{Name: "chatter", Timeout: 20 * time.Second}, chatter),
		r.Add(plugin.Spec{Name: "silent"}, func(context.Context) error { return errors.New("out of paper") }),
		r.Add(plugin.Spec{Name: "overrun", Timeout: 20 * time.Millisecond}, func(ctx context.Context) error {
			<-ctx.Done()
			return ctx.Err()
		}),
		r.Add(plugin.Spec{Name: "stumble", Timeout: 500 * time.Millisecond}, func(ctx context.Context) error {
			plugin.Progress(ctx, 1, 2, "half way")
			<-ctx.Done()
			return ctx.Err()
		}),
	)
}

// walk tells of its first step, and of the others when it is let go on.
func walk(ctx context.Context, p Gate) (string, error) {
	plugin.Progress(ctx, 1, 3, "left <foot>")
	plugin.Log(ctx).Warn("mind the step", "height", 7)
	if err := pass(ctx, p.URL); err != nil {
		return "", err
	}
	plugin.Progress(ctx, 2, 3, "right foot")
	plugin.Progress(ctx, 3, 3, "there")
	return "there", nil
}

// chatter says more than anybody reads, then tells the gate so.
func chatter(ctx context.Context, p Gate) (string, error) {
	line := strings.Repeat("blah ", 400)
	for i := range 5000 {
		plugin.Progress(ctx, i, 5000, line)
		plugin.Log(ctx).Info(line, "i", i)
	}
	return "said", pass(ctx, p.URL)
}

func pass(ctx context.Context, url string) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	return resp.Body.Close()
}
`

func startTalk(t *testing.T, opts *server.Options) *httptest.Server {
	t.Helper()
	srv := httptest.NewServer(server.New(newEngine(t, map[string]string{"talk/talk.go": talkSource}), opts))
	t.Cleanup(srv.Close)
	return srv
}

// envelope is what the tests look at in an answer.
type envelope struct {
	Success bool
	Data    any
	Error   string
	Plugin  string
	Digest  string
}

// wantProgress reads the next event of progress.
func wantProgress(t *testing.T, s *sse, want string) {
	t.Helper()
	kind, data, ok := s.next(t)
	for ok && kind == "log" {
		kind, data, ok = s.next(t)
	}
	if kind != "progress" || data != want {
		t.Errorf("event %q, %s, %v; want progress %s", kind, data, s.lines.Err(), want)
	}
}

// wantEnd reads the last event of a call, and that the stream ends with it.
func wantEnd(t *testing.T, s *sse, kind string, into any) {
	t.Helper()
	got, data, ok := s.next(t)
	for ok && (got == "progress" || got == "log") {
		got, data, ok = s.next(t)
	}
	if !ok || got != kind {
		t.Fatalf("event %q, %t, want %s: %s", got, ok, kind, data)
	}
	if err := json.Unmarshal([]byte(data), into); err != nil {
		t.Fatalf("%s: %v", data, err)
	}
	if got, data, ok := s.next(t); ok {
		t.Errorf("event %s after the end: %s", got, data)
	}
	if err := s.lines.Err(); err != nil {
		t.Errorf("the answer broke off: %v", err)
	}
}

func TestRunIsToldOf(t *testing.T) {
	srv, gate := startTalk(t, nil), newGate(t)
	s := follow(t, "POST", srv.URL+"/v1/plugins/walk/run", gate.params())
	wantProgress(t, s, `{"done":1,"total":3,"note":"left <foot>"}`)
	<-gate.entered
	close(gate.open)
	// The last that it says comes before the answer, however soon that is.
	wantProgress(t, s, `{"done":3,"total":3,"note":"there"}`)
	var res envelope
	wantEnd(t, s, "result", &res)
	if !res.Success || res.Data != "there" || res.Plugin != "walk" || res.Digest == "" {
		t.Errorf("got %+v", res)
	}
}

func TestRunTellsItsLog(t *testing.T) {
	srv, gate := startTalk(t, nil), newGate(t)
	s := follow(t, "POST", srv.URL+"/v1/plugins/walk/run", gate.params())
	<-gate.entered
	var line struct {
		Time           time.Time
		Level, Message string
		Attrs          map[string]any
	}
	for {
		kind, data, ok := s.next(t)
		if !ok {
			t.Fatalf("no log: %v", s.lines.Err())
		}
		if kind != "log" {
			continue
		}
		if err := json.Unmarshal([]byte(data), &line); err != nil {
			t.Fatal(err)
		}
		break
	}
	close(gate.open)
	if line.Time.IsZero() || line.Level != "WARN" || line.Message != "mind the step" || line.Attrs["height"] != 7.0 {
		t.Errorf("got %+v", line)
	}
	wantEnd(t, s, "result", &envelope{})
}

func TestRunStreamEnds(t *testing.T) {
	srv := startTalk(t, nil)
	t.Run("a failure", func(t *testing.T) {
		var res envelope
		wantEnd(t, follow(t, "POST", srv.URL+"/v1/plugins/silent/run", ""), "result", &res)
		if res.Success || res.Error != "out of paper" {
			t.Errorf("got %+v", res)
		}
	})
	t.Run("a problem after the first event", func(t *testing.T) {
		var p problem
		wantEnd(t, follow(t, "POST", srv.URL+"/v1/plugins/stumble/run", ""), "problem", &p)
		if p.Status != http.StatusGatewayTimeout || p.Title != "Gateway Timeout" || p.Instance != "/v1/plugins/stumble/run" ||
			!strings.Contains(p.Detail, "timed out") {
			t.Errorf("got %+v", p)
		}
	})
}

// What is known before the first event has the answer that it has without events.
func TestRunStreamProblems(t *testing.T) {
	srv := startTalk(t, &server.Options{MaxBodyBytes: 1000})
	tests := []struct {
		name, plugin, body string
		status             int
		detail             string
	}{
		{"an unknown plugin", "nothing", "", 404, "no such plugin"},
		{"no JSON", "walk", "{", 400, "ends too early"},
		{"invalid parameters", "walk", "{}", 422, "invalid parameters"},
		{"a body that is too large", "walk", strings.Repeat(" ", 1001), 413, "larger than"},
		{"a call that takes too long", "overrun", "", 504, "timed out"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := send(t, "POST", srv.URL+"/v1/plugins/"+tt.plugin+"/run", tt.body, func(r *http.Request) {
				r.Header.Set("Accept", "text/event-stream")
			})
			wantProblem(t, got, tt.status, tt.detail)
		})
	}
}

// A client that goes away cancels the call, whether it is told of it or not.
func TestRunIsLeft(t *testing.T) {
	srv := startTalk(t, nil)
	for _, accept := range []string{"text/event-stream", "application/json"} {
		t.Run(accept, func(t *testing.T) {
			gate := newGate(t)
			ctx, leave := context.WithCancel(t.Context())
			defer leave()
			left := make(chan error, 1)
			go func() {
				_, err := do(ctx, "POST", srv.URL+"/v1/plugins/walk/run", gate.params(), func(r *http.Request) { r.Header.Set("Accept", accept) })
				left <- err
			}()
			select {
			case <-gate.entered:
			case err := <-left:
				t.Fatalf("the call was not made: %v", err)
			}
			leave()
			if err := <-left; err == nil {
				t.Error("the client has had an answer")
			}
			select {
			case <-gate.left:
			case <-time.After(patience):
				t.Error("the call goes on")
			}
		})
	}
}

// A plugin does not wait for a client that does not read, and the client misses neither the end nor that it missed
// something.
func TestChatterDoesNotWait(t *testing.T) {
	srv, gate := startTalk(t, nil), newGate(t)
	s := follow(t, "POST", srv.URL+"/v1/plugins/chatter/run", gate.params())
	select {
	case <-gate.entered:
	case <-time.After(patience):
		t.Fatal("the plugin waits for the client")
	}
	close(gate.open)
	var res envelope
	wantEnd(t, s, "result", &res)
	if res.Data != "said" {
		t.Errorf("got %+v", res)
	}
}

// A call is waited for when the server stops, and its client hears of the end.
func TestServeEndsRunStreams(t *testing.T) {
	eng := newEngine(t, map[string]string{"talk/talk.go": talkSource})
	s := serveEngine(t, eng, nil)
	gate := newGate(t)
	stream := follow(t, "POST", s.url+"/v1/plugins/walk/run", gate.params())
	<-gate.entered
	s.stop()
	close(gate.open)
	wantEnd(t, stream, "result", &envelope{})
	if err := <-s.done; err != nil {
		t.Errorf("Serve: %v", err)
	}
}
