package server

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"

	"github.com/scriptd/scriptd/cache"
	"github.com/scriptd/scriptd/engine"
)

func (s *Server) listSources(w http.ResponseWriter, r *http.Request) {
	list := s.eng.Sources()
	if list == nil {
		list = []engine.SourceStatus{}
	}
	s.answer(w, r, list)
}

// syncSource brings one source up to date before it answers. As with a call, the answer is 200 where the sync was
// done and went wrong: its error field says so.
func (s *Server) syncSource(w http.ResponseWriter, r *http.Request) {
	name := r.PathValue("name")
	if !s.hasSource(name) {
		s.problem(w, r, problem{Status: http.StatusNotFound, Detail: fmt.Sprintf("no source is named %q", name)})
		return
	}
	results, err := s.eng.Sync(r.Context(), name)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	s.answer(w, r, results[0])
}

// sourceHistory answers with a page of what came of asking an origin, the newest first.
func (s *Server) sourceHistory(w http.ResponseWriter, r *http.Request) {
	var before, limit int64
	for name, value := range map[string]*int64{"before": &before, "limit": &limit} {
		text := r.URL.Query().Get(name)
		if text == "" {
			continue
		}
		n, err := strconv.ParseInt(text, 10, 32)
		if err != nil || n <= 0 {
			s.problem(w, r, problem{Status: http.StatusUnprocessableEntity, Detail: fmt.Sprintf("%s: want a positive number, got %q", name, text)})
			return
		}
		*value = n
	}
	list, err := s.eng.SyncHistory(r.Context(), r.PathValue("name"), before, int(limit))
	if err != nil {
		s.fail(w, r, err)
		return
	}
	s.answer(w, r, append([]cache.Sync{}, list...))
}

// suspend stops that an origin is asked, or has it asked again.
func (s *Server) suspend(suspended bool) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		name := r.PathValue("name")
		if err := s.eng.Suspend(r.Context(), name, suspended); err != nil {
			s.fail(w, r, err)
			return
		}
		for _, st := range s.eng.Sources() {
			if st.Name == name {
				s.answer(w, r, st)
			}
		}
	}
}

func (s *Server) hasSource(name string) bool {
	return slices.ContainsFunc(s.eng.Sources(), func(st engine.SourceStatus) bool { return st.Name == name })
}
