package server

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/scriptd/scriptd/engine"
	"github.com/scriptd/scriptd/engine/runtime"
	"github.com/scriptd/scriptd/sources"
)

// problem is the body of an answer that is not a plugin's (RFC 9457). Type is always "about:blank": the status says
// what kind of problem it is.
type problem struct {
	Type     string  `json:"type"`
	Title    string  `json:"title"`
	Status   int     `json:"status"`
	Detail   string  `json:"detail"`
	Instance string  `json:"instance"`
	Errors   []field `json:"errors,omitempty"`
	// Problems are what is wrong with the source code of a package.
	Problems runtime.Problems `json:"problems,omitempty"`
}

// field is one parameter that does not hold, by its JSON pointer in the body of the request.
type field struct {
	Pointer string `json:"pointer"`
	Detail  string `json:"detail"`
}

// problem answers a request with p.
func (s *Server) problem(w http.ResponseWriter, r *http.Request, p problem) {
	w.Header().Set("Content-Type", "application/problem+json")
	s.write(w, r, p.Status, p.complete(r))
}

// complete fills in what the status and the request say.
func (p problem) complete(r *http.Request) problem {
	p.Type = "about:blank"
	p.Title = http.StatusText(p.Status)
	p.Instance = r.URL.Path
	return p
}

// fail answers a request with the problem that err is.
func (s *Server) fail(w http.ResponseWriter, r *http.Request, err error) {
	p := s.problemFor(r, err)
	if p.Status == http.StatusTooManyRequests || errors.Is(err, engine.ErrStopped) || errors.Is(err, engine.ErrCrashed) {
		w.Header().Set("Retry-After", "1")
	}
	s.problem(w, r, p)
}

// problemFor returns the problem that err is for a request. It logs what is the server's own fault.
func (s *Server) problemFor(r *http.Request, err error) problem {
	p := problemOf(err).complete(r)
	if p.Status == http.StatusInternalServerError {
		s.log.Error("request failed", "method", r.Method, "path", r.URL.Path, "error", err)
	}
	return p
}

// problemOf is the one place where errors become statuses.
func problemOf(err error) problem {
	p := problem{Status: http.StatusInternalServerError, Detail: err.Error()}
	switch {
	case is[*engine.InvalidError](err):
		invalid, _ := errors.AsType[*engine.InvalidError](err)
		p.Status = http.StatusUnprocessableEntity
		for _, f := range invalid.Fields {
			p.Errors = append(p.Errors, field{Pointer: f.Pointer, Detail: f.Message})
		}
	case is[*http.MaxBytesError](err):
		limit, _ := errors.AsType[*http.MaxBytesError](err)
		p.Status = http.StatusRequestEntityTooLarge
		p.Detail = fmt.Sprintf("the body is larger than %d bytes", limit.Limit)
	case errors.Is(err, errNotJSON):
		p.Status = http.StatusBadRequest
	case errors.Is(err, errMediaType):
		p.Status = http.StatusUnsupportedMediaType
	case errors.Is(err, engine.ErrInvalid):
		p.Status = http.StatusUnprocessableEntity
	case errors.Is(err, engine.ErrNotFound), errors.Is(err, engine.ErrNoPackage), errors.Is(err, engine.ErrNoSource),
		errors.Is(err, engine.ErrSyncs):
		p.Status = http.StatusNotFound
	case errors.Is(err, engine.ErrNoVersion):
		p.Status = http.StatusConflict
	case errors.Is(err, engine.ErrBusy):
		p.Status = http.StatusTooManyRequests
	case errors.Is(err, engine.ErrTimeout), errors.Is(err, context.DeadlineExceeded):
		p.Status = http.StatusGatewayTimeout
	case is[runtime.Problems](err):
		p.Status = http.StatusServiceUnavailable
		p.Problems, _ = errors.AsType[runtime.Problems](err)
	case errors.Is(err, engine.ErrClosed), errors.Is(err, engine.ErrStopped), errors.Is(err, engine.ErrQuarantined), errors.Is(err, engine.ErrCrashed),
		errors.Is(err, context.Canceled), is[*sources.Error](err):
		p.Status = http.StatusServiceUnavailable
	}
	return p
}

func is[E error](err error) bool {
	_, ok := errors.AsType[E](err)
	return ok
}
