package server_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/scriptd/scriptd/engine/runtime"
	"github.com/scriptd/scriptd/server"
)

// problem is what RFC 9457 says, with the errors of the parameters.
type problem struct {
	Type, Title, Detail, Instance string
	Status                        int
	Errors                        []struct{ Pointer, Detail string }
}

// wantProblem checks an answer that is not a plugin's.
func wantProblem(t *testing.T, got answer, status int, detail string) problem {
	t.Helper()
	if got.status != status {
		t.Fatalf("status %d, want %d: %s", got.status, status, got.body)
	}
	if typ := got.header.Get("Content-Type"); typ != "application/problem+json" {
		t.Errorf("content type %q", typ)
	}
	var p problem
	got.decode(t, &p)
	if p.Type != "about:blank" || p.Title != http.StatusText(status) || p.Status != status {
		t.Errorf("got %+v, want a problem of status %d", p, status)
	}
	if !strings.Contains(p.Detail, detail) {
		t.Errorf("detail %q, want it to contain %q", p.Detail, detail)
	}
	return p
}

func TestProblems(t *testing.T) {
	srv := start(t, &server.Options{MaxBodyBytes: 1000})
	tests := []struct {
		name, method, path, body string
		header                   map[string]string
		status                   int
		detail                   string
	}{
		{"an unknown plugin", "GET", "/v1/plugins/nothing", "", nil, 404, "no such plugin"},
		{"a call of an unknown plugin", "POST", "/v1/plugins/nothing/run", "", nil, 404, "no such plugin"},
		{"an unknown source", "POST", "/v1/sources/nothing/sync", "", nil, 404, `no source is named "nothing"`},
		{"an unknown route", "GET", "/v2/plugins", "", nil, 404, "nothing is at /v2/plugins"},
		{"the root", "GET", "/", "", nil, 404, "nothing is at /"},
		{"a wrong method", "GET", "/v1/plugins/hello/run", "", nil, 405, "takes POST"},
		{"no JSON", "POST", "/v1/plugins/hello/run", "name=Ada", nil, 400, "not JSON, at byte 2"},
		{"half a JSON", "POST", "/v1/plugins/hello/run", `{"name": `, nil, 400, "ends too early"},
		{"an array", "POST", "/v1/plugins/hello/run", `[]`, nil, 400, "parameters are a JSON object, not an array"},
		{"a body that is too large", "POST", "/v1/plugins/hello/run", strings.Repeat(" ", 1001), nil, 413, "larger than 1000 bytes"},
		{"a type that is not JSON", "POST", "/v1/plugins/hello/run", "<a/>", map[string]string{"Content-Type": "text/xml"}, 415, "send application/json"},
		{"a type that is none", "POST", "/v1/plugins/hello/run", "{}", map[string]string{"Content-Type": ";"}, 415, "send application/json"},
		{"a body that is packed", "POST", "/v1/plugins/hello/run", "{}", map[string]string{"Content-Encoding": "gzip"}, 415, "gzip"},
		{"a call that takes too long", "POST", "/v1/plugins/overrun/run", "", nil, 504, "timed out"},
		{"a page of another origin", "POST", "/v1/plugins/hello/run", "{}", map[string]string{"Origin": "https://evil.example"}, 403, "another origin"},
		{"a page of another site", "POST", "/v1/plugins/hello/run", "{}", map[string]string{"Sec-Fetch-Site": "cross-site"}, 403, "another origin"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := send(t, tt.method, srv.URL+tt.path, tt.body, func(r *http.Request) {
				for k, v := range tt.header {
					r.Header.Set(k, v)
				}
			})
			p := wantProblem(t, got, tt.status, tt.detail)
			if p.Instance != tt.path {
				t.Errorf("instance %q, want %q", p.Instance, tt.path)
			}
			if tt.status == 405 && got.header.Get("Allow") != "POST" {
				t.Errorf("Allow %q, want POST", got.header.Get("Allow"))
			}
		})
	}
}

func TestInvalidParametersNameTheirPlace(t *testing.T) {
	srv := start(t, nil)
	got := send(t, "POST", srv.URL+"/v1/plugins/hello/run", `{"name": 5, "times": 9, "tiems": 1}`, nil)
	p := wantProblem(t, got, http.StatusUnprocessableEntity, "invalid parameters")
	var pointers []string
	for _, e := range p.Errors {
		pointers = append(pointers, e.Pointer)
		if e.Detail == "" {
			t.Errorf("%s has no detail", e.Pointer)
		}
	}
	if want := []string{"/name", "/tiems", "/times"}; !reflect.DeepEqual(pointers, want) {
		t.Errorf("pointers %q, want %q", pointers, want)
	}
}

