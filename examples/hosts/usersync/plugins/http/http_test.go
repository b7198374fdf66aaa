package http

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/scriptd/scriptd/examples/hosts/usersync/usersync"
	"github.com/scriptd/scriptd/plugin"
)

// use calls work with a data source of an API. The faults of APIs are in the host's tests.
func use(t *testing.T, api http.HandlerFunc, given map[string]any, work func(usersync.DataSource)) {
	t.Helper()
	srv := httptest.NewServer(api)
	defer srv.Close()
	given["url"] = srv.URL + "/api/?tenant=acme"
	if err := open(t.Context(), given, func(ds usersync.DataSource) error { work(ds); return nil }); err != nil {
		t.Fatal(err)
	}
}

func open(ctx context.Context, given map[string]any, use func(usersync.DataSource) error) error {
	d, err := apiType{}.Describe(ctx)
	if err != nil {
		return err
	}
	config, err := d.Config(given)
	if err != nil {
		return err
	}
	return apiType{}.Open(ctx, config, use)
}

func TestPages(t *testing.T) {
	const users = 5
	var asked []string
	use(t, func(w http.ResponseWriter, r *http.Request) {
		q := r.URL.Query()
		asked = append(asked, r.URL.Path+" "+q.Get("tenant")+" "+q.Get("page")+" "+q.Get("page_size")+" "+r.Header.Get("Authorization"))
		page, _ := strconv.Atoi(q.Get("page"))
		var results []string
		for i := (page - 1) * 2; i < min(page*2, users); i++ {
			results = append(results, fmt.Sprintf(`{"code": "u%d", "properties": {"n": "%d"}, "unknown": 1}`, i, i))
		}
		fmt.Fprintf(w, `{"count": %d, "results": [%s]}`, users, strings.Join(results, ","))
	}, map[string]any{"token": "t", "page_size": 2, "users_path": "v1/people"}, func(ds usersync.DataSource) {
		got, err := ds.FetchUsers(t.Context())
		if err != nil || len(got) != users || got[4].Code != "u4" || got[4].Properties["n"] != "4" {
			t.Errorf("got %+v and %v", got, err)
		}
	})
	if got, want := strings.Join(asked, "\n"), "/api/v1/people acme 1 2 Bearer t\n/api/v1/people acme 2 2 Bearer t\n/api/v1/people acme 3 2 Bearer t"; got != want {
		t.Errorf("asked\n%s\nwant\n%s", got, want)
	}
}

func TestConfigFaults(t *testing.T) {
	for want, given := range map[string]map[string]any{
		"url: want http:// or https:// with a host": {"url": "ftp://x"},
		"token: is missing, and auth is bearer":     {"url": "http://x"},
		"username: is missing, and auth is basic":   {"url": "http://x", "auth": "basic", "password": "p"},
	} {
		err := open(t.Context(), given, func(usersync.DataSource) error { t.Error("it is open"); return nil })
		if err == nil || err.Error() != want || !plugin.IsInvalid(err) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}

// A wait that would end after the deadline is not begun.
func TestRetryWithinTheDeadline(t *testing.T) {
	requests := 0
	use(t, func(w http.ResponseWriter, _ *http.Request) {
		requests++
		w.Header().Set("Retry-After", "3600")
		w.WriteHeader(http.StatusTooManyRequests)
	}, map[string]any{"auth": "none"}, func(ds usersync.DataSource) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		_, err := ds.FetchUsers(ctx)
		if err == nil || !strings.Contains(err.Error(), "429 Too Many Requests for users: the next try would be in 1h0m0s, which is too late") || !plugin.IsRetryable(err) {
			t.Errorf("got %v", err)
		}
	})
	if requests != 1 {
		t.Errorf("%d requests, want 1", requests)
	}
}

// A wait ends with its context.
func TestRetryIsCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	use(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", "3600")
		w.WriteHeader(http.StatusServiceUnavailable)
		cancel()
	}, map[string]any{"auth": "none"}, func(ds usersync.DataSource) {
		if _, err := ds.FetchUsers(ctx); !errors.Is(err, context.Canceled) {
			t.Errorf("got %v", err)
		}
	})
}

func TestRetryAfter(t *testing.T) {
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	for text, want := range map[string]time.Duration{
		"0": 0, "7": 7 * time.Second, "Fri, 02 Jan 2026 03:04:15 GMT": 10 * time.Second, "Fri, 02 Jan 2026 03:04:00 GMT": 0, "": -1, "soon": -1, "-1": -1,
	} {
		got, ok := retryAfter(http.Header{"Retry-After": {text}}, now)
		if ok != (want >= 0) || ok && got != want {
			t.Errorf("%q: got %s, %t, want %s", text, got, ok, want)
		}
	}
}
