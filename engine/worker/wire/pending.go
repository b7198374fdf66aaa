//go:build unix

package wire

import (
	"context"
	"encoding/binary"
	"fmt"
	"sync"
)

// Pending is a call that was started. It is used by one goroutine at a time.
type Pending struct {
	client  *Client
	id      uint64
	handler Handler
	wake    chan struct{}
	taken   int    // bytes of events that the other end has not been told of
	buf     []byte // for one small message
	answer  Payload

	// Guarded by the client's lock.
	inbox   []message
	bufUsed bool
	parked  bool
}

// Reply is what a call came to.
type Reply struct {
	// Status is the called side's.
	Status byte
	// Payload holds until the call is released.
	Payload []byte
}

var pendings = sync.Pool{New: func() any { return &Pending{wake: make(chan struct{}, 1)} }}

func newPending(c *Client, h Handler) *Pending {
	p, _ := pendings.Get().(*Pending)
	p.client, p.handler = c, h
	return p
}

// Release says that nobody will wait for the reply, nor use what came of it. It is the last use of a call.
func (p *Pending) Release() {
	c := p.client
	c.mu.Lock()
	delete(c.calls, p.id)
	c.unpark(p)
	select {
	case <-p.wake:
		if !c.reading { // it was to read
			c.handOn()
		}
	default:
	}
	c.mu.Unlock()
	if cap(p.buf) > keepBuffer {
		p.buf = nil
	}
	clear(p.inbox)
	p.answer.Reset()
	*p = Pending{wake: p.wake, buf: p.buf[:0], inbox: p.inbox[:0], answer: p.answer}
	pendings.Put(p)
}

// Cancel tells the other end that its answer is of no use any more. The reason is for the other end to understand.
func (p *Pending) Cancel(reason byte) {
	_ = p.client.writer.send(header{kind: kindCancel, tag: reason, call: p.id}, nil) // a closed connection is told by Wait
}

// Wait returns the reply, once. Where ctx ends before, its error is returned, and the call goes on: Wait may be called again. Other
// errors are ErrClosed, why the connection ended.
func (p *Pending) Wait(ctx context.Context) (Reply, error) {
	c := p.client
	for {
		c.mu.Lock()
		if m, ok := p.next(); ok {
			c.unpark(p)
			if !c.reading {
				c.handOn()
			}
			c.mu.Unlock()
			if p.handle(m) {
				return Reply{m.tag, m.payload}, nil
			}
			continue
		}
		if c.err != nil {
			c.mu.Unlock()
			return Reply{}, c.err
		}
		if !c.reading {
			c.reading = true
			c.unpark(p)
			c.mu.Unlock()
			if err := c.lead(ctx, p); err != nil {
				return Reply{}, err
			}
			continue
		}
		c.park(p)
		c.mu.Unlock()
		select {
		case <-p.wake:
		case <-ctx.Done():
			c.mu.Lock()
			c.unpark(p)
			if !c.reading {
				c.handOn()
			}
			c.mu.Unlock()
			return Reply{}, ctx.Err()
		}
	}
}

// wakeUp makes a waiting call look again. It is called with the client's lock held.
func (p *Pending) wakeUp() {
	select {
	case p.wake <- struct{}{}:
	default:
	}
}

// receive takes a message in. It is called with the client's lock held, by whoever reads.
func (p *Pending) receive(m message) {
	if !m.owned {
		if p.bufUsed {
			m.payload = append([]byte(nil), m.payload...)
		} else {
			p.buf = append(p.buf[:0], m.payload...)
			m.payload, p.bufUsed = p.buf, true
		}
	}
	p.inbox = append(p.inbox, m)
}

// next takes the oldest message out. It is called with the client's lock held.
func (p *Pending) next() (message, bool) {
	if len(p.inbox) == 0 {
		return message{}, false
	}
	m := p.inbox[0]
	n := copy(p.inbox, p.inbox[1:])
	p.inbox[n] = message{}
	p.inbox = p.inbox[:n]
	return m, true
}

// handle does what a message asks for. It is true for the reply.
func (p *Pending) handle(m message) bool {
	switch m.kind {
	case kindReply, kindPong:
		return true
	case kindEvent:
		if p.handler != nil {
			p.handler.Event(m.tag, m.payload)
		}
		p.acknowledge(headerSize + len(m.payload))
	case kindAsk:
		if len(m.payload) < askSize {
			p.client.end(fmt.Errorf("%w: a question without a number", ErrMalformed))
			return false
		}
		p.answer.Reset()
		p.answer.small = append(p.answer.small, m.payload[:askSize]...)
		if p.handler != nil {
			p.handler.Ask(m.tag, m.payload[askSize:], &p.answer)
		}
		_ = p.client.writer.send(header{kind: kindAnswer, call: p.id}, &p.answer) // a closed connection is told by Wait
	default:
		p.client.end(fmt.Errorf("%w: a message of kind %d from the called side", ErrMalformed, m.kind))
	}
	return false
}

// askSize is the length of the number of a question.
const askSize = 4

// window is how many bytes of events a call may send ahead of what the caller has taken.
const window = 256 << 10

// acknowledge makes room for more events.
func (p *Pending) acknowledge(n int) {
	p.taken += n
	if p.taken < window/2 {
		return
	}
	var ack Payload
	ack.small = binary.LittleEndian.AppendUint32(nil, uint32(p.taken))
	p.taken = 0
	_ = p.client.writer.send(header{kind: kindAck, call: p.id}, &ack) // a closed connection is told by Wait
}
