package externalapi

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/scriptd/scriptd/plugin"
)

const token = "open-sesame"

// clientFor returns a client of h, served on loopback at /v1/search.
func clientFor(t *testing.T, h http.HandlerFunc) *client {
	t.Helper()
	srv := httptest.NewServer(h)
	t.Cleanup(srv.Close)
	return newTestClient(t, srv.URL+"/v1/search")
}

func newTestClient(t *testing.T, endpoint string) *client {
	t.Helper()
	c, err := newClient(Config{Endpoint: endpoint, Token: token, Timeout: 10})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.close(t.Context()); err != nil {
			t.Error(err)
		}
	})
	return c
}

func TestSearch(t *testing.T) {
	var method, path, auth string
	var query url.Values
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		method, path, query, auth = r.Method, r.URL.Path, r.URL.Query(), r.Header.Get("Authorization")
		fmt.Fprint(w, `{"items": [{"id": 9007199254740993}], "total": 1}`)
	}))
	t.Cleanup(srv.Close)
	c := newTestClient(t, srv.URL+"/v1/search?scope=all")

	got, err := c.search(t.Context(), Params{Query: "a&b=c", Limit: 7, Tags: []string{"x y", "z"}})
	if err != nil {
		t.Fatal(err)
	}
	want := Answer{StatusCode: 200, Body: map[string]any{
		"items": []any{map[string]any{"id": json.Number("9007199254740993")}},
		"total": json.Number("1"),
	}}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if method != http.MethodGet || path != "/v1/search" || auth != "Bearer "+token {
		t.Errorf("the API got %s %s with %q", method, path, auth)
	}
	wantQuery := url.Values{"scope": {"all"}, "q": {"a&b=c"}, "limit": {"7"}, "tag": {"x y", "z"}}
	if !reflect.DeepEqual(query, wantQuery) {
		t.Errorf("the API got the query %v, want %v", query, wantQuery)
	}
}

func TestSearchRefused(t *testing.T) {
	tests := []struct {
		status         int
		invalid, retry bool
		hint           string
	}{
		{status: 204},
		{status: 304, hint: "redirects"},
		{status: 400, invalid: true},
		{status: 401, hint: "check the token"},
		{status: 403, hint: "check the token"},
		{status: 404, hint: "check the endpoint"},
		{status: 409},
		{status: 422, invalid: true},
		{status: 429, retry: true},
		{status: 500, retry: true},
		{status: 503, retry: true},
	}
	for _, tt := range tests {
		t.Run(http.StatusText(tt.status), func(t *testing.T) {
			c := clientFor(t, func(w http.ResponseWriter, r *http.Request) {
				w.WriteHeader(tt.status)
				// An API may repeat what it does not like, and the token may lie where the error is cut off.
				pad := strings.Repeat(" ", maxReason-len("you sent Bearer ")-6)
				fmt.Fprintf(w, "you sent %s%s", pad, r.Header.Get("Authorization"))
			})
			_, err := c.search(t.Context(), Params{Query: "x", Limit: 1})
			if err == nil {
				t.Fatal("got no error")
			}
			if plugin.IsInvalid(err) != tt.invalid || plugin.IsRetryable(err) != tt.retry {
				t.Errorf("invalid %t, retry %t, want %t, %t: %v",
					plugin.IsInvalid(err), plugin.IsRetryable(err), tt.invalid, tt.retry, err)
			}
			if tt.status != http.StatusNotModified && !strings.Contains(err.Error(), fmt.Sprint(tt.status)) {
				t.Errorf("error %q does not say the status", err)
			}
			if !strings.Contains(err.Error(), tt.hint) {
				t.Errorf("error %q, want %q in it", err, tt.hint)
			}
			if strings.Contains(err.Error(), token[:4]) {
				t.Errorf("error %q shows the token", err)
			}
			if len(err.Error()) > 400 {
				t.Errorf("the error has %d bytes", len(err.Error()))
			}
		})
	}
}

