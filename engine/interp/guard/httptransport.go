package guard

import (
	"context"
	"maps"
	"net"
	"net/http"
	"net/url"
	"sync"
	"time"
)

// transport stands for a transport of the package's: it is like it, and connects where the package may. The package does not get
// to see it, so that nothing can be taken from it while it is used.
type transport struct {
	inner     *http.Transport
	seen      *http.Transport // the fields of the original when it was made
	protocols map[string]http.RoundTripper
}

// transports are those that were used.
type transports struct {
	mu   sync.Mutex
	used beside[http.Transport, transport]
}

// transportFuncs are the methods of http.Transport.
func transportFuncs(g *Guard) map[string]any {
	return map[string]any{
		"(*net/http.Transport).RoundTrip": func(t *http.Transport, req *http.Request) (*http.Response, error) {
			return g.RoundTripper(t).RoundTrip(req)
		},
		"(net/http.RoundTripper).RoundTrip": func(t http.RoundTripper, req *http.Request) (*http.Response, error) {
			return g.RoundTripper(t).RoundTrip(req)
		},
		"(*net/http.Transport).CloseIdleConnections": func(t *http.Transport) { g.transport(t).CloseIdleConnections() },
		//nolint:staticcheck // it is the plugin that uses it
		"(*net/http.Transport).CancelRequest": func(t *http.Transport, req *http.Request) { g.transport(t).CancelRequest(req) },
		"(*net/http.Transport).NewClientConn": func(t *http.Transport, ctx context.Context, scheme, address string) (*http.ClientConn, error) {
			return g.transport(t).NewClientConn(ctx, scheme, address)
		},
		"(*net/http.Transport).RegisterProtocol": g.registerProtocol,
		"(*net/http.Transport).Clone":            g.cloneTransport,
		"net/http.ProxyFromEnvironment":          g.proxyFromEnvironment,
	}
}

// RoundTripper returns what makes the requests of a transport that a package has given to a client.
func (g *Guard) RoundTripper(rt http.RoundTripper) http.RoundTripper {
	if t, ok := rt.(*http.Transport); ok && t != nil {
		return g.transport(t)
	}
	return rt
}

// OwnTransport makes of a copy of the host's default transport that of the package. It is called before the package sees it.
func (g *Guard) OwnTransport(t *http.Transport) {
	if g.grants().allNet {
		return
	}
	t.DialContext = g.dialContext(&net.Dialer{Timeout: 30 * time.Second, KeepAlive: 30 * time.Second})
	t.Dial, t.DialTLS, t.DialTLSContext = nil, nil, nil //nolint:staticcheck // the host may have set what is deprecated
	host := http.Transport{Proxy: http.ProxyFromEnvironment}
	if sameFuncs(&t.Proxy, &host.Proxy) {
		t.Proxy = g.proxyFromEnvironment
	}
}

func (g *Guard) dialContext(d *net.Dialer) func(context.Context, string, string) (net.Conn, error) {
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		return g.dial(ctx, d, network, address)
	}
}

// transport returns what stands for a transport, a new one where its fields have changed.
func (g *Guard) transport(t *http.Transport) *http.Transport {
	if t == nil || g.networkIsOpen() {
		return t
	}
	g.transports.mu.Lock()
	defer g.transports.mu.Unlock()
	return g.transportLocked(t).inner
}

func (g *Guard) transportLocked(t *http.Transport) transport {
	known, ok := g.transports.used.of(t)
	if ok && sameExported(t, known.seen) {
		return known
	}
	made := transport{inner: &http.Transport{}, seen: &http.Transport{}, protocols: known.protocols}
	copyExported(made.seen, t)
	copyExported(made.inner, t)
	g.connect(made.inner)
	for scheme, rt := range made.protocols {
		made.inner.RegisterProtocol(scheme, rt)
	}
	g.transports.used.put(t, made)
	if ok {
		known.inner.CloseIdleConnections()
	}
	return made
}

// connect has a transport connect through the Guard where it has no way of its own, which then is one of the package's.
//
//nolint:staticcheck // the plugin may have set what is deprecated
func (g *Guard) connect(t *http.Transport) {
	if t.DialContext != nil || t.Dial != nil {
		return
	}
	if t.TLSClientConfig == nil && t.DialTLS == nil && t.DialTLSContext == nil {
		t.ForceAttemptHTTP2 = true // as without a function to connect with
	}
	t.DialContext = g.dialContext(&net.Dialer{})
}

func (g *Guard) registerProtocol(t *http.Transport, scheme string, rt http.RoundTripper) {
	if g.networkIsOpen() {
		t.RegisterProtocol(scheme, rt)
		return
	}
	g.transports.mu.Lock()
	defer g.transports.mu.Unlock()
	known := g.transportLocked(t)
	rt = lateRoundTripper{g, rt}
	known.inner.RegisterProtocol(scheme, rt) // panics where there is one
	known.protocols = maps.Clone(known.protocols)
	if known.protocols == nil {
		known.protocols = make(map[string]http.RoundTripper)
	}
	known.protocols[scheme] = rt
	g.transports.used.put(t, known)
}

// lateRoundTripper makes requests by what stands for a transport at the time.
type lateRoundTripper struct {
	g  *Guard
	rt http.RoundTripper
}

// RoundTrip implements http.RoundTripper.
func (l lateRoundTripper) RoundTrip(req *http.Request) (*http.Response, error) {
	return l.g.RoundTripper(l.rt).RoundTrip(req)
}

// cloneTransport is the method Clone. That would prepare the original for use, which it never is.
func (g *Guard) cloneTransport(t *http.Transport) *http.Transport {
	if g.networkIsOpen() {
		return t.Clone()
	}
	like := &http.Transport{}
	copyExported(like, t)
	like.ProxyConnectHeader = t.ProxyConnectHeader.Clone()
	like.TLSNextProto = maps.Clone(t.TLSNextProto)
	if t.TLSClientConfig != nil {
		like.TLSClientConfig = t.TLSClientConfig.Clone()
	}
	if t.HTTP2 != nil {
		config := *t.HTTP2
		like.HTTP2 = &config
	}
	if t.Protocols != nil {
		protocols := *t.Protocols
		like.Protocols = &protocols
	}
	return like
}

// networkIsOpen reports whether the package may connect to everything, and looks names up as the machine does.
func (g *Guard) networkIsOpen() bool {
	if !g.grants().allNet {
		return false
	}
	_, own := g.resolverFor(nil)
	return !own
}

// closeTransports closes the connections that nobody uses.
func (g *Guard) closeTransports() {
	for _, t := range g.transports.used.all() {
		t.inner.CloseIdleConnections()
	}
}

// proxyFromEnvironment is http.ProxyFromEnvironment, for the environment of the package.
func (g *Guard) proxyFromEnvironment(req *http.Request) (*url.URL, error) {
	if g.grants().allEnv && !g.envIsChanged() {
		return http.ProxyFromEnvironment(req)
	}
	return proxyFor(req.URL, g.getenv)
}
