package server

import (
	"errors"
	"net/http"

	"github.com/scriptd/scriptd/engine"
)

func (s *Server) listPlugins(w http.ResponseWriter, r *http.Request) {
	plugins := s.eng.Plugins()
	if plugins == nil {
		plugins = []engine.Plugin{}
	}
	s.answer(w, r, plugins)
}

func (s *Server) describePlugin(w http.ResponseWriter, r *http.Request) {
	name := r.PathValue("name")
	d, err := s.eng.Describe(name)
	if err != nil {
		s.fail(w, r, s.explain(name, err))
		return
	}
	s.answer(w, r, d)
}

// runPlugin answers with the envelope of the plugin, whether it succeeded or not: when the call is over, or as the last of
// the events that tell of it.
func (s *Server) runPlugin(w http.ResponseWriter, r *http.Request) {
	name := r.PathValue("name")
	params, err := s.params(w, r)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	if wantsStream(r.Header) {
		s.streamRun(w, r, name, params)
		return
	}
	res, err := s.eng.Call(r.Context(), name, params)
	if err != nil {
		s.fail(w, r, s.explain(name, err))
		return
	}
	s.answer(w, r, res)
}

// explain replaces the news that a plugin is not there with the reason, where there is one: a source that is out of
// reach, or source code that does not load.
func (s *Server) explain(name string, err error) error {
	if !errors.Is(err, engine.ErrNotFound) {
		return err
	}
	if why := s.eng.Explain(name); why != nil {
		return why
	}
	return err // it came a moment too late
}
