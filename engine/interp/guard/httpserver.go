package guard

import (
	"context"
	"crypto/tls"
	"maps"
	"net"
	"net/http"
	"net/http/fcgi"
	"runtime"
	"sync"
	"weak"
)

// server stands for a server of the package's. It takes its handlers from there, and where there is none, from the package's
// default mux instead of the host's.
type server struct {
	inner *http.Server

	mu      sync.Mutex
	started bool
}

// servers are those that were used, and the default mux of the package.
type servers struct {
	mu   sync.Mutex
	used beside[http.Server, *server]

	mux  *http.ServeMux
	once sync.Once
}

// serverFuncs are the functions and methods that serve.
func serverFuncs(g *Guard) map[string]any {
	return map[string]any{
		"net/http.Handle": func(pattern string, h http.Handler) { (*g.defaultMux()).Handle(pattern, h) },
		"net/http.HandleFunc": func(pattern string, h func(http.ResponseWriter, *http.Request)) {
			(*g.defaultMux()).HandleFunc(pattern, h)
		},
		"net/http.ListenAndServe": func(addr string, h http.Handler) error {
			return g.listenAndServe(&http.Server{Addr: addr, Handler: h})
		},
		"net/http.ListenAndServeTLS": func(addr, certFile, keyFile string, h http.Handler) error {
			return g.listenAndServeTLS(&http.Server{Addr: addr, Handler: h}, certFile, keyFile)
		},
		"net/http.Serve": func(l net.Listener, h http.Handler) error { return g.serve(&http.Server{Handler: h}, l) },
		"net/http.ServeTLS": func(l net.Listener, h http.Handler, certFile, keyFile string) error {
			return g.serveTLS(&http.Server{Handler: h}, l, certFile, keyFile)
		},
		"(*net/http.Server).ListenAndServe":       g.listenAndServe,
		"(*net/http.Server).ListenAndServeTLS":    g.listenAndServeTLS,
		"(*net/http.Server).Serve":                g.serve,
		"(*net/http.Server).ServeTLS":             g.serveTLS,
		"(*net/http.Server).Shutdown":             func(s *http.Server, ctx context.Context) error { return g.server(s).inner.Shutdown(ctx) },
		"(*net/http.Server).Close":                func(s *http.Server) error { return g.server(s).inner.Close() },
		"(*net/http.Server).RegisterOnShutdown":   func(s *http.Server, f func()) { g.server(s).inner.RegisterOnShutdown(f) },
		"(*net/http.Server).SetKeepAlivesEnabled": func(s *http.Server, v bool) { g.server(s).inner.SetKeepAlivesEnabled(v) },
		"net/http/fcgi.Serve":                     g.serveFCGI,
	}
}

// defaultMux is where the package's http.DefaultServeMux is. A program's is that of its process.
func (g *Guard) defaultMux() **http.ServeMux {
	if g.Program {
		return &http.DefaultServeMux
	}
	g.servers.once.Do(func() { g.servers.mux = http.NewServeMux() })
	return &g.servers.mux
}

// server returns what stands for a server.
func (g *Guard) server(s *http.Server) *server {
	g.servers.mu.Lock()
	defer g.servers.mu.Unlock()
	known, ok := g.servers.used.of(s)
	if !ok {
		known = &server{inner: &http.Server{}}
		g.servers.used.put(s, known)
	}
	return known
}

// start takes over what the package has set, the first time that a server serves.
func (g *Guard) start(s *http.Server) *http.Server {
	known := g.server(s)
	known.mu.Lock()
	defer known.mu.Unlock()
	if known.started {
		return known.inner
	}
	known.started = true
	inner, own := known.inner, weak.Make(s)
	copyExported(inner, s)
	inner.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var h http.Handler = *g.defaultMux()
		if s := own.Value(); s != nil && s.Handler != nil {
			h = s.Handler
		}
		if r.Context().Value(http.ServerContextKey) == inner { // HTTP/2 sets it late
			r = r.WithContext(context.WithValue(r.Context(), http.ServerContextKey, own.Value()))
		}
		h.ServeHTTP(w, r)
	})
	connContext := inner.ConnContext
	inner.ConnContext = func(ctx context.Context, c net.Conn) context.Context {
		ctx = context.WithValue(ctx, http.ServerContextKey, own.Value())
		if connContext != nil {
			ctx = connContext(ctx, c)
		}
		return ctx
	}
	inner.TLSNextProto = maps.Clone(s.TLSNextProto)
	for proto, next := range inner.TLSNextProto {
		inner.TLSNextProto[proto] = func(_ *http.Server, c *tls.Conn, h http.Handler) { next(own.Value(), c, h) }
	}
	return inner
}

func (g *Guard) serve(s *http.Server, l net.Listener) error {
	defer runtime.KeepAlive(s)
	return g.start(s).Serve(l)
}

func (g *Guard) serveTLS(s *http.Server, l net.Listener, certFile, keyFile string) error {
	defer runtime.KeepAlive(s)
	config := s.TLSConfig
	has := config != nil && (len(config.Certificates) > 0 || config.GetCertificate != nil || config.GetConfigForClient != nil)
	if has && certFile == "" && keyFile == "" {
		return g.start(s).ServeTLS(l, "", "")
	}
	pair, err := g.loadKeyPair(certFile, keyFile)
	if err != nil {
		return err
	}
	inner := g.start(s)
	inner.TLSConfig = config.Clone()
	if inner.TLSConfig == nil {
		inner.TLSConfig = &tls.Config{}
	}
	inner.TLSConfig.Certificates = []tls.Certificate{pair}
	return inner.ServeTLS(l, "", "")
}

func (g *Guard) listenAndServe(s *http.Server) error {
	l, err := g.listenFor(s, ":http")
	if err != nil {
		return err
	}
	return g.serve(s, l)
}

func (g *Guard) listenAndServeTLS(s *http.Server, certFile, keyFile string) error {
	l, err := g.listenFor(s, ":https")
	if err != nil {
		return err
	}
	defer l.Close()
	return g.serveTLS(s, l, certFile, keyFile)
}

func (g *Guard) listenFor(s *http.Server, otherwise string) (net.Listener, error) {
	addr := s.Addr
	if addr == "" {
		addr = otherwise
	}
	return g.listen(context.Background(), &net.ListenConfig{}, "tcp", addr)
}

// serveFCGI is fcgi.Serve, which serves on the standard input where it is given no listener.
func (g *Guard) serveFCGI(l net.Listener, h http.Handler) error {
	if l == nil && !g.Permissions.All && !g.Program {
		return g.denied("all", "")
	}
	if h == nil {
		h = *g.defaultMux()
	}
	return fcgi.Serve(l, h)
}
