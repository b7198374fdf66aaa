//go:build unix

package wire

import (
	"errors"
	"runtime"
	"sync"
)

// writer puts messages on a socket. Whoever finds nobody writing writes, and goes on for those who come meanwhile. No
// sender blocks: where there is no room, a goroutine goes on.
type writer struct {
	socket *socket
	broken func(error) // called when writing fails

	mu      sync.Mutex
	queue   Payload // whole messages
	spare   Payload
	parts   [][]byte // of whoever writes
	writing bool
	held    bool // what is sent waits for more
	err     error
}

func newWriter(s *socket, broken func(error)) *writer { return &writer{socket: s, broken: broken} }

// send queues a message and sees to it that it is written. The payload may be changed at once, but not what it refers
// to. The error is that of a connection that has ended before.
func (w *writer) send(h header, p *Payload) error {
	w.mu.Lock()
	if err := w.enqueue(h, p); err != nil {
		w.mu.Unlock()
		return err
	}
	w.flushOnce()
	return nil
}

// sendAmong is send for one of many who do so: those who are about to go first, so that one write does for several.
func (w *writer) sendAmong(h header, p *Payload) error {
	w.mu.Lock()
	err := w.enqueue(h, p)
	w.mu.Unlock()
	if err != nil {
		return err
	}
	runtime.Gosched()
	w.mu.Lock()
	w.flushOnce()
	return nil
}

// enqueue is called with the lock held.
func (w *writer) enqueue(h header, p *Payload) error {
	if w.err != nil {
		return w.err
	}
	h.length = p.Len()
	w.queue.small = h.appendTo(w.queue.small)
	w.queue.Join(p)
	return nil
}

// flushOnce is flush, unless somebody else writes, or will. It is called with the lock held, which it gives back.
func (w *writer) flushOnce() {
	if w.writing || w.held {
		w.mu.Unlock()
		return
	}
	w.writing = true
	w.flush(false)
}

// hold has what is sent wait until release.
func (w *writer) hold() {
	w.mu.Lock()
	w.held = true
	w.mu.Unlock()
}

// release writes what was held, and all that is sent from now on.
func (w *writer) release() {
	w.mu.Lock()
	if !w.held || w.writing {
		w.held = false
		w.mu.Unlock()
		return
	}
	w.held, w.writing = false, true
	w.flush(false)
}

// flush writes until nothing is left to write. It is called with the lock held, which it gives back. Where it may not
// block, a goroutine takes its place when it would.
func (w *writer) flush(mayBlock bool) {
	for w.err == nil && w.queue.Len() > 0 {
		batch := w.queue
		w.queue, w.spare = w.spare, Payload{}
		w.mu.Unlock()
		w.parts = batch.appendParts(w.parts[:0])
		if rest := w.write(w.parts, mayBlock); len(rest) > 0 {
			go w.goOn(rest, batch)
			return
		}
		w.done(batch)
	}
	w.writing = false
	w.mu.Unlock()
}

// goOn writes what is left of a batch, and all that has come meanwhile.
func (w *writer) goOn(rest [][]byte, batch Payload) {
	w.write(rest, true)
	w.done(batch)
	w.flush(true)
}

// done takes the lock, and the memory of what is written.
func (w *writer) done(batch Payload) {
	clear(w.parts)
	batch.Reset()
	w.mu.Lock()
	w.spare = batch
}

// write writes parts. Where it would block, but may not, it returns what is left. A failure ends the connection.
func (w *writer) write(parts [][]byte, mayBlock bool) [][]byte {
	for len(parts) > 0 {
		n, err := w.socket.write(parts)
		if errors.Is(err, errAgain) {
			if !mayBlock {
				return parts
			}
			err = w.socket.awaitWrite()
		}
		if err != nil {
			w.fail(err)
			return nil
		}
		parts = consume(parts, n)
	}
	return nil
}

// consume takes the first n bytes out of parts.
func consume(parts [][]byte, n int) [][]byte {
	for len(parts) > 0 && n >= len(parts[0]) {
		n -= len(parts[0])
		parts = parts[1:]
	}
	if n > 0 {
		parts[0] = parts[0][n:]
	}
	return parts
}

// fail makes err the error of whatever is sent from now on.
func (w *writer) fail(err error) {
	w.mu.Lock()
	first := w.err == nil
	if first {
		w.err = closedError(err)
	}
	w.mu.Unlock()
	if first {
		w.broken(err)
	}
}
