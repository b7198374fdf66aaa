package server

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/scriptd/scriptd/engine"
)

// relaying is a server that writes the events of a channel to whoever asks.
type relaying struct {
	*httptest.Server
	happened chan engine.Event
	stop     chan struct{}
	ended    chan error
}

func newRelaying(t *testing.T, times streamTimes, filter *eventFilter) *relaying {
	t.Helper()
	r := &relaying{happened: make(chan engine.Event), stop: make(chan struct{}), ended: make(chan error, 1)}
	s := New(&engine.Engine{}, nil)
	s.times = times
	r.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		st, err := s.openStream(w)
		if err == nil {
			asked := context.WithValue(req.Context(), servingKey{}, serving{stopping: r.stop, sessions: &sessions{}})
			err = s.relay(asked, st, r.happened, filter)
		}
		r.ended <- err
	}))
	t.Cleanup(r.Close)
	return r
}

// read returns the lines of the answer, as they come.
func (r *relaying) read(t *testing.T) <-chan string {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, r.URL, nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { resp.Body.Close() })
	if got := resp.Header; got.Get("Content-Type") != "text/event-stream" || got.Get("X-Accel-Buffering") != "no" {
		t.Errorf("header %v", got)
	}
	lines := make(chan string)
	go func() {
		defer close(lines)
		for sc := bufio.NewScanner(resp.Body); sc.Scan(); {
			lines <- sc.Text()
		}
	}()
	return lines
}

func wantLines(t *testing.T, lines <-chan string, want ...string) {
	t.Helper()
	for _, want := range want {
		if got, ok := <-lines; !ok || got != want {
			t.Fatalf("line %q, %t; want %q", got, ok, want)
		}
	}
}

var slow = streamTimes{keepAlive: time.Minute, write: time.Minute}

func TestEventsAreServerSent(t *testing.T) {
	r := newRelaying(t, slow, &eventFilter{})
	lines := r.read(t)
	wantLines(t, lines, ": events follow", "")
	at := time.Date(2026, 5, 1, 8, 0, 0, 0, time.UTC)
	r.happened <- engine.Event{Seq: 7, Time: at, Kind: engine.CallStarted, Plugin: "hello", Call: 3}
	wantLines(t, lines, "id: 7", "event: call_started",
		`data: {"seq":7,"time":"2026-05-01T08:00:00Z","kind":"call_started","plugin":"hello","call":3}`, "")
	r.happened <- engine.Event{Seq: 8, Time: at, Kind: engine.GenerationFailed, Package: "team/a", Error: "a.go:1:1: <no>\nand no"}
	wantLines(t, lines, "id: 8", "event: generation_failed",
		`data: {"seq":8,"time":"2026-05-01T08:00:00Z","kind":"generation_failed","package":"team/a","error":"a.go:1:1: <no>\nand no"}`, "")
	close(r.happened)
	if line, ok := <-lines; ok {
		t.Errorf("line %q after the last event", line)
	}
	if err := <-r.ended; err != nil {
		t.Errorf("got %v", err)
	}
}

func TestEventsEndWhenServeIsAskedToStop(t *testing.T) {
	r := newRelaying(t, slow, &eventFilter{})
	lines := r.read(t)
	wantLines(t, lines, ": events follow", "")
	close(r.stop)
	if err := <-r.ended; err != nil {
		t.Errorf("got %v", err)
	}
	if line, ok := <-lines; ok {
		t.Errorf("line %q", line)
	}
}

func TestQuietStreamIsKeptAlive(t *testing.T) {
	r := newRelaying(t, streamTimes{keepAlive: 5 * time.Millisecond, write: time.Minute}, &eventFilter{})
	lines := r.read(t)
	wantLines(t, lines, ": events follow", "", ": keep-alive", "", ": keep-alive", "")
	close(r.happened)
	for range lines { // to its end
	}
}

// A client that does not read is given up: nothing else would end its stream.
func TestClientThatDoesNotRead(t *testing.T) {
	r := newRelaying(t, streamTimes{keepAlive: time.Minute, write: 50 * time.Millisecond}, &eventFilter{})
	conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", r.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := conn.Write([]byte("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")); err != nil {
		t.Fatal(err)
	}
	long := engine.Event{Kind: engine.GenerationFailed, Error: strings.Repeat("no ", 20_000)}
	for sent := 0; ; sent++ {
		select {
		case r.happened <- long:
			continue
		case err = <-r.ended:
		case <-time.After(30 * time.Second):
			t.Fatal("the stream goes on")
		}
		if err == nil {
			t.Error("no error from a client that does not read")
		}
		if sent < 2 {
			t.Errorf("it ended after %d events", sent)
		}
		return
	}
}

func TestEventFilter(t *testing.T) {
	events := []engine.Event{
		{Seq: 1, Kind: engine.SourceChecked, Source: "team"},
		{Seq: 2, Kind: engine.GenerationLive, Source: "team", Package: "team/a"},
		{Seq: 3, Kind: engine.CallStarted, Source: "team", Package: "team/b", Lost: 4},
		{Seq: 4, Kind: engine.CallFinished, Source: "local", Package: "local/a", Lost: 1},
		{Seq: 5, Kind: engine.CallFinished, Source: "team", Package: "team/a"},
	}
	tests := []struct {
		name   string
		filter eventFilter
		want   string // the number of each event, and how many were lost before it
	}{
		{"everything", eventFilter{}, "1+0 2+0 3+4 4+1 5+0 "},
		{"a source", eventFilter{sources: set([]string{"local"})}, "4+5 "},
		{"a package", eventFilter{packages: set([]string{"team/a"})}, "2+0 5+5 "},
		{"two kinds", eventFilter{kinds: set([]string{"call_finished", "source_checked"})}, "1+0 4+5 5+0 "},
		{"a kind of a package", eventFilter{packages: set([]string{"team/a"}), kinds: set([]string{"call_finished"})}, "5+5 "},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var st stream
			for _, e := range events {
				if err := tt.filter.add(&st, e); err != nil {
					t.Fatal(err)
				}
			}
			got := ""
			for line := range strings.Lines(st.buf.String()) {
				if data, ok := strings.CutPrefix(line, "data: "); ok {
					var e engine.Event
					if err := json.Unmarshal([]byte(data), &e); err != nil {
						t.Fatal(err)
					}
					got += fmt.Sprintf("%d+%d ", e.Seq, e.Lost)
				}
			}
			if got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestStreamThatCannotBe(t *testing.T) {
	w := struct{ http.ResponseWriter }{httptest.NewRecorder()} // has no Flush
	if _, err := New(&engine.Engine{}, nil).openStream(w); err == nil {
		t.Error("no error from an answer that cannot be flushed")
	}
}
