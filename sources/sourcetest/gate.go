package sourcetest

import (
	"io"
	"net"
	"sync"
	"testing"
)

// Gate is a way to a server that can be shut: what a source sees is a network that fails. It is safe for concurrent
// use, and closed with the test.
type Gate struct {
	backend  string
	listener net.Listener
	wg       sync.WaitGroup

	mu    sync.Mutex
	mode  gateMode
	after int64 // how many bytes of an answer pass before the mode takes effect
	conns map[net.Conn]bool
}

type gateMode int

const (
	gateOpen   gateMode = iota
	gateCut             // connections end
	gateStall           // connections stay, and nothing comes
	gateClosed          // the test is over
)

// NewGate returns an open gate to the server at the address backend.
func NewGate(tb testing.TB, backend string) *Gate {
	tb.Helper()
	var lc net.ListenConfig
	l, err := lc.Listen(tb.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	g := &Gate{backend: backend, listener: l, conns: map[net.Conn]bool{}}
	g.wg.Go(g.serve)
	tb.Cleanup(func() {
		l.Close()
		g.set(gateClosed, 0)
		g.wg.Wait()
	})
	return g
}

// Addr is where the gate listens.
func (g *Gate) Addr() string { return g.listener.Addr().String() }

// Shut ends all connections, and each new one as it comes, until open is called.
func (g *Gate) Shut() (open func()) { return g.Cut(0) }

// Cut ends all connections, and each new one after so many bytes of the server's answer, until open is called.
func (g *Gate) Cut(after int64) (open func()) {
	g.set(gateCut, after)
	return func() { g.set(gateOpen, 0) }
}

// Stall ends all connections; of new ones, so many bytes of the server's answer pass, and then nothing, until open is
// called.
func (g *Gate) Stall(after int64) (open func()) {
	g.set(gateStall, after)
	return func() { g.set(gateOpen, 0) }
}

func (g *Gate) set(mode gateMode, after int64) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.mode, g.after = mode, after
	for c := range g.conns {
		c.Close()
	}
	clear(g.conns)
}

func (g *Gate) serve() {
	for {
		c, err := g.listener.Accept()
		if err != nil {
			return
		}
		g.wg.Go(func() { g.pass(c) })
	}
}

// pass connects a client with the backend, as the mode has it.
func (g *Gate) pass(client net.Conn) {
	mode, after := g.begin(client)
	defer g.end(client)
	if mode == gateClosed || mode == gateCut && after == 0 {
		return
	}
	server, err := net.Dial("tcp", g.backend) //nolint:noctx // it ends when the gate does
	if err != nil {
		return
	}
	defer g.end(server)
	if now, _ := g.begin(server); now != mode {
		return
	}
	var wg sync.WaitGroup
	defer wg.Wait()
	wg.Go(func() {
		_, _ = io.Copy(server, client)
		closeWrite(server)
	})
	if mode == gateOpen {
		_, _ = io.Copy(client, server)
		closeWrite(client)
		return
	}
	_, _ = io.CopyN(client, server, after)
	if mode == gateStall {
		_, _ = io.Copy(io.Discard, server)
		return
	}
	client.Close()
	server.Close()
}

// begin keeps a connection, to be ended when the mode changes, and returns the mode.
func (g *Gate) begin(c net.Conn) (mode gateMode, after int64) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.mode != gateClosed {
		g.conns[c] = true
	}
	return g.mode, g.after
}

func (g *Gate) end(c net.Conn) {
	g.mu.Lock()
	defer g.mu.Unlock()
	delete(g.conns, c)
	c.Close()
}

func closeWrite(c net.Conn) {
	if tcp, ok := c.(*net.TCPConn); ok {
		_ = tcp.CloseWrite() // the other side has seen enough
	}
}
