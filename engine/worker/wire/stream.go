package wire

import (
	"bufio"
	"fmt"
	"io"
)

// Stream writes messages one way, without calls and replies. The writes of a message are not to be mixed with others.
type Stream struct {
	w   io.Writer
	buf []byte
}

// NewStream returns a Stream. Each message is one write.
func NewStream(w io.Writer) *Stream { return &Stream{w: w} }

// Send writes a message. It blocks while there is no room.
func (s *Stream) Send(tag byte, p *Payload) error {
	s.buf = header{length: p.Len(), tag: tag}.appendTo(s.buf[:0])
	s.buf = p.AppendTo(s.buf)
	_, err := s.w.Write(s.buf)
	if cap(s.buf) > keepBuffer {
		s.buf = nil
	}
	return err
}

// Messages reads what a Stream writes.
type Messages struct {
	r   *bufio.Reader
	max int
	buf []byte
}

// NewMessages returns a reader of the messages of a Stream, as long as Options allow.
func NewMessages(r io.Reader, opts *Options) *Messages {
	return &Messages{r: bufio.NewReader(r), max: opts.maxPayload()}
}

// Next returns the next message. The payload holds until the next call. The error is io.EOF at the end.
func (m *Messages) Next() (tag byte, payload []byte, err error) {
	var head [headerSize]byte
	if _, err := io.ReadFull(m.r, head[:]); err != nil {
		return 0, nil, err
	}
	h := parseHeader(head[:])
	if h.length > m.max {
		return 0, nil, fmt.Errorf("%w: %d bytes, the limit is %d", ErrTooLarge, h.length, m.max)
	}
	if cap(m.buf) < h.length || cap(m.buf) > keepBuffer {
		m.buf = make([]byte, h.length)
	}
	m.buf = m.buf[:h.length]
	_, err = io.ReadFull(m.r, m.buf)
	return h.tag, m.buf, err
}
