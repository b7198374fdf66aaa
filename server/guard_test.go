package server

import (
	"bytes"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/scriptd/scriptd/engine"
)

func TestPanicIsAnAnswer(t *testing.T) {
	var log bytes.Buffer
	s := New(&engine.Engine{}, &Options{Logger: slog.New(slog.NewTextHandler(&log, nil))})
	h := s.guard(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("out of cheese") }))
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/v1/plugins", nil))
	if w.Code != http.StatusInternalServerError || strings.Contains(w.Body.String(), "cheese") {
		t.Errorf("status %d, %s", w.Code, w.Body)
	}
	if !strings.Contains(log.String(), "out of cheese") || !strings.Contains(log.String(), "guard_test.go") {
		t.Errorf("log %s", log.String())
	}
}

func TestAbortStaysAnAbort(t *testing.T) {
	h := New(&engine.Engine{}, nil).guard(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }))
	defer func() {
		if err, ok := recover().(error); !ok || !errors.Is(err, http.ErrAbortHandler) {
			t.Errorf("recovered %v, want %v", err, http.ErrAbortHandler)
		}
	}()
	h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil))
}

func TestAnswerWithoutJSON(t *testing.T) {
	s := New(&engine.Engine{}, nil)
	w := httptest.NewRecorder()
	s.answer(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil), func() {})
	if w.Code != http.StatusInternalServerError || w.Header().Get("Content-Type") != "application/problem+json" {
		t.Errorf("status %d, %v", w.Code, w.Header())
	}
}
