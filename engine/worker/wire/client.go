//go:build unix

package wire

import (
	"context"
	"errors"
	"os"
	"sync"
)

// Client is the end of a connection that calls. It is safe for concurrent use.
type Client struct {
	socket *socket
	reader *reader // of the one who reads
	writer *writer
	max    int
	ended  chan struct{}

	mu      sync.Mutex
	calls   map[uint64]*Pending
	last    uint64     // the number of the newest call
	reading bool       // one of the callers reads
	parked  []*Pending // callers that wait while another one reads
	err     error
}

// NewClient takes over the socket, which it closes also where it fails.
func NewClient(file *os.File, opts *Options) (*Client, error) {
	s, err := newSocket(file)
	if err != nil {
		return nil, err
	}
	c := &Client{socket: s, max: opts.maxPayload(), ended: make(chan struct{}), calls: make(map[uint64]*Pending)}
	c.reader = newReader(s, c.max)
	c.writer = newWriter(s, c.end)
	return c, nil
}

// Handler is what a caller hears before the reply. Its functions run on the goroutine that waits for the reply.
type Handler interface {
	// Event takes what the called side tells, with a tag of its own. The payload holds until Event returns.
	Event(tag byte, payload []byte)
	// Ask appends the answer to a question of the called side.
	Ask(tag byte, payload []byte, answer *Payload)
}

// Start calls. Each call that was started is to be released. A nil handler hears nothing.
func (c *Client) Start(method byte, p *Payload, h Handler) (*Pending, error) {
	return c.start(header{kind: kindCall, tag: method}, p, h)
}

// Ping returns when the other end has answered that it is there, which it does whatever its handlers do. The error is
// that of ctx, or ErrClosed.
func (c *Client) Ping(ctx context.Context) error {
	call, err := c.start(header{kind: kindPing}, nil, nil)
	if err != nil {
		return err
	}
	defer call.Release()
	_, err = call.Wait(ctx)
	return err
}

// crowd is from how many calls on they are likely to come at the same time: the replies of those before have come so.
const crowd = 4

func (c *Client) start(h header, p *Payload, handler Handler) (*Pending, error) {
	if p.Len() > c.max {
		return nil, ErrTooLarge
	}
	call := newPending(c, handler)
	c.mu.Lock()
	if c.err != nil {
		defer c.mu.Unlock()
		return nil, c.err
	}
	c.last++
	call.id = c.last
	c.calls[call.id] = call
	send := c.writer.send
	if len(c.calls) >= crowd {
		send = c.writer.sendAmong
	}
	c.mu.Unlock()
	h.call = call.id
	if err := send(h, p); err != nil {
		call.Release()
		return nil, err
	}
	return call, nil
}

// Tell sends something that is no call and has no answer. It does not block: what there is no room for waits. The payload may be used
// again at once, but not what it refers to.
func (c *Client) Tell(tag byte, p *Payload) error {
	if p.Len() > c.max {
		return ErrTooLarge
	}
	return c.writer.send(header{kind: kindTell, tag: tag}, p)
}

// Calls is how many calls are not released.
func (c *Client) Calls() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.calls)
}

// Close ends the connection, and with it all calls: they fail with ErrClosed.
func (c *Client) Close() { c.end(nil) }

// Ended is closed when the connection has ended. Without a call nobody reads, so that an end that the other side brings about is
// noticed by the next call.
func (c *Client) Ended() <-chan struct{} { return c.ended }

// end is called by whoever notices that the connection is over.
func (c *Client) end(cause error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.err != nil {
		return
	}
	c.err = closedError(cause)
	for _, call := range c.calls {
		call.wakeUp()
	}
	c.socket.close()
	close(c.ended)
}

// lead reads for all until there is something for p. It is called by the one who reads, who does not any more when it
// returns.
func (c *Client) lead(ctx context.Context, p *Pending) error {
	for {
		m, err := c.reader.next(ctx)
		if err != nil {
			gaveUp := ctx.Err() != nil && errors.Is(err, ctx.Err())
			if !gaveUp {
				c.end(err)
			}
			c.mu.Lock()
			defer c.mu.Unlock()
			c.handOn()
			if gaveUp {
				return err
			}
			return c.err
		}
		c.mu.Lock()
		if c.deliver(m, p) {
			c.handOn()
			c.mu.Unlock()
			return nil
		}
		c.mu.Unlock()
	}
}

// deliver gives a message to its call. It is true where that is the reader's. What nobody waits for any more is dropped.
func (c *Client) deliver(m message, reader *Pending) bool {
	call := c.calls[m.call]
	if call == nil {
		return false
	}
	call.receive(m)
	if call == reader {
		return true
	}
	call.wakeUp()
	return false
}

// handOn lets another caller read, where one waits. It is called with the lock held by the one who has read, or by a parked one
// that has no more use for being woken.
func (c *Client) handOn() {
	c.reading = false
	if last := len(c.parked) - 1; last >= 0 {
		c.parked[last].wakeUp()
	}
}

func (c *Client) park(p *Pending) {
	if !p.parked {
		p.parked = true
		c.parked = append(c.parked, p)
	}
}

func (c *Client) unpark(p *Pending) {
	if !p.parked {
		return
	}
	p.parked = false
	for i, q := range c.parked {
		if q == p {
			last := len(c.parked) - 1
			c.parked[i], c.parked[last] = c.parked[last], nil
			c.parked = c.parked[:last]
			return
		}
	}
}
