package server

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"
)

// health says that the process answers.
func (s *Server) health(w http.ResponseWriter, r *http.Request) {
	s.answer(w, r, map[string]bool{"healthy": true})
}

// healthTimeout bounds how long the packages are asked.
const healthTimeout = 5 * time.Second

// ready says that every source serves a tree, and that every package says it is well. Stale trees count: they answer.
func (s *Server) ready(w http.ResponseWriter, r *http.Request) {
	reasons := append(s.unready(), s.unwell(r.Context())...)
	if len(reasons) > 0 {
		s.problem(w, r, problem{Status: http.StatusServiceUnavailable, Detail: strings.Join(reasons, "\n")})
		return
	}
	s.answer(w, r, map[string]bool{"ready": true})
}

// unready tells of the sources that do not serve a tree and all its packages.
func (s *Server) unready() (reasons []string) {
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
	return reasons
}

// unwell tells of the packages whose health functions fail.
func (s *Server) unwell(ctx context.Context) (reasons []string) {
	ctx, cancel := context.WithTimeout(ctx, healthTimeout)
	defer cancel()
	sick := s.eng.Health(ctx)
	for _, pkg := range slices.Sorted(maps.Keys(sick)) {
		reasons = append(reasons, fmt.Sprintf("package %s: %v", pkg, sick[pkg]))
	}
	return reasons
}
