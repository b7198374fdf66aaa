package s3_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync"
	"testing"
)

// gateway is a way to the server on which requests can be lost.
type gateway struct {
	addr string

	mu    sync.Mutex
	n     int
	fate  func(n int, r *http.Request) fate
	asked []string // method and name of each request
}

// fate is what becomes of a request.
type fate int

const (
	passes   fate = iota
	lost          // before it reaches the server
	answered      // the server does it, and the answer is lost
	busy          // the server is said to do something else to the object just now, as AWS says so
)

func newGateway(tb testing.TB) *gateway {
	tb.Helper()
	needServer(tb)
	target, err := url.Parse(server.Endpoint())
	if err != nil {
		tb.Fatal(err)
	}
	g := &gateway{}
	proxy := &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(target)
			r.Out.Host = r.In.Host // it is signed
		},
		ErrorHandler: func(http.ResponseWriter, *http.Request, error) { panic(http.ErrAbortHandler) },
	}
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch g.next(r) {
		case lost:
			panic(http.ErrAbortHandler)
		case answered:
			proxy.ServeHTTP(httptest.NewRecorder(), r)
			panic(http.ErrAbortHandler)
		case busy:
			w.WriteHeader(http.StatusConflict)
			fmt.Fprint(w, `<Error><Code>ConditionalRequestConflict</Code><Message>busy</Message></Error>`)
		default:
			proxy.ServeHTTP(w, r)
		}
	}))
	srv.Config.ErrorLog = nil
	tb.Cleanup(srv.Close)
	g.addr = strings.TrimPrefix(srv.URL, "http://")
	return g
}

// name is what a request is for: PUT active/team.json, or LIST blobs/.
func name(r *http.Request) string {
	if q := r.URL.Query(); q.Has("list-type") {
		return "LIST " + strings.TrimPrefix(q.Get("prefix"), "shared/cache/")
	}
	_, name, _ := strings.Cut(r.URL.Path, "/shared/cache/")
	return r.Method + " " + name
}

func (g *gateway) next(r *http.Request) fate {
	g.mu.Lock()
	g.n++
	n, decide := g.n, g.fate
	g.asked = append(g.asked, name(r))
	g.mu.Unlock()
	if decide == nil {
		return passes
	}
	return decide(n, r)
}

// from begins to count anew, and decides what becomes of requests.
func (g *gateway) from(decide func(n int, r *http.Request) fate) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.n, g.fate, g.asked = 0, decide, nil
}

// requests returns what was asked for.
func (g *gateway) requests() []string {
	g.mu.Lock()
	defer g.mu.Unlock()
	return append([]string(nil), g.asked...)
}
