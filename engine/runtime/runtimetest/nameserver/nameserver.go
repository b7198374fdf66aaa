// Package nameserver has a name server for tests that have no network.
//
//	names := nameserver.New(t, map[string][]string{"api.example.com": {"127.0.0.1"}})
//	addrs, err := names.Resolver().LookupHost(ctx, "api.example.com")
package nameserver

import (
	"context"
	"encoding/binary"
	"net"
	"net/netip"
	"strings"
	"sync"
	"testing"
)

// Server is a name server on this machine, with the names that a test gives it.
type Server struct {
	conn net.PacketConn

	mu    sync.Mutex
	names map[string][]string
	asked map[string]int
}

// New starts a server, which ends with the test. It answers with the addresses of a name, a different one each time that it is
// asked where these are separated by |; the last one stays.
func New(t *testing.T, names map[string][]string) *Server {
	t.Helper()
	conn, err := (&net.ListenConfig{}).ListenPacket(t.Context(), "udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &Server{conn: conn, names: names, asked: make(map[string]int)}
	done := make(chan struct{})
	go func() {
		defer close(done)
		s.serve()
	}()
	t.Cleanup(func() {
		conn.Close()
		<-done
	})
	return s
}

// Addr is where the server listens: host:port, of UDP.
func (s *Server) Addr() string { return s.conn.LocalAddr().String() }

// Resolver asks the server.
func (s *Server) Resolver() *net.Resolver { return Resolver(s.Addr()) }

// Resolver asks the server at an address, in another process for instance.
func Resolver(addr string) *net.Resolver {
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "udp", addr)
	}}
}

// Asked returns how often the server was asked for a name.
func (s *Server) Asked(name string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.asked[name]
}

func (s *Server) serve() {
	buf := make([]byte, 512)
	for {
		n, from, err := s.conn.ReadFrom(buf)
		if err != nil {
			return
		}
		if answer := s.answer(buf[:n]); answer != nil {
			_, _ = s.conn.WriteTo(answer, from)
		}
	}
}

const (
	headerSize = 12
	typeA      = 1
	typeAAAA   = 28
	pointer    = 0xc000 | headerSize // to the name in the question
)

// answer makes the answer to one question.
func (s *Server) answer(query []byte) []byte {
	if len(query) < headerSize {
		return nil
	}
	var labels []string
	at := headerSize
	for at < len(query) && query[at] != 0 {
		end := at + 1 + int(query[at])
		if end > len(query) {
			return nil
		}
		labels = append(labels, string(query[at+1:end]))
		at = end
	}
	if at+5 > len(query) {
		return nil
	}
	question := query[headerSize : at+5]
	kind := binary.BigEndian.Uint16(query[at+1:])
	addrs, known := s.addresses(strings.ToLower(strings.Join(labels, ".")), kind)
	flags := uint16(0x8180)
	if !known {
		flags |= 3 // there is no such name
	}
	out := binary.BigEndian.AppendUint16(nil, binary.BigEndian.Uint16(query))
	for _, v := range []uint16{flags, 1, uint16(len(addrs)), 0, 0} {
		out = binary.BigEndian.AppendUint16(out, v)
	}
	out = append(out, question...)
	for _, addr := range addrs {
		out = binary.BigEndian.AppendUint16(out, pointer)
		out = binary.BigEndian.AppendUint16(out, kind)
		out = append(out, 0, 1, 0, 0, 0, 0)
		out = binary.BigEndian.AppendUint16(out, uint16(addr.BitLen()/8))
		out = append(out, addr.AsSlice()...)
	}
	return out
}

// addresses returns those of a name that are of a kind.
func (s *Server) addresses(name string, kind uint16) ([]netip.Addr, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	answers, known := s.names[name]
	if kind != typeA && kind != typeAAAA {
		return nil, known
	}
	var addrs []netip.Addr
	for _, answer := range answers {
		turns := strings.Split(answer, "|")
		addr := netip.MustParseAddr(turns[min(s.asked[name], len(turns)-1)])
		if addr.Is4() == (kind == typeA) {
			addrs = append(addrs, addr)
		}
	}
	if kind == typeA {
		s.asked[name]++
	}
	return addrs, known
}
