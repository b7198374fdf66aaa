// Package wire carries calls between two processes of one machine, over a socket pair that both have from the start.
//
//	ours, theirs, err := wire.Pair()            // theirs goes to a child process
//	client, err := wire.NewClient(ours, nil)
//	call, err := client.Start(method, payload)
//	reply, err := call.Wait(ctx)
//
//	err := wire.Serve(file, handle, nil)        // in the child, until the other end is closed
//
// What a call costs are the wake-ups, so the package avoids them. A caller reads the socket itself: whoever waits first
// reads for all, and hands the socket on when its own reply has come. It polls for a moment before it blocks, as long
// as that pays. Whoever finds nobody writing writes for all that come meanwhile. An idle connection has nobody at all.
package wire

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// DefaultMaxPayload bounds the payload of a message where Options do not say.
const DefaultMaxPayload = 256 << 20

// Options are for both ends of a connection. Nil is the defaults.
type Options struct {
	// MaxPayload bounds what one message holds, in bytes. A longer one is not sent, and ends the connection that it
	// comes over. Zero is DefaultMaxPayload.
	MaxPayload int
}

func (o *Options) maxPayload() int {
	if o == nil || o.MaxPayload == 0 {
		return DefaultMaxPayload
	}
	return o.MaxPayload
}

var (
	// ErrClosed is the error of calls whose connection has ended.
	ErrClosed = errors.New("the connection is closed")
	// ErrTooLarge is the error for a payload that is longer than the connection allows.
	ErrTooLarge = errors.New("the message is too large")
	// ErrMalformed is the error for bytes that no other end of this package sends.
	ErrMalformed = errors.New("malformed message")
)

// kind is what a message is.
type kind uint8

const (
	// From the client.
	kindCall   kind = iota + 1 // tag is the method
	kindCancel                 // tag is the reason
	kindAck                    // the payload is how many bytes of events were taken
	kindAnswer                 // the payload is the number of the question and the answer
	kindPing
	// From the server.
	kindReply // tag is the status
	kindEvent // tag is the caller's
	kindAsk   // tag is the caller's, the payload begins with the number of the question
	kindPong
	// From the client, again.
	kindTell // tag is the caller's
)

// header stands before each payload: its length, kind, tag and the number of the call.
type header struct {
	length int
	kind   kind
	tag    byte
	call   uint64
}

const headerSize = 16

func (h header) appendTo(b []byte) []byte {
	b = binary.LittleEndian.AppendUint32(b, uint32(h.length))
	b = append(b, byte(h.kind), h.tag, 0, 0)
	return binary.LittleEndian.AppendUint64(b, h.call)
}

func parseHeader(b []byte) header {
	return header{
		length: int(binary.LittleEndian.Uint32(b)), kind: kind(b[4]), tag: b[5], call: binary.LittleEndian.Uint64(b[8:]),
	}
}

// message is a header with its payload.
type message struct {
	header
	payload []byte
	// owned says that nobody else uses the payload's memory. Otherwise it holds until the next message is read.
	owned bool
}

// closedError is why a connection ended; callers match ErrClosed.
func closedError(cause error) error {
	if cause == nil || errors.Is(cause, io.EOF) {
		return ErrClosed
	}
	return fmt.Errorf("%w: %w", ErrClosed, cause)
}
