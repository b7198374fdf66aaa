//go:build unix

package wire

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"time"
)

const (
	// readBuffer is how much is read at once. Messages that do not fit into it have a buffer of their own.
	readBuffer = 32 << 10
	// spinTime is how long the socket is polled before its reader blocks: about as long as it takes to block and to be woken where
	// processors are shared with others. Where it is shorter than that, each end polls in vain for what the other is woken for.
	spinTime = 100 * time.Microsecond
	// shortWait is how long a reader that blocks waits at most where polling would have paid: being woken is part of it.
	shortWait = 4 * spinTime
	// maxSpinScore is how often polling may be in vain, in a row, before it is left off; after trySpinScore times where it had
	// been left off before.
	maxSpinScore, trySpinScore = 8, 2
	// maxShortWaits bounds how many short waits it takes until polling is tried again. It is twice as many each time that was in vain.
	maxShortWaits = 256
)

// reader takes messages from a socket. It is used by one goroutine at a time, and keeps what it has of a message when
// that one gives up.
type reader struct {
	socket *socket
	max    int

	buf         []byte
	start, end  int     // what is in buf and not taken yet
	large       message // one that does not fit into buf; its payload is nil where there is none
	largeFilled int

	spins     bool // another thread can go on meanwhile
	spinScore int  // zero is not to poll, as at first: the other end has to start
	// How many short waits there were since polling was left off, and how many it takes to try it again.
	shortWaits, enoughWaits int
}

func newReader(s *socket, maxPayload int) *reader {
	return &reader{
		socket: s, max: maxPayload, buf: make([]byte, readBuffer),
		spins: runtime.GOMAXPROCS(0) > 1, enoughWaits: 1,
	}
}

// next returns the next message. It blocks until there is one, or ctx ends.
func (r *reader) next(ctx context.Context) (message, error) {
	for {
		m, ok, err := r.take()
		if ok || err != nil {
			return m, err
		}
		if err := r.fill(ctx); err != nil {
			return message{}, err
		}
	}
}

// buffered reports whether another message is here already.
func (r *reader) buffered() bool {
	have := r.buf[r.start:r.end]
	return r.large.payload == nil && len(have) >= headerSize && len(have) >= headerSize+parseHeader(have).length
}

// take returns the next message if all of it is here.
func (r *reader) take() (message, bool, error) {
	if r.large.payload != nil {
		if r.largeFilled < len(r.large.payload) {
			return message{}, false, nil
		}
		m := r.large
		r.large = message{}
		return m, true, nil
	}
	have := r.buf[r.start:r.end]
	if len(have) < headerSize {
		return message{}, false, nil
	}
	h := parseHeader(have)
	have = have[headerSize:]
	switch {
	case h.length > r.max:
		return message{}, false, fmt.Errorf("%w: %d bytes, the limit is %d", ErrTooLarge, h.length, r.max)
	case h.length <= len(have):
		r.start += headerSize + h.length
		return message{header: h, payload: have[:h.length:h.length]}, true, nil
	case h.length > len(r.buf)-headerSize:
		r.large = message{header: h, payload: make([]byte, h.length), owned: true}
		r.largeFilled = copy(r.large.payload, have)
		r.start, r.end = 0, 0
	}
	return message{}, false, nil
}

// fill reads once, at least one byte.
func (r *reader) fill(ctx context.Context) error {
	into := &r.end
	var space []byte
	if r.large.payload != nil {
		into, space = &r.largeFilled, r.large.payload[r.largeFilled:]
	} else {
		if r.start > 0 {
			r.end = copy(r.buf, r.buf[r.start:r.end])
			r.start = 0
		}
		space = r.buf[r.end:]
	}
	n, err := r.socket.read(space)
	for errors.Is(err, errAgain) {
		n, err = r.spin(space)
		if !errors.Is(err, errAgain) {
			break
		}
		blocked := time.Now()
		if err := r.socket.awaitRead(ctx); err != nil {
			return err
		}
		r.waited(time.Since(blocked))
		n, err = r.socket.read(space)
	}
	*into += n
	return err
}

// spin polls the socket for a moment.
func (r *reader) spin(space []byte) (int, error) {
	if r.spinScore == 0 || !r.spins {
		return 0, errAgain
	}
	for begin := time.Now(); time.Since(begin) < spinTime; {
		n, err := r.socket.read(space)
		if !errors.Is(err, errAgain) {
			r.spinScore, r.enoughWaits = min(r.spinScore+1, maxSpinScore), 1
			return n, err
		}
	}
	if r.spinScore--; r.spinScore == 0 {
		r.shortWaits, r.enoughWaits = 0, min(2*r.enoughWaits, maxShortWaits)
	}
	return 0, errAgain
}

// waited takes note of how long the reader was blocked.
func (r *reader) waited(t time.Duration) {
	if r.spinScore > 0 || t >= shortWait { // a pause says nothing of the calls after it
		return
	}
	if r.shortWaits++; r.shortWaits >= r.enoughWaits {
		r.spinScore = trySpinScore
	}
}
