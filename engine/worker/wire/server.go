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
	"time"
)

// Serve is NewServer and Serve, with a handler of calls.
func Serve(file *os.File, handle func(*Call), opts *Options) error {
	s, err := NewServer(file, Handlers{Call: handle}, opts)
	if err != nil {
		return err
	}
	return s.Serve()
}

// Handlers are what a Server does with what comes.
type Handlers struct {
	// Call answers a call. Several run at the same time.
	Call func(*Call)
	// Told takes what Client.Tell sends, one after the other. It must not block, and the payload holds until it returns. Nil
	// takes no notice.
	Told func(tag byte, payload []byte)
}

// NewServer takes over the socket, which it closes also where it fails.
func NewServer(file *os.File, h Handlers, opts *Options) (*Server, error) {
	sock, err := newSocket(file)
	if err != nil {
		return nil, err
	}
	s := &Server{
		socket: sock, handle: h.Call, told: h.Told, max: opts.maxPayload(), calls: make(map[uint64]*Call),
		kick: make(chan struct{}, 1), ended: make(chan error, 1), stop: make(chan struct{}),
	}
	s.reader = newReader(sock, s.max)
	s.writer = newWriter(sock, func(error) { sock.close() })
	return s, nil
}

// Serve answers what comes, once, until the other end is closed: that is no error. Calls that are not over then go on, but nobody
// hears of it.
func (s *Server) Serve() error {
	var monitor sync.WaitGroup
	monitor.Go(s.monitor)
	go s.read()
	err := <-s.ended
	s.end()
	monitor.Wait()
	if errors.Is(err, io.EOF) || errors.Is(err, os.ErrClosed) {
		return nil
	}
	return err
}

// Server is the end of a connection that is called. One of its goroutines reads. It runs a call itself, as long as calls are short
// and many, since handing them on takes longer than they do; another one reads on when a call turns out to be a long one.
type Server struct {
	socket *socket
	reader *reader // of the one that reads
	writer *writer
	handle func(*Call)
	told   func(tag byte, payload []byte) // nil where nobody listens
	max    int
	kick   chan struct{} // starts the monitor
	ended  chan error    // gets why the one that reads has ended
	stop   chan struct{}

	mu       sync.Mutex
	calls    map[uint64]*Call
	idle     []chan *Call // goroutines that wait for a call: their stacks have grown already
	over     bool
	short    int       // grows with calls that were short
	last     time.Time // when a call came
	running  *Call     // that the one runs that reads
	ran      int       // how many it has run
	watching bool      // the monitor looks at running
}

const (
	// maxIdle bounds how many goroutines wait for calls.
	maxIdle = 16
	// shortTime is how long a call takes at most that counts as short.
	shortTime = 100 * time.Microsecond
	// A long call counts as much as so many short ones, and so many are needed for the next to be believed to be short, too.
	longWeight, shortEnough, maxShort = 8, 8, 32
	// monitorTime is about how long others wait for the one that reads when a call turns out to be a long one.
	monitorTime = time.Millisecond
	// monitorIdle is after how many such times without a call the monitor rests.
	monitorIdle = 20
)

// read reads, until another one does or the connection ends.
func (s *Server) read() {
	for {
		if !s.reader.buffered() {
			s.writer.release()
		}
		m, err := s.reader.next(context.Background())
		if err == nil && m.kind == kindCall {
			if !s.run(newCall(s, m)) {
				return
			}
			continue
		}
		if err == nil {
			err = s.receive(m)
		}
		if err != nil {
			s.ended <- err
			return
		}
	}
}

// receive does what a message asks for that is no call.
func (s *Server) receive(m message) error {
	if m.kind == kindPing {
		_ = s.writer.send(header{kind: kindPong, call: m.call}, nil) // the next read tells
		return nil
	}
	if m.kind == kindTell {
		if s.told != nil {
			s.told(m.tag, m.payload)
		}
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

// run runs a call, or has it run. It is false where another one reads by now.
func (s *Server) run(c *Call) bool {
	now := time.Now()
	s.mu.Lock()
	s.calls[c.id] = c
	often := now.Sub(s.last) < monitorTime
	s.last = now
	runs := s.short >= shortEnough && often
	s.reader.spins = runs && runtime.GOMAXPROCS(0) > 1 // who runs a call has a use for the processor
	if !runs {
		s.dispatch(c)
		return true
	}
	s.running = c
	s.ran++
	if !s.watching {
		s.watching = true
		s.kick <- struct{}{}
	}
	if s.reader.buffered() {
		s.writer.hold() // one write for several replies
	}
	s.mu.Unlock()
	s.handle(c)
	_, _ = c.Reply(0, nil) // where handle has not
	s.mu.Lock()
	s.took(time.Since(now))
	reads := s.running == c
	if reads {
		s.running = nil
	}
	s.mu.Unlock()
	return reads
}

// took takes note of how long a call has taken. It is called with the lock held.
func (s *Server) took(t time.Duration) {
	if t < shortTime {
		s.short = min(s.short+1, maxShort)
	} else {
		s.short = max(s.short-longWeight, 0)
	}
}

// dispatch runs a call on a goroutine that waits, or on a new one. It is called with the lock held, which it gives back.
func (s *Server) dispatch(c *Call) {
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
func (s *Server) work(c *Call) {
	calls := make(chan *Call)
	for {
		begin := time.Now()
		s.handle(c)
		_, _ = c.Reply(0, nil) // where handle has not
		s.mu.Lock()
		s.took(time.Since(begin))
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

// handOff has another goroutine read, where c is run by the one that does.
func (s *Server) handOff(c *Call) {
	s.mu.Lock()
	handed := s.running == c && !s.over
	if handed {
		s.running = nil
	}
	s.mu.Unlock()
	s.writer.release()
	if handed {
		go s.read()
	}
}

// Yield has what comes read by others than a call that runs now: one that waits for it would wait for a moment too long.
func (s *Server) Yield() {
	s.mu.Lock()
	c := s.running
	s.mu.Unlock()
	if c != nil {
		s.handOff(c)
	}
}

// monitor looks for long calls of the one that reads, while that one runs calls at all.
func (s *Server) monitor() {
	for {
		select {
		case <-s.kick:
		case <-s.stop:
			return
		}
		ran := 0
		for idle := 0; idle < monitorIdle; idle++ {
			time.Sleep(monitorTime)
			s.mu.Lock()
			c, same := s.running, s.ran == ran
			ran = s.ran
			s.mu.Unlock()
			switch {
			case !same:
				idle = 0
			case c != nil:
				s.handOff(c)
			}
		}
		s.mu.Lock()
		s.watching = s.running != nil
		if s.watching {
			s.kick <- struct{}{}
		}
		s.mu.Unlock()
	}
}

// end lets all calls know that nobody listens any more.
func (s *Server) end() {
	s.mu.Lock()
	s.over = true
	calls := s.calls
	s.calls = nil
	for _, worker := range s.idle {
		close(worker)
	}
	s.idle = nil
	s.mu.Unlock()
	close(s.stop)
	s.socket.close()
	for _, c := range calls {
		c.close()
	}
}
