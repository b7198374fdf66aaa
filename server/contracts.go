package server

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/scriptd/scriptd/engine/link"
)

// DefaultMaxSessions is how many clients may have a session where Options say nothing else.
const DefaultMaxSessions = 256

func (s *Server) listImplementations(w http.ResponseWriter, r *http.Request) {
	s.answer(w, r, s.eng.Implementations())
}

// openSession turns a request into a session, in which a client calls implementations of contracts. It returns when that has ended.
func (s *Server) openSession(w http.ResponseWriter, r *http.Request) {
	if r.ProtoMajor != 1 || !hasToken(r.Header, "Connection", "upgrade") || !hasToken(r.Header, "Upgrade", link.Protocol) {
		w.Header().Set("Connection", "Upgrade")
		w.Header().Set("Upgrade", link.Protocol)
		s.problem(w, r, problem{
			Status: http.StatusUpgradeRequired,
			Detail: fmt.Sprintf("%s speaks %s over HTTP/1.1, to a client that asks to upgrade to it", link.Path, link.Protocol),
		})
		return
	}
	offers, err := s.offers()
	if err != nil {
		s.fail(w, r, err)
		return
	}
	in := servingOf(r.Context())
	if !in.sessions.enter() {
		s.problem(w, r, problem{Status: http.StatusServiceUnavailable, Detail: "the server is stopping"})
		return
	}
	defer in.sessions.leave()
	if !s.metrics.sessions.enter(s.opts.MaxSessions) {
		w.Header().Set("Retry-After", "1")
		s.problem(w, r, problem{
			Status: http.StatusTooManyRequests, Detail: fmt.Sprintf("%d clients have a session, which is as many as may", s.opts.MaxSessions),
		})
		return
	}
	defer s.metrics.sessions.open.Add(-1)
	conn, buffered, err := http.NewResponseController(w).Hijack()
	if err != nil {
		s.fail(w, r, fmt.Errorf("take the connection over: %w", err))
		return
	}
	s.metrics.sessions.total.Inc()
	if err := switchProtocols(conn); err != nil {
		conn.Close()
		return
	}
	c := link.New(conn, buffered.Reader, s.linkOptions)
	began := time.Now()
	s.log.Debug("session begins", "client", r.RemoteAddr)
	err = (&session{server: s, offers: offers, conn: c, stopping: in.stopping}).run(r.Context())
	s.log.Debug("session has ended", "client", r.RemoteAddr, "after", time.Since(began), "why", err)
	if errors.Is(err, link.ErrProtocol) {
		s.log.Warn("session ended", "client", r.RemoteAddr, "error", err)
	}
}

func switchProtocols(conn net.Conn) error {
	_ = conn.SetWriteDeadline(time.Now().Add(10 * time.Second))
	defer func() { _ = conn.SetWriteDeadline(time.Time{}) }()
	_, err := fmt.Fprintf(conn, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: %s\r\n\r\n", link.Protocol)
	return err
}

// hasToken reports whether a header that is a list has an element.
func hasToken(h http.Header, key, token string) bool {
	for _, value := range h.Values(key) {
		for one := range strings.SplitSeq(value, ",") {
			if strings.EqualFold(strings.TrimSpace(one), token) {
				return true
			}
		}
	}
	return false
}
