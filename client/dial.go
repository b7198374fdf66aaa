package client

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"strings"
	"time"

	"github.com/scriptd/scriptd/engine/link"
)

// dial makes a connection for a session.
func (c *Client) dial(ctx context.Context) (*link.Conn, error) {
	req, err := c.request(ctx, http.MethodGet, link.Path, nil)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Connection", "Upgrade")
	req.Header.Set("Upgrade", link.Protocol)
	resp, err := c.transport.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	if resp.StatusCode != http.StatusSwitchingProtocols {
		defer resp.Body.Close()
		return nil, problemOf(resp)
	}
	conn, ok := resp.Body.(io.ReadWriteCloser)
	if !ok || !strings.EqualFold(resp.Header.Get("Upgrade"), link.Protocol) {
		resp.Body.Close()
		return nil, fmt.Errorf("it switches to the protocol %q, and not to %s", resp.Header.Get("Upgrade"), link.Protocol)
	}
	return link.New(conn, nil, link.Options{Silence: c.opts.Silence, Stuck: c.opts.Silence, Patience: c.opts.Patience}), nil
}

// attempt is one to reach the server.
type attempt struct {
	done chan struct{}
	line *line
	err  error
}

const (
	firstBackoff = 100 * time.Millisecond
	// restraint is how long after a failure the calls that come do not try again.
	restraint = 200 * time.Millisecond
)

// take returns the connection to the server, for a call that is to end. It is made where there is none.
func (c *Client) take(ctx context.Context) (*line, error) {
	ctx, cancel := context.WithTimeout(ctx, c.opts.DialTimeout)
	defer cancel()
	for {
		l, a, err := c.current()
		switch {
		case err != nil:
			return nil, err
		case l != nil && l.begin():
			return l, nil
		case l != nil: // it has just ended
			c.lost(l)
			continue
		}
		select {
		case <-a.done:
			if a.err != nil {
				return nil, a.err
			}
		case <-ctx.Done():
			return nil, c.unavailable(ctx.Err())
		}
	}
}

// current returns the connection, or the attempt to make one.
func (c *Client) current() (*line, *attempt, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case c.closed:
		return nil, nil, ErrClosed
	case c.line != nil || c.dialing != nil:
		return c.line, c.dialing, nil
	case c.why != nil && time.Since(c.failed) < restraint:
		return nil, nil, &UnavailableError{Server: c.base.String(), Err: c.why, Seen: c.seen}
	}
	return nil, c.attempt(), nil
}

// attempt begins one. The caller holds the lock.
func (c *Client) attempt() *attempt {
	a := &attempt{done: make(chan struct{})}
	c.dialing = a
	c.work.Go(func() {
		defer close(a.done)
		ctx, cancel := context.WithTimeout(c.closing, c.opts.DialTimeout)
		defer cancel()
		conn, err := c.dial(ctx)
		if err == nil {
			a.line, err = c.newLine(conn)
		}
		c.mu.Lock()
		defer c.mu.Unlock()
		c.dialing = nil
		if err != nil {
			c.failures++
			c.failed, c.why = time.Now(), err
			a.err = &UnavailableError{Server: c.base.String(), Err: err, Seen: c.seen}
			return
		}
		c.failures, c.why = 0, nil
		c.line = a.line
		c.seen = time.Now()
		c.keep(a.line)
	})
	return a
}

// keep runs a connection until it ends. The caller holds the lock.
func (c *Client) keep(l *line) {
	c.work.Go(func() {
		defer context.AfterFunc(c.closing, func() { l.conn.Close(ErrClosed) })()
		l.conn.Run(func(err error) error { return c.broken(l, err) })
		c.lost(l)
		l.settle()
	})
	c.work.Go(func() {
		select {
		case <-l.conn.Left():
			c.lost(l)
			l.retire()
		case <-l.conn.Closed():
		}
	})
}

// broken is the error of calls whose connection has ended.
func (c *Client) broken(l *line, err error) error {
	if c.closing.Err() != nil {
		return ErrClosed
	}
	if errors.Is(err, io.EOF) {
		err = errors.New("the server has closed it")
	}
	return &UnavailableError{Server: c.base.String(), Broke: true, Err: err, Seen: l.conn.LastHeard()}
}

func (c *Client) unavailable(err error) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return ErrClosed
	}
	return &UnavailableError{Server: c.base.String(), Err: err, Seen: c.seen}
}

// lost is told that a connection has ended, or is about to, and has another one made.
func (c *Client) lost(l *line) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.line != l {
		return
	}
	c.line, c.seen = nil, l.conn.LastHeard()
	if c.closed {
		return
	}
	c.log.Info("scriptd is away, or about to stop", "server", c.base.String(), "error", l.conn.Session().Err())
	if !c.waiting {
		c.waiting = true
		c.work.Go(c.reconnect)
	}
}

// reconnect tries until there is a connection.
func (c *Client) reconnect() {
	for {
		c.mu.Lock()
		a := c.dialing
		if c.line != nil || c.closed {
			c.waiting = false
			c.mu.Unlock()
			return
		}
		if a == nil {
			a = c.attempt()
		}
		c.mu.Unlock()
		<-a.done
		if a.err == nil {
			c.log.Info("scriptd is there again", "server", c.base.String())
			continue
		}
		c.mu.Lock()
		failures := c.failures
		c.mu.Unlock()
		c.pause(c.closing, failures)
	}
}

// pause waits before another try.
func (c *Client) pause(ctx context.Context, failures int) {
	d := firstBackoff << min(max(failures-1, 0), 10)
	d = min(d, c.opts.MaxBackoff)
	select {
	case <-time.After(d/2 + rand.N(d/2+1)):
	case <-ctx.Done():
	}
}
