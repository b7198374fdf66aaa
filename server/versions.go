package server

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/scriptd/scriptd/engine"
	"github.com/scriptd/scriptd/engine/runtime"
)

func (s *Server) listPackages(w http.ResponseWriter, r *http.Request) {
	list := s.eng.Packages()
	if list == nil {
		list = []engine.PackageStatus{}
	}
	s.answer(w, r, list)
}

func (s *Server) history(w http.ResponseWriter, r *http.Request) {
	versions, err := s.eng.History(packageOf(r))
	if err != nil {
		s.fail(w, r, err)
		return
	}
	s.answer(w, r, versions)
}

// packageOf returns the package that a path ends in: SOURCE/PATH. A package at the root of its tree is SOURCE, because
// clients and muxes take the dot of SOURCE/. away.
func packageOf(r *http.Request) string {
	name := strings.TrimSuffix(r.PathValue("package"), "/")
	if name != "" && !strings.Contains(name, "/") {
		name += "/."
	}
	return name
}

// rollback takes a package back to a version: the one that the body names, or the one before.
func (s *Server) rollback(w http.ResponseWriter, r *http.Request) {
	digest, err := s.digest(w, r)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	s.change(func(ctx context.Context, pkg string) (engine.Version, error) {
		return s.eng.Rollback(ctx, pkg, digest)
	})(w, r)
}

// digest reads the body of a rollback. No body is no digest.
func (s *Server) digest(w http.ResponseWriter, r *http.Request) (string, error) {
	body, err := s.params(w, r)
	if err != nil {
		return "", err
	}
	value, ok := body["digest"]
	delete(body, "digest")
	for name := range body {
		return "", fmt.Errorf("%w: %q means nothing here: want {\"digest\": \"…\"}", errNotJSON, name)
	}
	text, isText := value.(string)
	if ok && !isText {
		return "", fmt.Errorf("%w: digest: want a string", errNotJSON)
	}
	return text, nil
}

// change answers with the version that serves after a package was changed.
func (s *Server) change(do func(ctx context.Context, pkg string) (engine.Version, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		version, err := do(r.Context(), packageOf(r))
		if problems, ok := errors.AsType[runtime.Problems](err); ok {
			// It is about the version that was asked for, not about what serves.
			s.problem(w, r, problem{Status: http.StatusUnprocessableEntity, Detail: err.Error(), Problems: problems})
			return
		}
		if err != nil {
			s.fail(w, r, err)
			return
		}
		s.answer(w, r, version)
	}
}
