package server

import (
	"fmt"
	"net/http"
	"slices"

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

func (s *Server) hasSource(name string) bool {
	return slices.ContainsFunc(s.eng.Sources(), func(st engine.SourceStatus) bool { return st.Name == name })
}
