//go:build unix

package wire_test

import (
	"context"
	"errors"
	"os"
	"runtime"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/scriptd/scriptd/engine/worker/wire"
)

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
