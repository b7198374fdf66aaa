// Package link takes calls of contracts over one connection between two machines: frames, a carry.Session over them, and the interface
// Control, by which a client finds what the server has. Package server has one end of it and package client the other.
//
// A frame is the length of its content, four bytes with the most significant first, and the content: a message of the session, or one
// of those that the connection has for itself, which begin with a zero byte. The one with nothing more asks whether the other side is
// there, and is answered with a second zero byte. With the second byte one it is a farewell: the server begins to stop, or the client
// has ended its calls.
package link

import (
	"errors"
	"io"
	"time"

	"github.com/scriptd/scriptd/engine/contract/carry"
)

const (
	// Protocol is what a client asks to upgrade an HTTP connection to.
	Protocol = "scriptd-contracts/1"
	// Path is where.
	Path = "/v1/contracts/session"
	// MaxSize bounds the arguments or the results of a call, in bytes, and with little more each frame.
	MaxSize  = 32 << 20
	maxFrame = MaxSize + 64<<10
	// maxPending is how much may wait to be written before those who send wait, too.
	maxPending = 1 << 20
	// piece is how much is written at once at most.
	piece = 256 << 10
)

const (
	frameQuestion byte = iota // of two bytes at most
	frameFarewell
)

var (
	// ErrSilent: nothing was heard of the other side for too long.
	ErrSilent = errors.New("nothing was heard of the other side")
	// ErrStuck: the other side has not read for too long.
	ErrStuck = errors.New("the other side does not read")
	// ErrProtocol: the other side sent what none sends that speaks the protocol.
	ErrProtocol = errors.New("the other side does not speak " + Protocol)
)

// Options say when a connection is given up. A zero field is the default.
type Options struct {
	// Silence is how long nothing may be heard of the other side, which is asked meanwhile whether it is there. Zero is a minute.
	Silence time.Duration
	// Stuck is how long the other side may not read what it was sent. Zero is half a minute.
	Stuck time.Duration
	// Patience is how long calls wait for an answer after their contexts have ended. Zero is no bound.
	Patience time.Duration
}

// New returns one end of a connection that was made. In is what comes from it, where something has been read of it already; nil is all of
// it. It is to be run.
func New(connection io.ReadWriteCloser, in io.Reader, opts Options) *Conn {
	if opts.Silence == 0 {
		opts.Silence = time.Minute
	}
	if opts.Stuck == 0 {
		opts.Stuck = 30 * time.Second
	}
	if in == nil {
		in = connection
	}
	c := &Conn{connection: connection, in: in, opts: opts, left: make(chan struct{}), closed: make(chan struct{})}
	c.room.L = &c.mu
	c.session = carry.NewSession(c.send)
	c.session.SetPatience(opts.Patience)
	c.heard.Store(time.Now().UnixNano())
	return c
}
