//go:build unix

package wire_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"runtime"
	"sync"
	"syscall"
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

// Calls to a process that is stopped block nobody: neither its pipe that is full, nor a ping.
func TestStoppedProcess(t *testing.T) {
	c, cmd := connect(t)
	sendAndCompare(t, c, []byte("x"))
	if err := cmd.Process.Signal(syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	call := start(t, c, echo, large(10<<20), nil)
	if _, err := call.Wait(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
	if err := c.Ping(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("ping: got %v", err)
	}
	if err := cmd.Process.Signal(syscall.SIGCONT); err != nil {
		t.Fatal(err)
	}
	wait(t, call)
	call.Release()
	sendAndCompare(t, c, []byte("x"))
}

func TestProcessThatDies(t *testing.T) {
	c, cmd := connect(t)
	var wg sync.WaitGroup
	var p wire.Payload
	p.Uint(uint64(time.Hour))
	for range 10 {
		call := start(t, c, sleep, &p, nil)
		wg.Go(func() {
			defer call.Release()
			if _, err := call.Wait(context.Background()); !errors.Is(err, wire.ErrClosed) {
				t.Errorf("got %v", err)
			}
		})
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	wg.Wait()
	<-c.Ended()
	if _, err := c.Start(echo, nil, nil); !errors.Is(err, wire.ErrClosed) {
		t.Errorf("a new call: got %v", err)
	}
}

func TestClose(t *testing.T) {
	before := runtime.NumGoroutine()
	c, _ := connect(t)
	var p wire.Payload
	p.Uint(uint64(time.Hour))
	call := start(t, c, sleep, &p, nil)
	defer call.Release()
	time.AfterFunc(10*time.Millisecond, c.Close)
	if _, err := call.Wait(t.Context()); !errors.Is(err, wire.ErrClosed) {
		t.Errorf("got %v", err)
	}
	c.Close()
	for end := time.Now().Add(patience); runtime.NumGoroutine() > before+1; time.Sleep(time.Millisecond) { // one watches the command
		if time.Now().After(end) {
			t.Fatalf("%d goroutines are left of %d", runtime.NumGoroutine(), before)
		}
	}
}

// Bytes that are no message end the connection, at both ends.
func TestMalformed(t *testing.T) {
	for name, text := range map[string][]byte{
		"kind":     {0, 0, 0, 0, 99, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0},
		"length":   {255, 255, 255, 255, 6, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0},
		"question": {0, 0, 0, 0, 8, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0},
		"no end":   {5, 0, 0, 0, 6, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0},
	} {
		t.Run(name, func(t *testing.T) {
			ours, theirs, err := wire.Pair()
			if err != nil {
				t.Fatal(err)
			}
			c, err := wire.NewClient(ours, nil)
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()
			call := start(t, c, echo, nil, nil)
			defer call.Release()
			if _, err := theirs.Write(text); err != nil {
				t.Fatal(err)
			}
			if name == "no end" {
				theirs.Close()
			} else {
				defer theirs.Close()
			}
			if _, err := call.Wait(t.Context()); !errors.Is(err, wire.ErrClosed) {
				t.Errorf("got %v", err)
			}
		})
		t.Run(name+", served", func(t *testing.T) {
			ours, theirs, err := wire.Pair()
			if err != nil {
				t.Fatal(err)
			}
			served := make(chan error, 1)
			go func() { served <- wire.Serve(theirs, func(*wire.Call) {}, nil) }()
			if _, err := ours.Write(text); err != nil {
				t.Fatal(err)
			}
			ours.Close()
			err = <-served
			if wrong := name == "kind" || name == "length"; (err != nil) != wrong && name != "question" {
				t.Errorf("got %v", err)
			}
		})
	}
}

// What a process is not given it does not have.
func TestPairIsNotInherited(t *testing.T) {
	ours, theirs, err := wire.Pair()
	if err != nil {
		t.Fatal(err)
	}
	defer ours.Close()
	defer theirs.Close()
	for _, f := range []*os.File{ours, theirs} {
		flags, _, errno := syscall.Syscall(syscall.SYS_FCNTL, f.Fd(), syscall.F_GETFD, 0)
		if errno != 0 || flags&syscall.FD_CLOEXEC == 0 {
			t.Errorf("got the flags %x, %v", flags, errno)
		}
	}
}

// After many short calls the one that reads runs them itself. A long one then keeps nobody else for long, and is cancelled as ever.
func TestLongCallsAfterShortOnes(t *testing.T) {
	c, _ := connect(t)
	for range 20 {
		for range 200 {
			sendAndCompare(t, c, []byte("short"))
		}
		var p wire.Payload
		p.Uint(uint64(time.Hour))
		call := start(t, c, sleep, &p, nil)
		for range 10 {
			sendAndCompare(t, c, []byte("beside"))
		}
		call.Cancel(3)
		if reply := wait(t, call); reply.Status != 3 {
			t.Errorf("got the status %d", reply.Status)
		}
		call.Release()
		for range 200 {
			sendAndCompare(t, c, []byte("short"))
		}
		hear(t, c, 1000, 1000)
		p.Reset()
		p.Uint(10)
		p.Bytes([]byte("q"))
		call = start(t, c, ask, &p, &events{t: t})
		wait(t, call)
		call.Release()
	}
}
