package server_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/scriptd/scriptd/server"
)

// healthSource is a package that is well as long as a server says so.
const healthSource = `package health

import (
	"context"
	"errors"
	"net/http"

	"github.com/scriptd/scriptd/plugin"
)

func Register(r *plugin.Registrar) error {
	r.Health(func(ctx context.Context) error {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, "URL", nil)
		if err != nil {
			return err
		}
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			return err
		}
		defer resp.Body.Close()
		if resp.StatusCode != http.StatusOK {
			return errors.New("the harbour is " + resp.Status)
		}
		return nil
	})
	return r.Add(plugin.Spec{Name: "health"}, func(context.Context) error { return nil })
}
`

func TestReadyAsksThePackages(t *testing.T) {
	var answer atomic.Value
	answer.Store(func(w http.ResponseWriter, _ *http.Request) {})
	harbour := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		answer.Load().(func(http.ResponseWriter, *http.Request))(w, r)
	}))
	defer harbour.Close()
	eng := newEngine(t, map[string]string{"health/health.go": strings.Replace(healthSource, "URL", harbour.URL, 1)})
	srv := httptest.NewServer(server.New(eng, nil))
	defer srv.Close()
	if got := send(t, "GET", srv.URL+"/readyz", "", nil); got.status != http.StatusOK {
		t.Errorf("status %d: %s", got.status, got.body)
	}
	answer.Store(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) })
	got := send(t, "GET", srv.URL+"/readyz", "", nil)
	wantProblem(t, got, http.StatusServiceUnavailable, "package local/health: the harbour is 418")
	if got := send(t, "GET", srv.URL+"/healthz", "", nil); got.status != http.StatusOK {
		t.Errorf("healthz: status %d", got.status)
	}
	// One that does not answer is not waited for.
	answer.Store(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	start := time.Now()
	wantProblem(t, send(t, "GET", srv.URL+"/readyz", "", nil), http.StatusServiceUnavailable, "package local/health: ")
	if took := time.Since(start); took < 4*time.Second || took > 15*time.Second {
		t.Errorf("it took %s, want about 5s", took)
	}
}
