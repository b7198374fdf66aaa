//go:build unix

package wire_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/scriptd/scriptd/engine/worker/wire"
)

// patience bounds what has to happen some time.
const patience = 30 * time.Second

func start(t *testing.T, c *wire.Client, method byte, p *wire.Payload, h wire.Handler) *wire.Pending {
	t.Helper()
	call, err := c.Start(method, p, h)
	if err != nil {
		t.Fatal(err)
	}
	return call
}

func wait(t *testing.T, call *wire.Pending) wire.Reply {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	reply, err := call.Wait(ctx)
	if err != nil {
		t.Fatal(err)
	}
	return reply
}

func sendAndCompare(t *testing.T, c *wire.Client, text []byte) {
	t.Helper()
	var p wire.Payload
	p.Bytes(text)
	call := start(t, c, echo, &p, nil)
	defer call.Release()
	if got := wire.NewDecoder(wait(t, call).Payload).Bytes(); !bytes.Equal(got, text) {
		t.Errorf("got %d bytes, want the %d that were sent", len(got), len(text))
	}
}

func random(n int) []byte {
	b := make([]byte, n)
	_, _ = rand.Read(b) // which does not fail
	return b
}

func TestPayloadsOfAllSizes(t *testing.T) {
	c, _ := connect(t)
	for _, n := range []int{0, 1, 11, 8<<10 - 1, 8 << 10, 32<<10 - 20, 32<<10 - 16, 32 << 10, 32<<10 + 1, 300 << 10, 5 << 20, 64 << 20} {
		t.Run(fmt.Sprint(n), func(t *testing.T) { sendAndCompare(t, c, random(n)) })
	}
}

// Callers of one connection, with payloads of all kinds, patient and impatient ones.
func TestCallersAtOnce(t *testing.T) {
	c, _ := connect(t)
	var wg sync.WaitGroup
	for caller := range 24 {
		wg.Go(func() {
			for i := range 40 {
				switch (caller + i) % 8 {
				case 0:
					sendAndCompare(t, c, random(200<<10))
				case 1:
					giveUp(t, c)
				case 2:
					hear(t, c, 20, 100)
				case 3:
					if err := c.Ping(t.Context()); err != nil {
						t.Error(err)
					}
				default:
					sendAndCompare(t, c, fmt.Appendf(nil, "%d-%d", caller, i))
				}
			}
		})
	}
	wg.Wait()
	if n := c.Calls(); n != 0 {
		t.Errorf("%d calls are left", n)
	}
}

