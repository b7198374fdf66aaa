package link

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/scriptd/scriptd/engine/contract/carry"
)

// Conn is one end of a connection. It is safe for concurrent use.
type Conn struct {
	connection io.ReadWriteCloser
	in         io.Reader
	opts       Options
	session    *carry.Session
	heard      atomic.Int64 // when, in nanoseconds of Unix time
	stuck      atomic.Int64 // since when something is written, 0 for nothing
	whispers   sync.WaitGroup
	whispering atomic.Bool

	left      chan struct{}
	leaveOnce sync.Once
	closed    chan struct{}
	closeOnce sync.Once

	mu      sync.Mutex
	room    sync.Cond
	pending []byte
	spare   []byte
	writing bool
	broken  error
}

// Session is what calls in both directions.
func (c *Conn) Session() *carry.Session { return c.session }

// Left is closed when the other side has sent its farewell.
func (c *Conn) Left() <-chan struct{} { return c.left }

// Closed is closed when the connection is.
func (c *Conn) Closed() <-chan struct{} { return c.closed }

// LastHeard is when something came from the other side.
func (c *Conn) LastHeard() time.Time { return time.Unix(0, c.heard.Load()) }

// Farewell tells the other side that this one begins to stop, or has ended its calls.
func (c *Conn) Farewell() { _ = c.send([]byte{0, frameFarewell}) } // a connection that has ended tells of it

// Close ends the connection: calls in both directions fail with an error that wraps the cause. Only the first one counts.
func (c *Conn) Close(cause error) {
	c.closeOnce.Do(func() {
		c.session.Close(cause)
		c.mu.Lock()
		c.broken = cause
		if cause == nil {
			c.broken = carry.ErrClosed
		}
		c.room.Broadcast()
		c.mu.Unlock()
		close(c.closed)
		c.connection.Close()
	})
}

// Run receives until the connection ends, and closes it. Explain makes the cause of what it ended with; nil leaves it as it is.
func (c *Conn) Run(explain func(error) error) {
	if explain == nil {
		explain = func(err error) error { return err }
	}
	var watching sync.WaitGroup
	watching.Go(func() { c.watch(explain) })
	c.Close(explain(c.receive()))
	watching.Wait()
	c.whispers.Wait()
}

func (c *Conn) receive() error {
	r := bufio.NewReaderSize(listening{c}, 64<<10)
	var buf []byte
	for {
		n, err := c.length(r)
		if err != nil {
			return err
		}
		if buf, err = fill(r, buf[:0], n); err != nil {
			return err
		}
		if buf[0] == 0 {
			err = c.own(buf)
		} else {
			err = c.session.Receive(buf)
		}
		switch {
		case c.session.Err() != nil:
			return c.session.Err()
		case err != nil:
			return fmt.Errorf("%w: %w", ErrProtocol, err)
		case cap(buf) > maxPending:
			buf = nil
		}
		if err := c.calm(); err != nil {
			return err
		}
	}
}

func (c *Conn) length(r io.Reader) (int, error) {
	var head [4]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return 0, err
	}
	n := binary.BigEndian.Uint32(head[:])
	if n == 0 || n > maxFrame {
		return 0, fmt.Errorf("%w: a frame of %d bytes", ErrProtocol, n)
	}
	return int(n), nil
}

// fill reads n bytes. The memory grows with what comes, not with what was announced.
func fill(r io.Reader, buf []byte, n int) ([]byte, error) {
	for len(buf) < n {
		more := min(n-len(buf), max(len(buf), piece))
		buf = slices.Grow(buf, more)
		part := buf[len(buf) : len(buf)+more]
		if _, err := io.ReadFull(r, part); err != nil {
			return buf, err
		}
		buf = buf[:len(buf)+more]
	}
	return buf, nil
}

// own takes a frame of the connection itself.
func (c *Conn) own(frame []byte) error {
	switch {
	case len(frame) == 1:
		c.whisper([]byte{0, frameQuestion})
		return nil
	case len(frame) == 2 && frame[1] == frameQuestion:
		return nil // it was heard
	case len(frame) == 2 && frame[1] == frameFarewell:
		c.leaveOnce.Do(func() { close(c.left) })
		return nil
	default:
		return errors.New("a frame of an unknown kind")
	}
}

// calm waits while the other side has more calls than it may have: those that it does not take the answers of.
func (c *Conn) calm() error {
	begin := time.Now()
	for c.session.Busy() > 2*carry.MaxCalls {
		if time.Since(begin) > c.opts.Stuck {
			return ErrStuck
		}
		select {
		case <-c.closed:
			return carry.ErrClosed
		case <-time.After(time.Millisecond):
		}
	}
	return nil
}

// watch gives a connection up that does nothing any more.
func (c *Conn) watch(explain func(error) error) {
	tick := time.NewTicker(min(c.opts.Silence/6, c.opts.Stuck/4))
	defer tick.Stop()
	var asked time.Time // since when the other side has not answered; zero where it was not asked
	for {
		select {
		case <-c.closed:
			return
		case <-tick.C:
		}
		silent := time.Since(c.LastHeard())
		since := c.stuck.Load()
		switch {
		case since != 0 && time.Since(time.Unix(0, since)) > c.opts.Stuck:
			c.Close(explain(ErrStuck))
		case silent <= c.opts.Silence/3:
			asked = time.Time{}
		case asked.IsZero():
			asked = time.Now()
			c.whisper([]byte{0})
		case silent > c.opts.Silence && time.Since(asked) > c.opts.Silence/2: // this side may have been asleep itself
			c.Close(explain(fmt.Errorf("%w for %s", ErrSilent, c.opts.Silence)))
		}
	}
}

// listening is what comes from the connection.
type listening struct{ c *Conn }

func (l listening) Read(p []byte) (int, error) {
	n, err := l.c.in.Read(p)
	if n > 0 {
		l.c.heard.Store(time.Now().UnixNano())
	}
	return n, err
}
