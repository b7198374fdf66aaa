//go:build unix

package worker

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"sync"
	"sync/atomic"
	"time"

	goplugin "github.com/hashicorp/go-plugin"

	"github.com/scriptd/scriptd/engine/runtime"
	"github.com/scriptd/scriptd/engine/worker/wire"
)

// worker is a child process, as its host sees it. It runs one package at most, or those of a group.
type worker struct {
	log        *slog.Logger // of the runtime
	client     *goplugin.Client
	process    *process
	control    string // the path of the socket over which it is told to get ready; empty where it is not
	calls      *wire.Client
	background net.Conn
	stderr     *tail

	mu      sync.Mutex
	group   *group // whose packages it runs; nil is none
	tenants map[uint64]*tenant
	last    uint64 // the number of the one that was the last to come

	held  atomic.Pointer[holding]
	heard counter // messages of the background

	shaken   chan struct{} // closed when it has shaken hands, or has not
	unshaken error         // why not; from then on

	pinging atomic.Bool
	gone    chan struct{} // closed when the process is gone, and all that it wrote has been read
}

// quit is the reason of a process that is killed because nobody needs it any more.
const quit = "it was closed"

// watch waits for the end of the process, and cleans up after it. Meanwhile it takes what the process tells without being called.
func (w *worker) watch() {
	read := make(chan struct{})
	go func() {
		defer close(read)
		if err := w.listen(); errors.Is(err, wire.ErrMalformed) || errors.Is(err, wire.ErrTooLarge) {
			w.process.kill("it sent what it must not: " + err.Error())
		}
	}()
	<-w.process.exited
	if w.control != "" {
		_ = os.Remove(w.control) // it is gone where there was a package
	}
	w.calls.Close()
	select {
	case <-read:
	case <-time.After(drainTime): // somebody has it who should not
	}
	w.background.Close()
	<-read
	w.heard.end()
	<-w.shaken
	w.client.Kill()
	w.process.because(w.exceeded())
	if err := w.letGo(); err != nil {
		w.log.Warn("something is left of a process that is gone", "error", err)
	}
	close(w.gone)
	w.hangUp()
	if w.process.why() != quit {
		for _, t := range w.all() {
			t.tellBroken(w.crash(t.name))
		}
	}
}

// listen takes messages that belong to no call, until the end or one that is malformed.
func (w *worker) listen() error {
	messages := wire.NewMessages(w.background, nil)
	for {
		tag, payload, err := messages.Next()
		if err == nil {
			err = w.hear(tag, wire.NewDecoder(payload))
		}
		if err != nil {
			return err
		}
		w.heard.add()
	}
}

// hear takes one message. What is about a package that is not there any more is of no interest.
func (w *worker) hear(tag byte, d *wire.Decoder) error {
	number := d.Uint()
	if err := d.Err(); err != nil {
		return err
	}
	switch tag {
	case backgroundLog:
		if t := w.speaker(number); t != nil {
			return logMetered(context.Background(), t.log, d, &t.output)
		}
	case backgroundBroken:
		broken := decodeError(d)
		if t := w.tenant(number); t != nil && d.Err() == nil {
			t.tellBroken(broken)
		}
	case backgroundLeftover:
		w.displace()
	case backgroundSession:
		if t := w.tenant(number); t != nil && t.session != nil {
			if err := t.session.Receive(d.Rest()); err != nil {
				return fmt.Errorf("%w: %w", wire.ErrMalformed, err)
			}
		}
	default:
		return fmt.Errorf("%w: a message with the tag %d", wire.ErrMalformed, tag)
	}
	return d.Err()
}

// end ends the process, and returns when it is gone.
func (w *worker) end() {
	w.process.kill(quit)
	<-w.gone
}

// lost is the error of a call of a package that the process did not answer because it is gone: it returns when it is.
func (w *worker) lost(name string) error {
	w.unconnected()
	<-w.gone
	if w.process.why() == quit {
		return runtime.ErrStopped
	}
	return w.crash(name)
}

// unconnected ends a process whose connection has ended. That is what happens first when it ends by itself; one that has closed its
// end is of no use.
func (w *worker) unconnected() {
	select {
	case <-w.process.exited:
	case <-time.After(drainTime):
		w.process.kill("it closed its connection")
	}
}

func closeFiles(files ...*os.File) {
	for _, f := range files {
		f.Close()
	}
}

// crash says, to those of a package, why the process is gone.
func (w *worker) crash(name string) *runtime.CrashError {
	return crashError(name, w.process.why(), string(w.process.report), w.stderr)
}

// hangUp ends what the packages and their host call of each other, when the process is gone.
func (w *worker) hangUp() {
	for _, t := range w.all() {
		if w.process.why() == quit {
			t.hangUp(runtime.ErrStopped)
		} else {
			t.hangUp(w.crash(t.name))
		}
	}
}
