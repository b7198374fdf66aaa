package server

import (
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/scriptd/scriptd/engine"
)

// taken returns what a feed has to tell.
func taken(t *testing.T, f *feed) string {
	t.Helper()
	var st stream
	if _, err := f.take(&st, true); err != nil {
		t.Fatal(err)
	}
	return st.buf.String()
}

func TestFeedTellsTheLatest(t *testing.T) {
	f := newFeed()
	f.update(1, 3, "one")
	f.update(2, 3, "<two>\n")
	var st stream
	if progressed, err := f.take(&st, false); progressed || err != nil || st.buf.Len() > 0 {
		t.Errorf("got %s, %t, %v; want progress left for later", st.buf.String(), progressed, err)
	}
	if got, want := taken(t, f), "event: progress\ndata: {\"done\":2,\"total\":3,\"note\":\"<two>\\n\"}\n\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := taken(t, f); got != "" {
		t.Errorf("got %q again", got)
	}
	f.update(3, 3, strings.Repeat("ü", maxNoteBytes))
	if got := taken(t, f); strings.Count(got, "ü") != maxNoteBytes/2 {
		t.Errorf("%d letters of a note, want %d", strings.Count(got, "ü"), maxNoteBytes/2)
	}
	f.close()
	f.update(4, 4, "")
	slog.New(f.handler()).Info("late")
	if got := taken(t, f); got != "" {
		t.Errorf("got %q after the call", got)
	}
}

func TestFeedLog(t *testing.T) {
	f := newFeed()
	log := slog.New(f.handler()).With("plugin", "hello")
	log.Debug("too fine")
	log.Warn("low\non <paper>", "message", "mine", "time", 5, slog.Group("tray", "sheets", 2))
	got := regexp.MustCompile(`"time":"\d{4}-[^"]*"`).ReplaceAllString(taken(t, f), `"time":"T"`)
	want := "event: log\n" +
		`data: {"time":"T","level":"WARN","message":"low\non <paper>","attrs":{"plugin":"hello","message":"mine","time":5,"tray":{"sheets":2}}}` + "\n\n"
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestFeedIsBounded(t *testing.T) {
	tests := []struct {
		name, text string
		lines      int
		kept       int
	}{
		{"many", "x", 1000, maxLogs},
		{"long", strings.Repeat("x", maxLogBytes/4), 10, 3},
		{"one that is too long", strings.Repeat("x", maxLogBytes), 1, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := newFeed()
			log := slog.New(f.handler())
			for i := range tt.lines {
				log.Info(fmt.Sprint(tt.text, " ", i))
			}
			got := taken(t, f)
			if kept := strings.Count(got, `"message"`); kept != tt.kept {
				t.Errorf("%d lines, want %d", kept, tt.kept)
			}
			if want := fmt.Sprintf("event: log\ndata: {\"lost\":%d", tt.lines-tt.kept); !strings.HasPrefix(got, want) {
				t.Errorf("got %.80q, want it to begin with %q", got, want)
			}
			if last := fmt.Sprintf(` %d"}`, tt.lines-1); tt.kept > 0 && !strings.Contains(got, last) {
				t.Errorf("the last line is not there")
			}
			log.Info("short")
			if got := taken(t, f); strings.Contains(got, "lost") || !strings.Contains(got, "short") {
				t.Errorf("got %q afterwards", got)
			}
		})
	}
}

func TestFeedHammer(t *testing.T) {
	f := newFeed()
	log := slog.New(f.handler())
	var talking sync.WaitGroup
	for range 4 {
		talking.Go(func() {
			for i := range 1000 {
				f.update(i, 1000, "step")
				log.Info("step", "i", i)
			}
		})
	}
	done := make(chan struct{})
	go func() { talking.Wait(); close(done) }()
	for over := false; !over; {
		select {
		case <-f.news:
		case <-done:
			over = true
		}
		taken(t, f)
	}
	if got := taken(t, f); got != "" {
		t.Errorf("left over: %s", got)
	}
}

func TestWantsStream(t *testing.T) {
	tests := []struct {
		accept []string
		want   bool
	}{
		{nil, false},
		{[]string{"*/*"}, false},
		{[]string{"text/*"}, false},
		{[]string{"application/json"}, false},
		{[]string{"text/event-stream"}, true},
		{[]string{"Text/Event-Stream; charset=utf-8"}, true},
		{[]string{"application/json, text/event-stream"}, true},
		{[]string{"application/json", "text/event-stream"}, true},
		{[]string{"application/json, text/event-stream;q=0.5"}, false},
		{[]string{"application/json;q=0.4, text/event-stream;q=0.5"}, true},
		{[]string{"text/event-stream;q=0"}, false},
		{[]string{"text/event-stream;q=much"}, false},
		{[]string{";;,"}, false},
	}
	for _, tt := range tests {
		t.Run(strings.Join(tt.accept, " + "), func(t *testing.T) {
			if got := wantsStream(http.Header{"Accept": tt.accept}); got != tt.want {
				t.Errorf("got %t, want %t", got, tt.want)
			}
		})
	}
}

// An answer that has begun as a stream breaks off where the server has a fault: it does not end as if it were whole.
func TestPanicInAStream(t *testing.T) {
	s := New(&engine.Engine{}, nil)
	h := s.guard(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if _, err := s.openStream(w); err != nil {
			t.Error(err)
		}
		panic("out of cheese")
	}))
	srv := httptest.NewServer(h)
	defer srv.Close()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, srv.URL, nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if n, err := resp.Body.Read(make([]byte, 100)); n > 0 || err == nil || err.Error() == "EOF" {
		t.Errorf("got %d bytes, %v; want an answer that breaks off", n, err)
	}
}
