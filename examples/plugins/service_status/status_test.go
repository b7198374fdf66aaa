package servicestatus

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/scriptd/scriptd/plugin"
)

// service answers /status/N with status N, leads /moved to /status/200, and leaves /hang without an answer.
func service() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("/status/{code}", func(w http.ResponseWriter, r *http.Request) {
		code, err := strconv.Atoi(r.PathValue("code"))
		if err != nil {
			code = http.StatusBadRequest
		}
		w.WriteHeader(code)
	})
	mux.Handle("/moved", http.RedirectHandler("/status/200", http.StatusFound))
	mux.HandleFunc("/hang", func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	return mux
}

func TestCheck(t *testing.T) {
	srv := httptest.NewServer(service())
	t.Cleanup(srv.Close)

	tests := []struct {
		name string
		url  string
		want Status
	}{
		{"200", srv.URL + "/status/200", Status{Healthy: true, StatusCode: 200}},
		{"204", srv.URL + "/status/204", Status{Healthy: true, StatusCode: 204}},
		{"404", srv.URL + "/status/404", Status{StatusCode: 404}},
		{"503", srv.URL + "/status/503", Status{StatusCode: 503}},
		{"after a redirect", srv.URL + "/moved", Status{Healthy: true, StatusCode: 200}},
		{"no answer in time", srv.URL + "/hang", Status{Error: "no answer within 1s"}},
		{"nobody listens", "http://" + freeAddr(t), Status{Error: "connection refused"}},
		{"not HTTP", "http://" + answering(t, "SSH-2.0-OpenSSH\r\n"), Status{Error: "malformed HTTP"}},
		{"plain HTTP where TLS is asked for", "https://" + strings.TrimPrefix(srv.URL, "http://"), Status{Error: "HTTP response to HTTPS client"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := check(t.Context(), Params{ServiceURL: tt.url, Timeout: 1})
			if err != nil {
				t.Fatalf("check: %v", err)
			}
			if got.Healthy != tt.want.Healthy || got.StatusCode != tt.want.StatusCode {
				t.Errorf("got %+v, want %+v", got, tt.want)
			}
			if !strings.Contains(got.Error, tt.want.Error) || (got.Error == "") != (tt.want.Error == "") {
				t.Errorf("error %q, want %q in it", got.Error, tt.want.Error)
			}
			if strings.Contains(got.Error, "://") {
				t.Errorf("error %q repeats the URL", got.Error)
			}
			if got.ResponseTimeMS <= 0 {
				t.Errorf("response time %v, want more than 0", got.ResponseTimeMS)
			}
		})
	}
}

func TestCheckRefusesURL(t *testing.T) {
	for _, raw := range []string{"", "example.com", "/health", "ftp://example.com/", "http://", "http://exa mple.com/", "http://[::1"} {
		_, err := check(t.Context(), Params{ServiceURL: raw, Timeout: 1})
		if !plugin.IsInvalid(err) || !strings.HasPrefix(err.Error(), "service_url: ") {
			t.Errorf("%q: got %v, want an error of plugin.Invalid that names service_url", raw, err)
		}
	}
}

// A caller that goes away learns nothing about the service, so that is no finding.
func TestCheckOfCancelledCall(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	srv := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		cancel()
		<-r.Context().Done()
	}))
	t.Cleanup(srv.Close)
	got, err := check(ctx, Params{ServiceURL: srv.URL, Timeout: 60})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %+v, %v; want context.Canceled", got, err)
	}
}

func TestCheckOpensItsOwnConnection(t *testing.T) {
	var opened atomic.Int32
	srv := httptest.NewUnstartedServer(service())
	srv.Config.ConnState = func(_ net.Conn, s http.ConnState) {
		if s == http.StateNew {
			opened.Add(1)
		}
	}
	srv.Start()
	t.Cleanup(srv.Close)
	for range 3 {
		if _, err := check(t.Context(), Params{ServiceURL: srv.URL + "/status/200", Timeout: 5}); err != nil {
			t.Fatal(err)
		}
	}
	if got := opened.Load(); got != 3 {
		t.Errorf("3 checks opened %d connections, want 3", got)
	}
}

func TestCheckLogsSilence(t *testing.T) {
	var buf bytes.Buffer
	ctx := plugin.WithCall(t.Context(), &plugin.Call{Log: slog.New(slog.NewTextHandler(&buf, nil))})
	addr := freeAddr(t)
	if _, err := check(ctx, Params{ServiceURL: "http://user:sesame@" + addr, Timeout: 1}); err != nil {
		t.Fatal(err)
	}
	if got := buf.String(); !strings.Contains(got, "host="+addr) || strings.Contains(got, "sesame") {
		t.Errorf("log %q, want host=%s and no password", got, addr)
	}
}

// freeAddr is an address where nobody listens.
func freeAddr(t *testing.T) string {
	t.Helper()
	l := listen(t)
	defer l.Close()
	return l.Addr().String()
}

// answering is the address of a server that answers a request with text, and hangs up.
func answering(t *testing.T, text string) string {
	t.Helper()
	l := listen(t)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			// To hang up on a request that is not read would reset the connection, and take the answer along.
			if _, err := http.ReadRequest(bufio.NewReader(conn)); err == nil {
				fmt.Fprint(conn, text)
			}
			conn.Close()
		}
	}()
	t.Cleanup(func() {
		l.Close()
		<-done
	})
	return l.Addr().String()
}

func listen(t *testing.T) net.Listener {
	t.Helper()
	var lc net.ListenConfig
	l, err := lc.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return l
}
