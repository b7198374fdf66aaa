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
	conns map[net.Conn]bool
}

type gateMode int

const (
	gateOpen  gateMode = iota
	gateShut           // connections end at once
	gateStall          // connections are taken, and nothing comes
	gateClosed
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
		g.set(gateClosed)
		g.wg.Wait()
	})
	return g
}

// Addr is where the gate listens.
func (g *Gate) Addr() string { return g.listener.Addr().String() }

// Shut ends all connections, and each new one as it comes, until open is called.
func (g *Gate) Shut() (open func()) {
	g.set(gateShut)
	return func() { g.set(gateOpen) }
}

// Stall ends all connections, and lets new ones wait for an answer that does not come, until open is called.
func (g *Gate) Stall() (open func()) {
	g.set(gateStall)
	return func() { g.set(gateOpen) }
}

func (g *Gate) set(mode gateMode) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.mode = mode
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
	defer g.end(client)
	switch g.begin(client) {
	case gateStall:
		_, _ = io.Copy(io.Discard, client)
	case gateOpen:
		server, err := net.Dial("tcp", g.backend) //nolint:noctx // it ends when the gate does
		if err != nil {
			return
		}
		defer g.end(server)
		if g.begin(server) != gateOpen {
			return
		}
		var wg sync.WaitGroup
		wg.Go(func() {
			_, _ = io.Copy(server, client)
			closeWrite(server)
		})
		_, _ = io.Copy(client, server)
		closeWrite(client)
		wg.Wait()
	case gateShut, gateClosed:
	}
}

// begin keeps a connection, to be ended with a change of the mode, which it returns.
func (g *Gate) begin(c net.Conn) gateMode {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.mode == gateOpen || g.mode == gateStall {
		g.conns[c] = true
	}
	return g.mode
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
