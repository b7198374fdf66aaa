//go:build unix

package wire

import (
	"context"
	"encoding/binary"
	"sync"
)

// Call is a call at the end that is called. It is safe for concurrent use.
type Call struct {
	// Method is what is called.
	Method byte
	// Payload holds until Done is called.
	Payload []byte

	server *Server
	id     uint64
	buf    *[]byte // of the payload, where it goes back into buffers

	mu        sync.Mutex
	over      bool // it has a reply, or nobody listens
	cancelled bool
	reason    byte
	onCancel  func(reason byte)
	sent      int           // bytes of events that the caller has not taken yet
	more      chan struct{} // closed when there is room again; nil where nobody waits
	asked     uint32
	questions map[uint32]chan []byte
}

var buffers = sync.Pool{New: func() any { return new([]byte) }}

func newCall(s *Server, m message) *Call {
	c := &Call{Method: m.tag, Payload: m.payload, server: s, id: m.call}
	if !m.owned {
		c.buf, _ = buffers.Get().(*[]byte)
		*c.buf = append((*c.buf)[:0], m.payload...)
		c.Payload = *c.buf
	}
	return c
}

// Done says that the payload is not used any more.
func (c *Call) Done() {
	c.Payload = nil
	if c.buf != nil {
		buffers.Put(c.buf)
		c.buf = nil
	}
}

// OnCancel has f called, which must not block, when the caller gives up: at once, where it has already.
func (c *Call) OnCancel(f func(reason byte)) {
	c.mu.Lock()
	c.onCancel = f
	cancelled, reason := c.cancelled, c.reason
	c.mu.Unlock()
	if cancelled {
		f(reason)
	}
}

func (c *Call) cancel(reason byte) {
	c.mu.Lock()
	f := c.onCancel
	c.cancelled, c.reason = true, reason
	c.mu.Unlock()
	if f != nil {
		f(reason)
	}
}

// Reply answers the call, once: it is false for a call that has a reply. ErrTooLarge is for the caller of this to
// handle, who may then reply something else. The payload may be used again at once, but not what it refers to.
func (c *Call) Reply(status byte, p *Payload) (bool, error) {
	if p.Len() > c.server.max {
		return false, ErrTooLarge
	}
	if !c.end() {
		return false, nil
	}
	c.server.mu.Lock()
	delete(c.server.calls, c.id)
	c.server.mu.Unlock()
	return true, c.server.writer.send(header{kind: kindReply, tag: status, call: c.id}, p)
}

// end makes the call one that is over. It is false where it was.
func (c *Call) end() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.over {
		return false
	}
	c.over = true
	if c.more != nil {
		close(c.more)
		c.more = nil
	}
	for _, q := range c.questions {
		close(q)
	}
	c.questions = nil
	return true
}

// close is end for a call whose caller is gone.
func (c *Call) close() {
	if c.end() {
		c.cancel(0)
	}
}

// Event tells the caller something before the reply. It blocks while the caller has not taken much of what was told before. It is false
// where the call is over.
func (c *Call) Event(tag byte, p *Payload) bool {
	size := headerSize + p.Len()
	c.server.writer.release()
	c.mu.Lock()
	if c.sent+size > window {
		c.mu.Unlock()
		c.server.handOff(c) // so that the caller is heard
		c.mu.Lock()
	}
	for !c.over && c.sent > 0 && c.sent+size > window {
		if c.more == nil {
			c.more = make(chan struct{})
		}
		more := c.more
		c.mu.Unlock()
		<-more
		c.mu.Lock()
	}
	if c.over || p.Len() > c.server.max {
		c.mu.Unlock()
		return false
	}
	c.sent += size
	// Before the lock is given back, so that no reply comes first.
	err := c.server.writer.send(header{kind: kindEvent, tag: tag, call: c.id}, p)
	c.mu.Unlock()
	return err == nil
}

// room takes note of what the caller has taken.
func (c *Call) room(n int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.sent = max(c.sent-n, 0)
	if c.more != nil {
		close(c.more)
		c.more = nil
	}
}

// Ask asks the caller something, and returns the answer. The error is that of ctx, or ErrClosed where the call is over.
func (c *Call) Ask(ctx context.Context, tag byte, p *Payload) ([]byte, error) {
	c.server.handOff(c) // so that the answer is read
	answer := make(chan []byte, 1)
	c.mu.Lock()
	if c.over {
		c.mu.Unlock()
		return nil, ErrClosed
	}
	c.asked++
	n := c.asked
	if c.questions == nil {
		c.questions = make(map[uint32]chan []byte)
	}
	c.questions[n] = answer
	c.mu.Unlock()
	defer func() {
		c.mu.Lock()
		delete(c.questions, n)
		c.mu.Unlock()
	}()
	var question Payload
	question.small = binary.LittleEndian.AppendUint32(nil, n)
	question.Join(p)
	if err := c.server.writer.send(header{kind: kindAsk, tag: tag, call: c.id}, &question); err != nil {
		return nil, err
	}
	select {
	case b, ok := <-answer:
		if !ok {
			return nil, ErrClosed
		}
		return b, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (c *Call) answered(n uint32, b []byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if q := c.questions[n]; q != nil {
		delete(c.questions, n)
		q <- b
	}
}