// giveUp waits for a call in vain, cancels it, and hears that it has ended.
func giveUp(t *testing.T, c *wire.Client) {
	t.Helper()
	var p wire.Payload
	p.Uint(uint64(time.Hour))
	call := start(t, c, sleep, &p, nil)
	defer call.Release()
	ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	if _, err := call.Wait(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
	call.Cancel(5)
	if reply := wait(t, call); reply.Status != 5 {
		t.Errorf("got the status %d", reply.Status)
	}
}

func TestCancel(t *testing.T) {
	c, _ := connect(t)
	giveUp(t, c)
}

// A reply that nobody waits for any more does not disturb others.
func TestReleaseBeforeTheReply(t *testing.T) {
	c, _ := connect(t)
	for range 100 {
		var p wire.Payload
		p.Uint(uint64(time.Microsecond))
		start(t, c, sleep, &p, nil).Release()
		sendAndCompare(t, c, []byte("x"))
	}
}

// events records what a call tells.
type events struct {
	t     *testing.T
	count uint64
	block chan struct{}
}

func (e *events) Event(tag byte, payload []byte) {
	if e.block != nil {
		<-e.block
	}
	b := wire.NewDecoder(payload).Bytes()
	if n := binary.LittleEndian.Uint64(b[len(b)-8:]); tag != 7 || n != e.count {
		e.t.Errorf("got the event %d with the tag %d, want %d", n, tag, e.count)
	}
	e.count++
}

func (e *events) Ask(_ byte, payload []byte, answer *wire.Payload) {
	answer.Bytes(append([]byte("answer to "), wire.NewDecoder(payload).Bytes()...))
}

func hear(t *testing.T, c *wire.Client, count, size uint64) {
	t.Helper()
	var p wire.Payload
	p.Uint(count)
	p.Uint(size)
	e := &events{t: t}
	call := start(t, c, tell, &p, e)
	defer call.Release()
	wait(t, call)
	if e.count != count {
		t.Errorf("got %d events before the reply, want %d", e.count, count)
	}
}

func TestEventsComeInOrderBeforeTheReply(t *testing.T) {
	c, _ := connect(t)
	hear(t, c, 10_000, 10)
	hear(t, c, 50, 100_000)
}

// A caller that is slow to take events stops the one who sends them, and nobody else.
func TestSlowTakerOfEvents(t *testing.T) {
	c, _ := connect(t)
	var p wire.Payload
	p.Uint(1000)
	p.Uint(10_000)
	e := &events{t: t, block: make(chan struct{})}
	call := start(t, c, tell, &p, e)
	defer call.Release()
	done := make(chan struct{})
	go func() {
		defer close(done)
		wait(t, call)
	}()
	for range 100 {
		sendAndCompare(t, c, random(1000))
	}
	close(e.block)
	<-done
	if e.count != 1000 {
		t.Errorf("got %d events", e.count)
	}
}

func TestQuestions(t *testing.T) {
	c, _ := connect(t)
	for _, question := range [][]byte{[]byte("q"), random(100 << 10)} {
		var p wire.Payload
		p.Uint(10)
		p.Bytes(question)
		call := start(t, c, ask, &p, &events{t: t})
		d := wire.NewDecoder(wait(t, call).Payload)
		for range 10 {
			if got := d.Bytes(); !bytes.Equal(got, append([]byte("answer to "), question...)) {
				t.Errorf("got %.40q", got)
			}
		}
		call.Release()
	}
}

func TestWhatIsToldWithoutACall(t *testing.T) {
	c, _ := connect(t)
	for range 20 {
		for range 50 { // short calls, which the one that reads runs itself
			sendAndCompare(t, c, []byte("x"))
		}
		var p wire.Payload
		p.Uint(6)
		call, err := c.Start(heard, &p, nil)
		if err != nil {
			t.Fatal(err)
		}
		for _, text := range []string{"a", "bcd"} {
			_ = p.Append(func([]byte) ([]byte, error) { return []byte(text), nil })
			if err := c.Tell(7, &p); err != nil {
				t.Fatal(err)
			}
		}
		reply, err := call.Wait(t.Context())
		if got := wire.NewDecoder(reply.Payload).String(); err != nil || got != "\x07a\x07bcd" {
			t.Errorf("got %q, %v", got, err)
		}
		call.Release()
	}
	if err := c.Tell(7, large(wire.DefaultMaxPayload+1)); !errors.Is(err, wire.ErrTooLarge) {
		t.Errorf("got %v, want ErrTooLarge", err)
	}
}

func TestHandlerThatDoesNotReply(t *testing.T) {
	c, _ := connect(t)
	call := start(t, c, nothing, nil, nil)
	defer call.Release()
	if reply := wait(t, call); reply.Status != 0 || len(reply.Payload) != 0 {
		t.Errorf("got %+v", reply)
	}
}

func TestTooLarge(t *testing.T) {
	c, _ := connect(t)
	if _, err := c.Start(echo, large(wire.DefaultMaxPayload+1), nil); !errors.Is(err, wire.ErrTooLarge) {
		t.Errorf("a call: got %v", err)
	}
	call := start(t, c, tooLarge, nil, nil)
	defer call.Release()
	if reply := wait(t, call); reply.Status != 42 {
		t.Errorf("a reply: got %+v", reply)
	}
}

func TestPingWhileHandlersAreBusy(t *testing.T) {
	c, _ := connect(t)
	var p wire.Payload
	p.Uint(uint64(time.Hour))
	for range 100 {
		defer start(t, c, sleep, &p, nil).Release()
	}
	if err := c.Ping(t.Context()); err != nil {
		t.Error(err)
	}
}
