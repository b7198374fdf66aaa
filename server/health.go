package server

import (
	"net/http"
	"strings"
)

// health says that the process answers.
func (s *Server) health(w http.ResponseWriter, r *http.Request) {
	s.answer(w, r, map[string]bool{"healthy": true})
}

// ready says that every source serves a tree. Stale trees count: they answer.
func (s *Server) ready(w http.ResponseWriter, r *http.Request) {
	var reasons []string
	for _, src := range s.eng.Sources() {
		if src.Ready {
			continue
		}
		reason := src.Error
		if reason == "" {
			reason = "nothing is loaded yet"
		}
		reasons = append(reasons, "source "+src.Name+": "+reason)
	}
	if len(reasons) > 0 {
		s.problem(w, r, problem{Status: http.StatusServiceUnavailable, Detail: strings.Join(reasons, "\n")})
		return
	}
	s.answer(w, r, map[string]bool{"ready": true})
}
