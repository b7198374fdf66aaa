package server

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"
)

const eventStream = "text/event-stream"

// streamBuffer is how many bytes are gathered before they are written, where more can be had at once.
const streamBuffer = 32 << 10

// streamTimes are those of streams.
type streamTimes struct {
	// keepAlive is the time between two comments that show that a stream is still there.
	keepAlive time.Duration
	// write is how long a client may take to make room for what is written.
	write time.Duration
}

var defaultStreamTimes = streamTimes{keepAlive: 15 * time.Second, write: 30 * time.Second}

// stream is an answer that is made of server-sent events. It is not safe for concurrent use.
type stream struct {
	w     http.ResponseWriter
	conn  *http.ResponseController
	limit time.Duration // of a write
	buf   bytes.Buffer
}

// openStream begins an answer. Where it fails, nothing was answered.
func (s *Server) openStream(w http.ResponseWriter) (*stream, error) {
	st := &stream{w: w, conn: http.NewResponseController(w), limit: s.times.write}
	w.Header().Set("Content-Type", eventStream)
	w.Header().Set("X-Accel-Buffering", "no") // for nginx, which would keep events back
	if err := st.conn.Flush(); errors.Is(err, http.ErrNotSupported) {
		w.Header().Del("X-Accel-Buffering")
		return nil, fmt.Errorf("stream events: %w", err)
	}
	return st, nil // a client that has left shows at the next write
}

// event adds an event, whose data is v as JSON. An empty id is none.
func (st *stream) event(id, kind string, v any) error {
	before := st.buf.Len()
	st.head(id, kind)
	enc := json.NewEncoder(&st.buf)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil { // with the end of the line, where it is nil
		st.buf.Truncate(before)
		return fmt.Errorf("encode %s: %w", kind, err)
	}
	st.buf.WriteByte('\n')
	return nil
}

// raw adds an event whose data is a line of JSON.
func (st *stream) raw(kind string, line []byte) {
	st.head("", kind)
	st.buf.Write(line)
	st.buf.WriteString("\n\n")
}

func (st *stream) head(id, kind string) {
	if id != "" {
		fmt.Fprintf(&st.buf, "id: %s\n", id)
	}
	fmt.Fprintf(&st.buf, "event: %s\ndata: ", kind)
}

// comment adds a line that readers pass over.
func (st *stream) comment(text string) { fmt.Fprintf(&st.buf, ": %s\n\n", text) }

// full reports whether it is time to flush.
func (st *stream) full() bool { return st.buf.Len() >= streamBuffer }

// flush sends what was added. An error says that there is nobody to read it any more.
func (st *stream) flush() error {
	if st.buf.Len() == 0 {
		return nil
	}
	// Over HTTP/2 a deadline ends a stream that waits, so that it holds for this write alone.
	_ = st.conn.SetWriteDeadline(time.Now().Add(st.limit))
	defer func() { _ = st.conn.SetWriteDeadline(time.Time{}) }()
	_, err := st.w.Write(st.buf.Bytes())
	st.buf.Reset()
	if err != nil {
		return err
	}
	return st.conn.Flush()
}
