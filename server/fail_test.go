package server

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/scriptd/scriptd/engine"
	"github.com/scriptd/scriptd/engine/runtime"
	"github.com/scriptd/scriptd/sources"
)

func TestStatusOfErrors(t *testing.T) {
	tests := []struct {
		name string
		err  error
		want int
	}{
		{"invalid parameters", &engine.InvalidError{Plugin: "p"}, 422},
		{"no such plugin", fmt.Errorf("%w: p", engine.ErrNotFound), 404},
		{"busy", fmt.Errorf("call p: %w", engine.ErrBusy), 429},
		{"timed out", fmt.Errorf("call p: %w", engine.ErrTimeout), 504},
		{"no such source", fmt.Errorf("%w: s", engine.ErrNoSource), 404},
		{"no such package", fmt.Errorf("%w: s/p", engine.ErrNoPackage), 404},
		{"no such version", fmt.Errorf("s/p: %w", engine.ErrNoVersion), 409},
		{"stopped", fmt.Errorf("call p: %w", engine.ErrStopped), 503},
		{"quarantined", fmt.Errorf("call p: %w", engine.ErrQuarantined), 503},
		{"closed", fmt.Errorf("call p: %w", engine.ErrClosed), 503},
		{"cancelled", fmt.Errorf("call p: %w", context.Canceled), 503},
		{"source code that does not load", runtime.Problems{{Message: "no"}}, 503},
		{"an origin that cannot be had", sources.Fail(sources.Denied, errors.New("no"), "list refs"), 503},
		{"too large", fmt.Errorf("read: %w", &http.MaxBytesError{Limit: 1}), 413},
		{"anything else", errors.New("no"), 500},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := New(&engine.Engine{}, nil)
			w := httptest.NewRecorder()
			s.fail(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil), tt.err)
			if w.Code != tt.want {
				t.Errorf("status %d, want %d", w.Code, tt.want)
			}
			if after := w.Header().Get("Retry-After"); (after != "") != (tt.want == http.StatusTooManyRequests || tt.name == "stopped") {
				t.Errorf("Retry-After %q", after)
			}
		})
	}
}
