package server

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"runtime/debug"
	"slices"
	"strings"
)

// guard refuses what a browser was tricked into, and turns a panic of a handler into an answer.
func (s *Server) guard(next http.Handler) http.Handler {
	origin := http.NewCrossOriginProtection()
	origin.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.problem(w, r, problem{Status: http.StatusForbidden, Detail: "a page of another origin may not call plugins"})
	}))
	next = origin.Handler(next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer s.rescue(w, r)
		w.Header().Set("X-Content-Type-Options", "nosniff")
		w.Header().Set("Cache-Control", "no-store")
		if !s.knowsHost(r) {
			s.problem(w, r, problem{
				Status: http.StatusMisdirectedRequest,
				Detail: fmt.Sprintf("this server is not %q: on a loopback address it answers to localhost, to IP addresses and to the hosts that it was given", r.Host),
			})
			return
		}
		next.ServeHTTP(w, r)
	})
}

// knowsHost reports whether the request is for this server. A page whose DNS name was rebound to 127.0.0.1 is of the
// same origin as the server to a browser; only the Host header gives it away.
func (s *Server) knowsHost(r *http.Request) bool {
	local, ok := r.Context().Value(http.LocalAddrContextKey).(*net.TCPAddr)
	if !ok || !local.IP.IsLoopback() {
		return true
	}
	host := r.Host
	if h, _, err := net.SplitHostPort(host); err == nil {
		host = h
	}
	host = strings.ToLower(strings.Trim(host, "[]"))
	if _, err := netip.ParseAddr(host); err == nil {
		return true
	}
	return host == "" || host == "localhost" || slices.Contains(s.opts.Hosts, host)
}

func (s *Server) rescue(w http.ResponseWriter, r *http.Request) {
	fault := recover()
	if fault == nil {
		return
	}
	if err, ok := fault.(error); ok && errors.Is(err, http.ErrAbortHandler) {
		panic(fault)
	}
	s.log.Error("request panicked", "method", r.Method, "path", r.URL.Path, "panic", fault, "stack", string(debug.Stack()))
	if w.Header().Get("Content-Type") == eventStream {
		panic(http.ErrAbortHandler) // the answer has begun: that it breaks off says that it is not whole
	}
	s.problem(w, r, problem{Status: http.StatusInternalServerError, Detail: "a fault of the server; its log says more"})
}

// unrouted answers requests that no route of mux takes, with a problem in place of the mux's plain text.
func (s *Server) unrouted(mux *http.ServeMux) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fallback, pattern := mux.Handler(r)
		if pattern != "" {
			mux.ServeHTTP(w, r)
			return
		}
		// The mux knows whether the path exists for another method, and says so in a status and an Allow header.
		head := &headOnly{header: http.Header{}, status: http.StatusOK}
		fallback.ServeHTTP(head, r)
		p := problem{Status: http.StatusNotFound, Detail: fmt.Sprintf("nothing is at %s", r.URL.Path)}
		if allow := head.header.Get("Allow"); head.status == http.StatusMethodNotAllowed {
			w.Header().Set("Allow", allow)
			p = problem{Status: head.status, Detail: fmt.Sprintf("%s takes %s", r.URL.Path, allow)}
		}
		s.problem(w, r, p)
	})
}

// headOnly is a ResponseWriter that keeps status and header.
type headOnly struct {
	header http.Header
	status int
}

func (h *headOnly) Header() http.Header         { return h.header }
func (h *headOnly) Write(b []byte) (int, error) { return len(b), nil }
func (h *headOnly) WriteHeader(status int)      { h.status = status }
