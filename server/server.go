// Package server is the HTTP API of an engine: its plugins, the implementations of its contracts, its sources, health checks and
// metrics.
//
//	srv := server.New(eng, nil)
//	listener, err := net.Listen("tcp", "127.0.0.1:7070")
//	...
//	err = srv.Serve(ctx, listener) // until ctx ends and the requests under way are answered
//
// A call of a plugin is answered with 200 and the envelope, a failure of the plugin included. What is not the plugin's
// answer is application/problem+json (RFC 9457).
package server

import (
	"log/slog"
	"maps"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/scriptd/scriptd/engine"
	"github.com/scriptd/scriptd/engine/link"
	"github.com/scriptd/scriptd/sources"
)

// DefaultMaxBodyBytes is the largest body of a request where Options say nothing else: 65 MiB.
const DefaultMaxBodyBytes = 65 << 20

// Options change how a Server works. The zero value is good for a server on a loopback address.
type Options struct {
	// MaxBodyBytes bounds the body of a request. Zero is DefaultMaxBodyBytes.
	MaxBodyBytes int64
	// Hosts are names, without a port, under which the server is reached on a loopback address, in addition to
	// localhost and IP addresses: those of a reverse proxy that passes the Host header on. Requests for any other host
	// are refused there, because only a rebound DNS name can bring them.
	Hosts []string
	// Webhooks are the secrets of webhooks, by the name of the source that they have polled. A source without one has no
	// webhook.
	Webhooks map[string]sources.Secret
	// MaxEventStreams bounds the clients that follow events at a time. Zero is DefaultMaxEventStreams.
	MaxEventStreams int
	// MaxSessions bounds the clients that call implementations of contracts at a time. Zero is DefaultMaxSessions.
	MaxSessions int
	// SessionIdle is how long nothing may be heard of such a client. It is asked meanwhile whether it is there. Zero is a minute.
	SessionIdle time.Duration
	// ShutdownTimeout is how long Serve waits for requests under way. Zero is 30 seconds.
	ShutdownTimeout time.Duration
	// Logger receives faults of the server itself. Nil is silent.
	Logger *slog.Logger
}

// Server answers HTTP requests. It is safe for concurrent use.
type Server struct {
	eng         *engine.Engine
	opts        Options
	log         *slog.Logger
	metrics     *metrics
	handler     http.Handler
	times       streamTimes
	following   atomic.Int64 // clients of events
	offers      func() (*offers, error)
	linkOptions link.Options
}

var _ http.Handler = (*Server)(nil)

// New returns a server for eng, which stays the caller's to close. Nil options are the zero options. The server counts what
// happens in eng until that is closed: an engine needs one server, not one per request.
func New(eng *engine.Engine, opts *Options) *Server {
	s := &Server{eng: eng, metrics: newMetrics(eng), log: slog.New(slog.DiscardHandler), times: defaultStreamTimes}
	if opts != nil {
		s.opts = *opts
		s.opts.Webhooks = maps.Clone(opts.Webhooks)
	}
	if s.opts.MaxBodyBytes == 0 {
		s.opts.MaxBodyBytes = DefaultMaxBodyBytes
	}
	if s.opts.MaxEventStreams == 0 {
		s.opts.MaxEventStreams = DefaultMaxEventStreams
	}
	if s.opts.MaxSessions == 0 {
		s.opts.MaxSessions = DefaultMaxSessions
	}
	s.linkOptions = link.Options{Silence: s.opts.SessionIdle}
	s.offers = sync.OnceValues(func() (*offers, error) { return newOffers(eng) })
	if s.opts.ShutdownTimeout == 0 {
		s.opts.ShutdownTimeout = 30 * time.Second
	}
	if s.opts.Logger != nil {
		s.log = s.opts.Logger
	}
	s.handler = s.guard(s.routes())
	return s
}

// ServeHTTP answers one request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.handler.ServeHTTP(w, r) }

func (s *Server) routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /v1/plugins", s.listPlugins)
	mux.HandleFunc("GET /v1/plugins/{name}", s.describePlugin)
	mux.HandleFunc("POST /v1/plugins/{name}/run", s.runPlugin)
	mux.HandleFunc("GET /v1/sources", s.listSources)
	mux.HandleFunc("POST /v1/sources/{name}/sync", s.syncSource)
	mux.HandleFunc("GET /v1/sources/{name}/history", s.sourceHistory)
	mux.HandleFunc("POST /v1/sources/{name}/suspend", s.suspend(true))
	mux.HandleFunc("POST /v1/sources/{name}/resume", s.suspend(false))
	mux.HandleFunc("GET /v1/packages", s.listPackages)
	mux.HandleFunc("GET /v1/history/{package...}", s.history)
	mux.HandleFunc("POST /v1/rollback/{package...}", s.rollback)
	mux.HandleFunc("POST /v1/pin/{package...}", s.change(s.eng.Pin))
	mux.HandleFunc("POST /v1/unpin/{package...}", s.change(s.eng.Unpin))
	mux.HandleFunc("POST /v1/reload/{package...}", s.change(s.eng.Reload))
	mux.HandleFunc("POST /v1/hooks/{source}", s.pokeSource)
	mux.HandleFunc("GET /v1/events", s.streamEvents)
	mux.HandleFunc("GET /v1/contracts", s.listImplementations)
	mux.HandleFunc("GET "+link.Path, s.openSession)
	mux.HandleFunc("GET /healthz", s.health)
	mux.HandleFunc("GET /readyz", s.ready)
	mux.Handle("GET /metrics", s.metrics.handler())
	return s.unrouted(mux)
}
