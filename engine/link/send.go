package link

import (
	"encoding/binary"
	"fmt"
	"time"

	"github.com/scriptd/scriptd/engine/contract/carry"
)

// send sends a message, or has the one sending it who is about to write.
func (c *Conn) send(message []byte) error {
	if len(message) > maxFrame {
		return fmt.Errorf("%w: %d bytes, of %d at most", carry.ErrTooLarge, len(message), MaxSize)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for c.broken == nil && len(c.pending) > maxPending {
		c.room.Wait()
	}
	if c.broken == nil {
		c.append(message)
		c.write()
	}
	return c.broken
}

// whisper sends a message that is of no use where much is sent anyway. It does not wait: those who receive must not.
func (c *Conn) whisper(message []byte) {
	if c.whispering.Swap(true) {
		return
	}
	c.whispers.Go(func() {
		defer c.whispering.Store(false)
		c.mu.Lock()
		defer c.mu.Unlock()
		if c.broken == nil && len(c.pending) < maxPending/16 {
			c.append(message)
			c.write()
		}
	})
}

func (c *Conn) append(message []byte) {
	c.pending = binary.BigEndian.AppendUint32(c.pending, uint32(len(message))) //nolint:gosec // at most maxFrame
	c.pending = append(c.pending, message...)
}

// write writes what is pending, unless somebody does. The caller holds the lock, which is not held meanwhile.
func (c *Conn) write() {
	if c.writing {
		return
	}
	c.writing = true
	for len(c.pending) > 0 && c.broken == nil {
		batch := c.pending
		c.pending = c.spare[:0]
		c.room.Broadcast()
		c.mu.Unlock()
		err := c.writeAll(batch)
		if err != nil {
			c.Close(err)
		}
		c.mu.Lock()
		if c.spare = batch; cap(batch) > 2*maxPending {
			c.spare = nil
		}
	}
	c.writing = false
}

func (c *Conn) writeAll(b []byte) error {
	defer c.stuck.Store(0)
	for len(b) > 0 {
		part := b[:min(len(b), piece)]
		c.stuck.Store(time.Now().UnixNano())
		if _, err := c.connection.Write(part); err != nil {
			return err
		}
		b = b[len(part):]
	}
	return nil
}