func TestRedirects(t *testing.T) {
	t.Run("within the origin", func(t *testing.T) {
		var auth string
		c := clientFor(t, func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/v1/search" {
				http.Redirect(w, r, "/v2/search", http.StatusPermanentRedirect)
				return
			}
			auth = r.Header.Get("Authorization")
			fmt.Fprint(w, `[]`)
		})
		if _, err := c.search(t.Context(), Params{Query: "x", Limit: 1}); err != nil {
			t.Fatal(err)
		}
		if auth != "Bearer "+token {
			t.Errorf("the new place got %q, want the token", auth)
		}
	})

	// Another port of the same host is another origin, to which the HTTP client itself would carry the token.
	t.Run("to another origin", func(t *testing.T) {
		reached := false
		other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { reached = true }))
		t.Cleanup(other.Close)
		c := clientFor(t, func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, other.URL+"/?token="+token, http.StatusFound)
		})
		_, err := c.search(t.Context(), Params{Query: "x", Limit: 1})
		if err == nil || reached || plugin.IsRetryable(err) || strings.Contains(err.Error(), token) {
			t.Errorf("reached %t, error %v", reached, err)
		}
	})

	t.Run("in a circle", func(t *testing.T) {
		requests := 0
		c := clientFor(t, func(w http.ResponseWriter, r *http.Request) {
			requests++
			http.Redirect(w, r, r.URL.Path, http.StatusFound)
		})
		_, err := c.search(t.Context(), Params{Query: "x", Limit: 1})
		if err == nil || !strings.Contains(err.Error(), "in a circle") || requests != maxRedirects+1 {
			t.Errorf("%d requests, error %v", requests, err)
		}
	})
}

// What loopback cannot show: the same host name under another scheme is another origin.
func TestRedirectOrigins(t *testing.T) {
	tests := []struct {
		to     string
		follow bool
	}{
		{"https://api.example.com/v2", true},
		{"http://api.example.com/v1", false},
		{"https://api.example.com:8443/v1", false},
		{"https://sub.api.example.com/v1", false},
		{"https://example.com/v1", false},
	}
	for _, tt := range tests {
		t.Run(tt.to, func(t *testing.T) {
			via := []*http.Request{httptest.NewRequestWithContext(t.Context(), http.MethodGet, "https://api.example.com/v1", http.NoBody)}
			err := checkRedirect(httptest.NewRequestWithContext(t.Context(), http.MethodGet, tt.to, http.NoBody), via)
			if (err == nil) != tt.follow {
				t.Errorf("got %v, follow %t", err, tt.follow)
			}
		})
	}
}

func TestSearchUnusableAnswer(t *testing.T) {
	tests := []struct {
		name string
		body func(w io.Writer)
		want string
	}{
		{"not JSON", func(w io.Writer) { fmt.Fprint(w, "<html>") }, "not JSON"},
		{"empty", func(io.Writer) {}, "not JSON"},
		{"without end", func(w io.Writer) {
			chunk := []byte(strings.Repeat("[", 4096))
			for {
				if _, err := w.Write(chunk); err != nil {
					return // the client has hung up
				}
			}
		}, "larger than"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := clientFor(t, func(w http.ResponseWriter, _ *http.Request) { tt.body(w) })
			_, err := c.search(t.Context(), Params{Query: "x", Limit: 1})
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want an error with %q", err, tt.want)
			}
		})
	}
}

func TestSearchUnreachable(t *testing.T) {
	tests := []struct {
		name  string
		serve http.HandlerFunc
	}{
		{"hangs up", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }},
		{"hangs up within the answer", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "100")
			fmt.Fprint(w, `{"items":`)
		}},
		{"does not answer", func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			srv := httptest.NewServer(tt.serve)
			t.Cleanup(srv.Close)
			c := newTestClient(t, srv.URL+"/v1/search?key=hidden")
			if tt.name == "does not answer" {
				c.http.Timeout = 50 * time.Millisecond
			}
			_, err := c.search(t.Context(), Params{Query: "x", Limit: 1})
			if !plugin.IsRetryable(err) || strings.Contains(err.Error(), "hidden") || strings.Contains(err.Error(), token) {
				t.Errorf("got %v, want an error worth a retry that shows no secret", err)
			}
		})
	}
}

func TestNewClient(t *testing.T) {
	tests := []struct {
		endpoint string
		want     string
	}{
		{"https://api.example.com/search", ""},
		{"http://localhost:8080/search", ""},
		{"http://127.0.0.9/search", ""},
		{"http://[::1]:8080/search", ""},
		{"http://api.example.com/search", "in the clear"},
		{"http://127.0.0.1.example.com/search", "in the clear"},
		{"ftp://127.0.0.1/search", "want https"},
		{"/search", "with a host"},
		{"", "with a host"},
		{"https://%zz", "with a host"},
	}
	for _, tt := range tests {
		t.Run(tt.endpoint, func(t *testing.T) {
			_, err := newClient(Config{Endpoint: tt.endpoint, Token: token, Timeout: 1})
			if (err == nil) != (tt.want == "") || (err != nil && !strings.Contains(err.Error(), tt.want)) {
				t.Errorf("got %v, want %q", err, tt.want)
			}
			if err != nil && strings.Contains(err.Error(), token) {
				t.Errorf("error %q shows the token", err)
			}
		})
	}
}
