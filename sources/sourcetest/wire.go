package sourcetest

import (
	"bytes"
	"io"
	"net"
	"sync"
	"testing"
)

// Wire is a way to a server that counts what passes. It is safe for concurrent use, and closed with the test.
type Wire struct {
	backend  string
	listener net.Listener
	wg       sync.WaitGroup

	mu     sync.Mutex
	passed Passed
	conns  map[net.Conn]bool // nil when closed
}

// Passed is what passed a Wire.
type Passed struct {
	// Requests are those of HTTP.
	Requests int
	// Sent and Received are bytes, as the client sees it, headers included.
	Sent, Received int64
}

// Bytes are those of both directions.
func (p Passed) Bytes() int64 { return p.Sent + p.Received }

// NewWire returns a wire to the server at the address backend.
func NewWire(tb testing.TB, backend string) *Wire {
	tb.Helper()
	var lc net.ListenConfig
	l, err := lc.Listen(tb.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	w := &Wire{backend: backend, listener: l, conns: map[net.Conn]bool{}}
	w.wg.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			w.wg.Go(func() { w.pass(c) })
		}
	})
	tb.Cleanup(func() {
		l.Close()
		w.mu.Lock()
		for c := range w.conns {
			c.Close()
		}
		w.conns = nil
		w.mu.Unlock()
		w.wg.Wait()
	})
	return w
}

// Addr is where the wire listens.
func (w *Wire) Addr() string { return w.listener.Addr().String() }

// Take returns what has passed since it was called last.
func (w *Wire) Take() Passed {
	w.mu.Lock()
	defer w.mu.Unlock()
	p := w.passed
	w.passed = Passed{}
	return p
}

// Measure reports what passes in one poll, each after what comes before it.
func (w *Wire) Measure(b *testing.B, before, poll func()) {
	b.Helper()
	var requests int
	var bytes int64
	for b.Loop() {
		b.StopTimer()
		before()
		w.Take()
		b.StartTimer()
		poll()
		b.StopTimer()
		p := w.Take()
		requests += p.Requests
		bytes += p.Bytes()
		b.StartTimer()
	}
	b.ReportMetric(float64(requests)/float64(b.N), "requests/op")
	b.ReportMetric(float64(bytes)/float64(b.N), "wire-B/op")
}

func (w *Wire) pass(client net.Conn) {
	defer client.Close()
	server, err := net.Dial("tcp", w.backend) //nolint:noctx // it ends when the wire does
	if err != nil {
		return
	}
	defer server.Close()
	if !w.begin(client, server) {
		return
	}
	var wg sync.WaitGroup
	wg.Go(func() {
		_, _ = io.Copy(io.MultiWriter(&requests{wire: w}, counted{w, &w.passed.Sent}, server), client)
		closeWrite(server)
	})
	_, _ = io.Copy(io.MultiWriter(counted{w, &w.passed.Received}, client), server)
	client.Close()
	wg.Wait()
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.conns, client)
	delete(w.conns, server)
}

func (w *Wire) begin(conns ...net.Conn) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, c := range conns {
		if w.conns == nil {
			return false
		}
		w.conns[c] = true
	}
	return true
}

// requests counts the requests of one connection, before they are passed on: by the end of their first line, which tests
// have nowhere else.
type requests struct {
	wire *Wire
	tail []byte // of what was written before
}

var endOfFirstLine = []byte(" HTTP/1.1\r\n")

func (r *requests) Write(p []byte) (int, error) {
	seen := bytes.Join([][]byte{r.tail, p}, nil)
	n := bytes.Count(seen, endOfFirstLine)
	r.tail = bytes.Clone(seen[max(0, len(seen)-len(endOfFirstLine)+1):])
	r.wire.mu.Lock()
	defer r.wire.mu.Unlock()
	r.wire.passed.Requests += n
	return len(p), nil
}

// counted adds up the bytes that are written to it.
type counted struct {
	wire *Wire
	n    *int64
}

func (c counted) Write(p []byte) (int, error) {
	c.wire.mu.Lock()
	defer c.wire.mu.Unlock()
	*c.n += int64(len(p))
	return len(p), nil
}
