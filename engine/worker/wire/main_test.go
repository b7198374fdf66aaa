//go:build unix

package wire_test

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"sync"
	"testing"
	"time"

	"github.com/scriptd/scriptd/engine/worker/wire"
)

const childVariable = "WIRE_TEST_CHILD"

func TestMain(m *testing.M) {
	if os.Getenv(childVariable) != "" {
		if err := serve(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// The methods of the called side in these tests.
const (
	echo     byte = iota + 1 // answers with the payload
	sleep                    // a time, or until it is cancelled: then the status is the reason
	tell                     // sends so many events, each with its number
	ask                      // asks for the payload's answer so many times
	nothing                  // does not reply
	tooLarge                 // replies with more than may be
	counting                 // answers how many calls it has run
	heard                    // waits until so many bytes were told, and answers with those
)

// said is what was told without a call, and server where it comes in.
var (
	said = struct {
		sync.Mutex
		bytes []byte
		more  *sync.Cond
	}{}
	server *wire.Server
)

func serve() error {
	said.more = sync.NewCond(&said)
	var err error
	server, err = wire.NewServer(os.NewFile(3, "socket"), wire.Handlers{Call: handle, Told: func(tag byte, payload []byte) {
		said.Lock()
		said.bytes = append(append(said.bytes, tag), payload...)
		said.Unlock()
		said.more.Broadcast()
	}}, nil)
	if err != nil {
		return err
	}
	return server.Serve()
}

var counted struct {
	sync.Mutex
	n uint64
}

func handle(c *wire.Call) {
	var p wire.Payload
	switch c.Method {
	case echo:
		p.Bytes(wire.NewDecoder(c.Payload).Bytes())
		c.Done()
	case sleep:
		cancelled := make(chan byte, 1)
		c.OnCancel(func(reason byte) { cancelled <- reason })
		select {
		case <-time.After(time.Duration(wire.NewDecoder(c.Payload).Uint())):
		case reason := <-cancelled:
			_, _ = c.Reply(reason, nil)
		}
	case tell:
		d := wire.NewDecoder(c.Payload)
		events, size := d.Uint(), d.Uint()
		for i := range events {
			var e wire.Payload
			e.Bytes(binary.LittleEndian.AppendUint64(make([]byte, size), i))
			if !c.Event(7, &e) {
				return
			}
		}
	case ask:
		d := wire.NewDecoder(c.Payload)
		times, question := d.Uint(), d.Bytes()
		var wg sync.WaitGroup
		for range times {
			wg.Go(func() {
				var q wire.Payload
				q.Bytes(question)
				answer, err := c.Ask(context.Background(), 9, &q)
				if err == nil {
					counted.Lock()
					p.Bytes(wire.NewDecoder(answer).Bytes())
					counted.Unlock()
				}
			})
		}
		wg.Wait()
	case nothing:
		return
	case tooLarge:
		if _, err := c.Reply(0, large(wire.DefaultMaxPayload+1)); errors.Is(err, wire.ErrTooLarge) {
			_, _ = c.Reply(42, nil)
		}
	case heard:
		server.Yield()
		said.Lock()
		for uint64(len(said.bytes)) < wire.NewDecoder(c.Payload).Uint() {
			said.more.Wait()
		}
		p.Bytes(append([]byte(nil), said.bytes...))
		said.bytes = nil
		said.Unlock()
	case counting:
		counted.Lock()
		counted.n++
		p.Uint(counted.n)
		counted.Unlock()
	}
	_, _ = c.Reply(0, &p)
}

func large(n int) *wire.Payload {
	var p wire.Payload
	p.Bytes(make([]byte, n))
	return &p
}

// connect returns a client of a process of its own.
func connect(tb testing.TB) (*wire.Client, *exec.Cmd) {
	tb.Helper()
	ours, theirs, err := wire.Pair()
	if err != nil {
		tb.Fatal(err)
	}
	cmd := exec.CommandContext(tb.Context(), "/proc/self/exe")
	cmd.Env = append(os.Environ(), childVariable+"=1")
	cmd.Stderr = os.Stderr
	cmd.ExtraFiles = []*os.File{theirs}
	if err := cmd.Start(); err != nil {
		tb.Fatal(err)
	}
	theirs.Close()
	c, err := wire.NewClient(ours, nil)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		c.Close()
		if err := cmd.Wait(); err != nil && cmd.ProcessState.ExitCode() > 0 {
			tb.Errorf("the child: %v", err)
		}
	})
	return c, cmd
}
