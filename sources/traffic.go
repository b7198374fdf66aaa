package sources

import (
	"context"
	"net"
	"net/http"
	"sync/atomic"
)

// Traffic counts what passes between a source and its origin. It is safe for concurrent use.
type Traffic struct {
	requests, sent, received atomic.Int64
}

// Requests is the number of requests, of sessions where the protocol has no requests.
func (t *Traffic) Requests() int64 { return t.requests.Load() }

// Bytes is the number of bytes in both directions, headers and encryption included.
func (t *Traffic) Bytes() int64 { return t.sent.Load() + t.received.Load() }

type trafficKey struct{}

// WithTraffic returns a context in which sources count what they send and receive. A connection counts for the context
// that it was made in.
func WithTraffic(ctx context.Context, t *Traffic) context.Context {
	return context.WithValue(ctx, trafficKey{}, t)
}

// CountRequest counts a request, where the context has a Traffic.
func CountRequest(ctx context.Context) {
	if t, ok := ctx.Value(trafficKey{}).(*Traffic); ok {
		t.requests.Add(1)
	}
}

// CountRequests returns a RoundTripper that counts the requests to next.
func CountRequests(next http.RoundTripper) http.RoundTripper { return requestCounter{next} }

type requestCounter struct{ next http.RoundTripper }

func (c requestCounter) RoundTrip(req *http.Request) (*http.Response, error) {
	CountRequest(req.Context())
	return c.next.RoundTrip(req)
}

// countConn returns a connection whose bytes are counted, where the context has a Traffic.
func countConn(ctx context.Context, c net.Conn) net.Conn {
	if t, ok := ctx.Value(trafficKey{}).(*Traffic); ok {
		return countedConn{c, t}
	}
	return c
}

type countedConn struct {
	net.Conn
	traffic *Traffic
}

func (c countedConn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	c.traffic.received.Add(int64(n))
	return n, err
}

func (c countedConn) Write(p []byte) (int, error) {
	n, err := c.Conn.Write(p)
	c.traffic.sent.Add(int64(n))
	return n, err
}
