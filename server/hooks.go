package server

import (
	"errors"
	"io"
	"net/http"
	"time"

	"github.com/scriptd/scriptd/engine"
)

// maxHookBytes is the largest body of a webhook: that of GitHub.
const maxHookBytes = 25 << 20

// pokeSource has a source polled soon, when its origin says with a signature that something has changed there. What
// changed is asked of the origin, not read from the body.
func (s *Server) pokeSource(w http.ResponseWriter, r *http.Request) {
	name := r.PathValue("source")
	secret, ok := s.opts.Webhooks[name]
	if !ok || !s.hasSource(name) {
		s.noHook(w, r)
		return
	}
	key, err := secret.Reveal()
	if err == nil && key == "" {
		err = errors.New("it is empty")
	}
	var said *claims
	if err == nil {
		said, err = claimsOf(r.Header, key, time.Now())
	}
	if err != nil {
		s.log.Error("the secret of a webhook cannot be used", "source", name, "error", err)
		s.problem(w, r, problem{Status: http.StatusServiceUnavailable, Detail: "signatures cannot be checked now"})
		return
	}
	err = readSigned(w, r, said)
	switch {
	case is[*http.MaxBytesError](err):
		s.fail(w, r, err)
	case err != nil:
		s.problem(w, r, problem{Status: http.StatusBadRequest, Detail: "the body ends too early"})
	case !said.hold():
		s.log.Debug("a webhook is not signed as it should be", "source", name)
		w.Header().Set("WWW-Authenticate", "Signature")
		s.problem(w, r, problem{Status: http.StatusUnauthorized, Detail: "the request is not signed with the secret of this webhook"})
	default:
		s.poke(w, r, name)
	}
}

// readSigned reads the body that claims are about. One that nothing is claimed of is not read.
func readSigned(w http.ResponseWriter, r *http.Request, said *claims) error {
	if r.ContentLength > maxHookBytes {
		return &http.MaxBytesError{Limit: maxHookBytes}
	}
	if said.none() {
		return nil
	}
	defer limitBody(w)()
	_, err := io.Copy(said, http.MaxBytesReader(w, r.Body, maxHookBytes))
	return err
}

// poke asks for a poll, and does not wait for it.
func (s *Server) poke(w http.ResponseWriter, r *http.Request, name string) {
	err := s.eng.Poke(name)
	switch {
	case errors.Is(err, engine.ErrNoSource):
		s.noHook(w, r)
	case err != nil:
		s.fail(w, r, err)
	default:
		s.log.Info("a webhook asks for a poll", "source", name)
		w.Header().Set("Content-Type", "application/json")
		s.write(w, r, http.StatusAccepted, map[string]string{"source": name})
	}
}

// noHook does not say whether there is such a source.
func (s *Server) noHook(w http.ResponseWriter, r *http.Request) {
	s.problem(w, r, problem{Status: http.StatusNotFound, Detail: "no webhook is here"})
}
