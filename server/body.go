package server

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"strings"
	"time"

	"github.com/scriptd/scriptd/engine"
)

// bodyTimeout bounds how long a client takes to send a body, or to read one.
const bodyTimeout = 5 * time.Minute

var (
	errNotJSON   = errors.New("bad body")
	errMediaType = errors.New("unsupported media type")
)

// params reads the parameters in the body of a request. An empty body is none.
func (s *Server) params(w http.ResponseWriter, r *http.Request) (map[string]any, error) {
	if err := checkMediaType(r.Header); err != nil {
		return nil, err
	}
	// A body that announces that it is too large is refused before a byte of it is read.
	if r.ContentLength > s.opts.MaxBodyBytes {
		return nil, &http.MaxBytesError{Limit: s.opts.MaxBodyBytes}
	}
	defer limitBody(w)()
	params, err := engine.DecodeParams(http.MaxBytesReader(w, r.Body, s.opts.MaxBodyBytes))
	switch {
	case err == nil, is[*http.MaxBytesError](err):
		return params, err
	default:
		return nil, fmt.Errorf("%w: %w", errNotJSON, err)
	}
}

// limitBody bounds the time that the body of a request takes, until lift is called: what comes after it may be longer.
func limitBody(w http.ResponseWriter) (lift func()) {
	conn := http.NewResponseController(w)
	_ = conn.SetReadDeadline(time.Now().Add(bodyTimeout))
	return func() { _ = conn.SetReadDeadline(time.Time{}) }
}

// checkMediaType accepts JSON, no type, and the type of forms: it is what curl -d sends unless told otherwise. The body
// is read as JSON in any case.
func checkMediaType(h http.Header) error {
	if enc := h.Get("Content-Encoding"); enc != "" && !strings.EqualFold(enc, "identity") {
		return fmt.Errorf("%w: the body is encoded as %q; send it as it is", errMediaType, enc)
	}
	typ := h.Get("Content-Type")
	if typ == "" {
		return nil
	}
	media, _, err := mime.ParseMediaType(typ)
	if err == nil && (media == "application/json" || strings.HasSuffix(media, "+json") || media == "application/x-www-form-urlencoded") {
		return nil
	}
	return fmt.Errorf("%w: the body is %q; send application/json", errMediaType, typ)
}

// answer answers a request with a value.
func (s *Server) answer(w http.ResponseWriter, r *http.Request, v any) {
	w.Header().Set("Content-Type", "application/json")
	s.write(w, r, http.StatusOK, v)
}

// write encodes v before the first byte leaves, so that a value that has no JSON is still a proper answer.
func (s *Server) write(w http.ResponseWriter, r *http.Request, status int, v any) {
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		s.fail(w, r, fmt.Errorf("encode the answer: %w", err))
		return
	}
	conn := http.NewResponseController(w)
	_ = conn.SetWriteDeadline(time.Now().Add(bodyTimeout))
	defer func() { _ = conn.SetWriteDeadline(time.Time{}) }()
	w.WriteHeader(status)
	if _, err := w.Write(buf.Bytes()); err != nil {
		s.log.Debug("client left before the answer", "path", r.URL.Path, "error", err)
	}
}
