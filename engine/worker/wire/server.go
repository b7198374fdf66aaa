//go:build unix

package wire

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"sync"
)

// Serve answers the calls that come over a socket, each with handle on a goroutine of its own, until the other end is closed: that is
// no error. It takes the socket over. Calls that are not over then go on, but nobody hears of it.
func Serve(file *os.File, handle func(*Call), opts *Options) error {
	sock, err := newSocket(file)
	if err != nil {
		return err
	}
	s := &server{socket: sock, handle: handle, max: opts.maxPayload(), calls: make(map[uint64]*Call)}
	s.writer = newWriter(sock, func(error) { sock.close() })
	r := newReader(sock, s.max)
	for {
		m, err := r.next(context.Background())
		if err == nil {
			err = s.receive(m)
		}
		if err != nil {
			s.end()
			if errors.Is(err, io.EOF) || errors.Is(err, os.ErrClosed) {
				return nil
			}
			return err
		}
	}
}

// server is the end of a connection that is called.
type server struct {
	socket *socket
	writer *writer
	handle func(*Call)
	max    int

	mu    sync.Mutex
	calls map[uint64]*Call
	idle  []chan *Call // goroutines that wait for a call: their stacks have grown already
	over  bool
}

// maxIdle bounds how many goroutines wait for calls.
const maxIdle = 16

// receive does what a message asks for.
func (s *server) receive(m message) error {
	switch m.kind {
	case kindCall:
		s.dispatch(newCall(s, m))
		return nil
	case kindPing:
		_ = s.writer.send(header{kind: kindPong, call: m.call}, nil) // the next read tells
		return nil
	}
	s.mu.Lock()
	c := s.calls[m.call]
	s.mu.Unlock()
	switch {
	case m.kind != kindCancel && m.kind != kindAck && m.kind != kindAnswer:
		return fmt.Errorf("%w: a message of kind %d from the caller", ErrMalformed, m.kind)
	case c == nil: // it is over
	case m.kind == kindCancel:
		c.cancel(m.tag)
	case len(m.payload) < askSize:
		return fmt.Errorf("%w: it is too short", ErrMalformed)
	case m.kind == kindAck:
		c.room(int(binary.LittleEndian.Uint32(m.payload)))
	case m.kind == kindAnswer:
		c.answered(binary.LittleEndian.Uint32(m.payload), append([]byte(nil), m.payload[askSize:]...))
	}
	return nil
}

// dispatch runs a call on a goroutine that waits, or on a new one.
func (s *server) dispatch(c *Call) {
	s.mu.Lock()
	s.calls[c.id] = c
	var worker chan *Call
	if last := len(s.idle) - 1; last >= 0 {
		worker = s.idle[last]
		s.idle = s.idle[:last]
	}
	s.mu.Unlock()
	if worker != nil {
		worker <- c
	} else {
		go s.work(c)
	}
	runtime.Gosched() // the call first: the next one is not here yet
}

// work runs calls.
func (s *server) work(c *Call) {
	calls := make(chan *Call)
	for {
		s.handle(c)
		c.Reply(0, nil) // where handle has not
		s.mu.Lock()
		if s.over || len(s.idle) == maxIdle {
			s.mu.Unlock()
			return
		}
		s.idle = append(s.idle, calls)
		s.mu.Unlock()
		var ok bool
		if c, ok = <-calls; !ok {
			return
		}
	}
}

// end lets all calls know that nobody listens any more.
func (s *server) end() {
	s.mu.Lock()
	s.over = true
	calls := s.calls
	s.calls = nil
	for _, worker := range s.idle {
		close(worker)
	}
	s.idle = nil
	s.mu.Unlock()
	s.socket.close()
	for _, c := range calls {
		c.close()
	}
}