// TestHost is about a page whose DNS name was rebound to the loopback address.
func TestHost(t *testing.T) {
	srv := start(t, &server.Options{Hosts: []string{"plugins.example.com"}})
	tests := []struct {
		host string
		want int
	}{
		{"localhost:7070", 200},
		{"127.0.0.1", 200},
		{"[::1]:7070", 200},
		{"plugins.example.com", 200},
		{"Plugins.Example.com:443", 200},
		{"evil.example", 421},
		{"localhost.evil.example:7070", 421},
	}
	for _, tt := range tests {
		t.Run(tt.host, func(t *testing.T) {
			got := send(t, "GET", srv.URL+"/v1/plugins", "", func(r *http.Request) { r.Host = tt.host })
			if got.status != tt.want {
				t.Errorf("status %d, want %d: %s", got.status, tt.want, got.body)
			}
		})
	}
}

// TestLargeBody sends a body of 100 MB, once with its length in front and once in chunks.
func TestLargeBody(t *testing.T) {
	const size = 100_000_000
	srv := start(t, nil)
	for name, length := range map[string]int64{"announced": size, "in chunks": -1} {
		t.Run(name, func(t *testing.T) {
			sent := &counter{r: io.LimitReader(blanks{}, size)}
			got := send(t, "POST", srv.URL+"/v1/plugins/hello/run", "", func(r *http.Request) {
				r.Body, r.ContentLength = io.NopCloser(sent), length
			})
			wantProblem(t, got, http.StatusRequestEntityTooLarge, "larger than 68157440 bytes")
			if sent.n.Load() == size {
				t.Error("the server read all of it")
			}
			if after := send(t, "GET", srv.URL+"/healthz", "", nil); after.status != http.StatusOK {
				t.Errorf("status %d of the next request", after.status)
			}
		})
	}
}

// blanks is white space without an end: JSON as far as it goes.
type blanks struct{}

func (blanks) Read(p []byte) (int, error) {
	const some = "                                                                "
	n := 0
	for n < len(p) {
		n += copy(p[n:], some)
	}
	return n, nil
}

// counter counts what was read. The client may still read when the answer is there.
type counter struct {
	r io.Reader
	n atomic.Int64
}

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n.Add(int64(n))
	return n, err
}

// gate is a server that the plugin gate calls: the test sees that a call is under way, and lets it go on.
type gate struct {
	*httptest.Server
	entered, open chan struct{}
	// left is told of a call that was given up inside.
	left chan struct{}
}

func newGate(t *testing.T) *gate {
	t.Helper()
	g := &gate{entered: make(chan struct{}), open: make(chan struct{}), left: make(chan struct{}, 1)}
	g.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		select {
		case g.entered <- struct{}{}:
		case <-r.Context().Done():
			return
		}
		select {
		case <-g.open:
		case <-r.Context().Done():
			select {
			case g.left <- struct{}{}:
			default:
			}
		}
	}))
	t.Cleanup(g.Close)
	return g
}

func (g *gate) params() string { return `{"url": "` + g.URL + `"}` }

func TestClosedEngine(t *testing.T) {
	eng := newEngine(t, map[string]string{"tests/tests.go": pluginSource})
	srv := httptest.NewServer(server.New(eng, nil))
	defer srv.Close()
	if err := eng.Close(); err != nil {
		t.Fatal(err)
	}
	got := send(t, "POST", srv.URL+"/v1/plugins/hello/run", "", nil)
	wantProblem(t, got, http.StatusServiceUnavailable, "closed")
}

func TestSourceThatDoesNotLoad(t *testing.T) {
	eng := newEngine(t, map[string]string{"broken/broken.go": strings.Replace(pluginSource, `"hello, " + p.Name`, "p.Title", 1)})
	srv := httptest.NewServer(server.New(eng, nil))
	defer srv.Close()
	const place = "broken/broken.go:"
	wantProblem(t, send(t, "GET", srv.URL+"/readyz", "", nil), http.StatusServiceUnavailable, place)
	got := send(t, "POST", srv.URL+"/v1/plugins/hello/run", "", nil)
	wantProblem(t, got, http.StatusServiceUnavailable, place)
	var p struct{ Problems runtime.Problems }
	if got.decode(t, &p); len(p.Problems) != 1 || p.Problems[0].File != "broken/broken.go" {
		t.Errorf("problems %+v", p.Problems)
	}
	for _, path := range []string{"/v1/sources", "/v1/sources/local/sync"} {
		method := map[bool]string{true: "POST", false: "GET"}[strings.HasSuffix(path, "sync")]
		got := send(t, method, srv.URL+path, "", nil)
		if got.status != http.StatusOK || !strings.Contains(string(got.body), place) {
			t.Errorf("%s: status %d, %s", path, got.status, got.body)
		}
	}
	if got := send(t, "GET", srv.URL+"/healthz", "", nil); got.status != http.StatusOK {
		t.Errorf("healthz: status %d", got.status)
	}
}
